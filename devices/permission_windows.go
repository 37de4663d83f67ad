package devices

import (
	"golang.org/x/sys/windows/registry"
)

// consentStore is where Windows keeps the switches of its privacy settings. It asks nobody: a program that is not from its store is
// let in or kept out by them. "Camera privacy setting"
// https://support.microsoft.com/windows/windows-camera-microphone-and-privacy-a83257bc-e990-d54a-d212-b5e41beba857
const consentStore = `Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\`

// cameraPermission returns why cameras must not be used.
func cameraPermission() error { return consentTo(KindCamera, consents("webcam")) }

// cameraRefused returns the same: there is nobody to ask.
func cameraRefused() error { return cameraPermission() }

// microphonePermission returns why microphones must not be used.
func microphonePermission() error { return consentTo(KindMicrophone, consents("microphone")) }

// consents reads the switches for one kind of device.
func consents(name string) []consent {
	path := consentStore + name
	return []consent{
		{"everybody on this machine", consentIn(registry.LOCAL_MACHINE, path)},
		{"all programs of this account", consentIn(registry.CURRENT_USER, path)},
		{"desktop programs on this machine", consentIn(registry.LOCAL_MACHINE, path+`\NonPackaged`)},
		{"desktop programs of this account", consentIn(registry.CURRENT_USER, path+`\NonPackaged`)},
	}
}

// consentIn returns the value of one switch; empty where there is none, or it may not be read.
func consentIn(root registry.Key, path string) string {
	key, err := registry.OpenKey(root, path, registry.QUERY_VALUE)
	if err != nil {
		return ""
	}
	defer key.Close()
	value, _, err := key.GetStringValue("Value")
	if err != nil {
		return ""
	}
	return value
}
