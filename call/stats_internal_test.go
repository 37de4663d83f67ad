package call

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/call/video"
)

// numbered gives every exported field of a struct a value of its own.
func numbered(stats any, from int) {
	v := reflect.ValueOf(stats).Elem()
	for i := range v.NumField() {
		f := v.Field(i)
		switch n := from + i; {
		case !f.CanSet():
		case f.Type() == reflect.TypeFor[time.Duration]():
			f.SetInt(int64(n) * int64(time.Second))
		case f.Kind() == reflect.Int:
			f.SetInt(int64(n))
		case f.Kind() == reflect.Float64:
			f.SetFloat(float64(n))
		case f.Kind() == reflect.String:
			f.SetString(strings.Repeat("a", n))
		}
	}
}

// compare checks that told has what measured has under the same name, durations in seconds, and says which fields of measured it lacks.
func compare(t *testing.T, measured, told any) (lacks []string) {
	t.Helper()
	m, out := reflect.ValueOf(measured), reflect.ValueOf(told)
	for i := range m.NumField() {
		field := m.Type().Field(i)
		got := out.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, field.Name) })
		if !field.IsExported() {
			continue
		}
		if !got.IsValid() {
			lacks = append(lacks, field.Name)
			continue
		}
		want := m.Field(i)
		if d, ok := want.Interface().(time.Duration); ok {
			want = reflect.ValueOf(d.Seconds())
		}
		if want.CanConvert(got.Type()) {
			want = want.Convert(got.Type())
		}
		if got.Kind() != reflect.Map && !got.Equal(want) {
			t.Errorf("%s is told as %v, want %v", field.Name, got, want)
		}
	}
	return lacks
}

func TestEachNumberIsToldUnderItsOwnName(t *testing.T) {
	var in video.ReceiverStats
	numbered(&in, 1)
	told := inVideoOf(in)
	if lacks := compare(t, in, *told); !slices.Equal(lacks, []string{"DecodedAge"}) || told.CaptureToDecoded != 1000*in.DecodedAge.Seconds() {
		t.Errorf("of what comes in %v are not told; the age as %v", lacks, told.CaptureToDecoded)
	}

	var encoded video.SenderStats
	var sent video.OutletStats
	numbered(&encoded, 1)
	numbered(&sent, 100)
	sent.QualityLimitationDurations = video.LimitationDurations{None: time.Second, CPU: 2 * time.Second, Bandwidth: 3 * time.Second, Other: 4 * time.Second}
	out := outVideoOf(encoded, sent)
	if lacks := compare(t, sent, *out); !slices.Equal(lacks, []string{"KeyFramesSent"}) {
		t.Errorf("of what is sent %v are not told", lacks)
	}
	if out.FramesEncoded != encoded.FramesEncoded || out.KeyFramesEncoded != encoded.KeyFramesEncoded || out.ActiveEncoders != encoded.Encoders ||
		out.TotalEncodeTime != encoded.TotalEncodeTime.Seconds() {
		t.Errorf("of %+v is told %+v", encoded, out)
	}
	for name, want := range map[string]float64{"none": 1, "cpu": 2, "bandwidth": 3, "other": 4} {
		if got := out.QualityLimitationDurations[name]; got != want {
			t.Errorf("limited by %s for %v s, want %v", name, got, want)
		}
	}
}
