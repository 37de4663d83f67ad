package devices

// What a program may use is a matter of each device's node here, so the answer comes with the opening.

func cameraPermission() error { return nil }

func microphonePermission() error { return nil }
