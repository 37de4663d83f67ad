package pipewire

import (
	"errors"
	"image"
	"testing"
	"time"

	"parley/devices/bgra"
)

// SetAgreeing changes how long a source and its reader may take to agree, until the test ends.
func SetAgreeing(t *testing.T, d time.Duration) {
	was := agreeing
	t.Cleanup(func() { agreeing = was })
	agreeing = d
}

func TestWithoutTheLibraryThereIsNoPipeWire(t *testing.T) {
	for _, file := range []string{"libpipewire-of-another-world.so.0", "libc.so.6"} {
		if err := loadLibrary(file); !errors.Is(err, ErrAbsent) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestAPathThatHasWarmedUpDoesNotAllocate(t *testing.T) {
	src := make([]byte, 64*48*4)
	for order, crop := range map[bgra.Order]image.Rectangle{
		bgra.BGRA: image.Rect(3, 3, 40, 40), bgra.NV12: image.Rect(4, 4, 40, 40), bgra.YUY2: image.Rect(0, 0, 64, 48),
	} {
		var s Stream
		n := testing.AllocsPerRun(100, func() {
			f, err := s.convert(src, naturalStride(order, 64), order, image.Pt(64, 48), crop)
			if err != nil {
				t.Fatal(err)
			}
			s.slot.Put(f)
		})
		s.slot.Close()
		if n != 0 {
			t.Errorf("%v: %v allocations a picture", order, n)
		}
	}
}

func TestADaemonThatNeverStopsListingIsCutOff(t *testing.T) {
	r := Remote{nodes: map[uint32]string{}}
	for id := range uint32(10 * maxNodes) {
		r.nodeCame(id, "Video/Source", "camera")
	}
	if n := len(r.nodes); n != maxNodes {
		t.Errorf("%d cameras are kept, want %d", n, maxNodes)
	}
}
