package devices

// #cgo CFLAGS: -x objective-c
// #cgo LDFLAGS: -framework AVFoundation -framework Foundation
//
// #import <AVFoundation/AVFoundation.h>
// #import <dispatch/dispatch.h>
//
// static NSString *mediaType(int sound) { return sound ? AVMediaTypeAudio : AVMediaTypeVideo; }
//
// // devicesStatus returns the AVAuthorizationStatus, and asks nobody.
// static int devicesStatus(int sound) {
//	@autoreleasepool {
//		return (int)[AVCaptureDevice authorizationStatusForMediaType:mediaType(sound)];
//	}
// }
//
// // devicesMayAsk says whether the system would let this program ask: it ends a bundle that asks and does not say why.
// static int devicesMayAsk(int sound) {
//	@autoreleasepool {
//		NSBundle *bundle = [NSBundle mainBundle];
//		NSString *key = sound ? @"NSMicrophoneUsageDescription" : @"NSCameraUsageDescription";
//		return bundle.bundleIdentifier == nil || [bundle objectForInfoDictionaryKey:key] != nil;
//	}
// }
//
// // devicesAsk has the system ask the user, and waits for the answer. Not for the main thread.
// static void devicesAsk(int sound) {
//	@autoreleasepool {
//		dispatch_semaphore_t answered = dispatch_semaphore_create(0);
//		[AVCaptureDevice requestAccessForMediaType:mediaType(sound) completionHandler:^(BOOL granted) {
//			dispatch_semaphore_signal(answered);
//		}];
//		dispatch_semaphore_wait(answered, DISPATCH_TIME_FOREVER);
//		dispatch_release(answered);
//	}
// }
import "C"

import (
	"fmt"
	"time"
)

// cameraPermission returns why cameras must not be used. It has the system ask the user where that was never done, and waits.
func cameraPermission() error { return ask(KindCamera) }

// cameraRefused returns why cameras must not be used, as far as the user was asked.
func cameraRefused() error { return status(KindCamera).refusal(KindCamera) }

// microphonePermission returns why microphones must not be used. It has the system ask the user where that was never
// done, and waits.
func microphonePermission() error { return ask(KindMicrophone) }

// ask returns why a device must not be used, after the user was asked.
// https://developer.apple.com/documentation/avfoundation/requesting-authorization-to-capture-and-save-media
func ask(kind Kind) error {
	if status(kind) == notAsked {
		if C.devicesMayAsk(isSound(kind)) == 0 {
			return fmt.Errorf("%w: the program's Info.plist does not say what it uses the %s for", ErrNotAllowed, kind)
		}
		answered := make(chan struct{})
		go func() {
			defer close(answered)
			C.devicesAsk(isSound(kind)) // any number may ask at once, and all get the one answer
		}()
		select {
		case <-answered:
		case <-time.After(answerPatience):
			return errNotAnswered
		}
	}
	return status(kind).refusal(kind)
}

func status(kind Kind) authorization { return authorization(C.devicesStatus(isSound(kind))) }

func isSound(kind Kind) C.int {
	if kind == KindMicrophone {
		return 1
	}
	return 0
}
