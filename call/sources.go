package call

import (
	"context"
	"image"
	"log/slog"
	"time"

	"parley/call/audio"
	"parley/devices"
	"parley/devices/frame"
)

// Camera is an open camera; *devices.Camera is one. See there.
type Camera interface {
	Next(ctx context.Context) (*frame.Frame, error)
	Label() string
	Close() error
}

// Screen is a screen or a window that is being captured; *devices.Screen is one. See there.
type Screen interface {
	Camera
	Restore() string
}

// MediaConfig says where the local side's pictures and sound come from. The functions that are nil are those of package devices.
type MediaConfig struct {
	Format         devices.Format // what a camera is asked for
	OpenCamera     func(label string, want devices.Format) (Camera, error)
	OpenMicrophone func(label string, channels int, block func([]int16, time.Time)) (audio.Device, error)
	OpenSpeaker    func(label string, channels int, fill func([]int16)) (audio.Device, error)
	OpenScreen     func(s Share, restore string) (Screen, error) // may wait for the user, whom the system asks
	Thumbnail      func(kind devices.Kind, label string, width, height int) (image.Image, error)
	List           func(kind devices.Kind) []devices.Device
	WatchDevices   func(ctx context.Context, changed func())

	// Restore returns what OnRestore was given last, in an earlier run of the program too: with it the system need not ask the user again
	// which screen to share. Nil remembers nothing.
	Restore   func() string
	OnRestore func(token string)

	Logger *slog.Logger
}

func (cfg MediaConfig) withDefaults() MediaConfig {
	cfg = cfg.withDevices()
	if cfg.Thumbnail == nil {
		cfg.Thumbnail = devices.Thumbnail
	}
	if cfg.List == nil {
		cfg.List = devices.List
	}
	if cfg.WatchDevices == nil {
		cfg.WatchDevices = devices.Watch
	}
	if cfg.Restore == nil {
		cfg.Restore = func() string { return "" }
	}
	if cfg.OnRestore == nil {
		cfg.OnRestore = func(string) {}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return cfg
}

// withDevices opens real devices where nothing else was said.
func (cfg MediaConfig) withDevices() MediaConfig {
	if cfg.OpenCamera == nil {
		cfg.OpenCamera = func(label string, want devices.Format) (Camera, error) {
			return opened[Camera](devices.OpenCamera(label, want))
		}
	}
	if cfg.OpenMicrophone == nil {
		cfg.OpenMicrophone = func(label string, channels int, block func([]int16, time.Time)) (audio.Device, error) {
			return opened[audio.Device](devices.OpenMicrophone(label, channels, block))
		}
	}
	if cfg.OpenSpeaker == nil {
		cfg.OpenSpeaker = func(label string, channels int, fill func([]int16)) (audio.Device, error) {
			return opened[audio.Device](devices.OpenSpeaker(label, channels, fill))
		}
	}
	if cfg.OpenScreen == nil {
		cfg.OpenScreen = func(s Share, restore string) (Screen, error) {
			format := devices.ScreenFormat{FrameRate: s.FrameRate, Restore: restore}
			return opened[Screen](devices.OpenScreen(s.Kind, s.Label, format))
		}
	}
	return cfg
}

// opened returns no device where there is an error, and not one that points nowhere.
func opened[I any, D any](d D, err error) (I, error) {
	if err != nil {
		var none I
		return none, err
	}
	return any(d).(I), nil
}
