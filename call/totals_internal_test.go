package call

import (
	"reflect"
	"slices"
	"testing"

	"parley/call/audio"
	"parley/call/flexfec"
	"parley/call/video"
)

// A number that is added to the statistics is a total or a state of the moment, and this test asks which.
func TestEveryTotalGoesOnWithTheTracksThatFollow(t *testing.T) {
	moment := []string{
		"Jitter", "AudioLevel", // of sound
		"FrameWidth", "FrameHeight", "FramesPerSecond", "DecodedAge", // of pictures
		"FreezeCount", "TotalFreezesDuration", "PauseCount", "TotalPausesDuration", "TotalInterFrameDelay", "TotalSquaredInterFrameDelay", // likewise; see GoOnFrom
	}
	check := func(one, sum reflect.Value) {
		for i := range one.NumField() {
			f := one.Type().Field(i)
			if !f.IsExported() || f.Type.Kind() == reflect.String { // which name a thing
				continue
			}
			want := 2.0
			if slices.Contains(moment, f.Name) {
				want = 1
			}
			if got := sum.Field(i).Convert(reflect.TypeFor[float64]()).Float(); got != want {
				t.Errorf("%v.%s: %v of 1 and 1, not %v", one.Type(), f.Name, got, want)
			}
		}
	}
	var sound audio.ReceiverStats
	var picture video.ReceiverStats
	var recovery flexfec.Stats
	ones(&sound)
	ones(&picture)
	ones(&recovery)
	check(reflect.ValueOf(sound), reflect.ValueOf(plusSound(sound, sound)))
	check(reflect.ValueOf(picture), reflect.ValueOf(plusVideo(picture, picture)))
	check(reflect.ValueOf(recovery), reflect.ValueOf(plusRecovery(recovery, recovery)))
}

// ones sets every exported number to 1.
func ones(stats any) {
	v := reflect.ValueOf(stats).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.CanSet() && f.Kind() != reflect.String {
			f.Set(reflect.ValueOf(1).Convert(f.Type()))
		}
	}
}
