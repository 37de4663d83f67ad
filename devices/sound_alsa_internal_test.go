package devices

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
)

// cards is /proc/asound of a laptop with a headset, and of a driver with strange names.
func cards() fstest.MapFS {
	return fstest.MapFS{
		"cards": {Data: []byte(` 0 [PCH            ]: HDA-Intel - HDA Intel PCH
                      HDA Intel PCH at 0xf7d10000 irq 34
 1 [Headset        ]: USB-Audio - Desk: Headset - Pro
                      Maker Headset at usb-0000:00:14.0-1, full speed
 2 [Loopback       ]: Loopback - Loopback
                      Loopback 1
`)},
		"pcm": {Data: []byte(`00-00: ALC257 Analog : ALC257 Analog : playback 1 : capture 1
00-03: HDMI 0 : HDMI 0 : playback 1
01-00: USB Audio : USB Audio : playback 1 : capture 1
02-00: Loopback PCM : Loopback PCM : playback 8 : capture 8
02-01: Loopback PCM : Loopback PCM : playback 8 : capture 8
03-00: odd :  : capture 1
04-00:  : St` + "\xff\x01" + `range : capture 1
nonsense
05-xx: Bad : Bad : capture 1
06-00: short
`)},
	}
}

func all(string) error { return nil }

func labelled(found []hardware) (labels []string) {
	for _, h := range found {
		label := h.Label
		if h.Default {
			label = "*" + label
		}
		labels = append(labels, label)
	}
	return labels
}

func TestSoundCardsHaveTheNamesThatPeopleKnow(t *testing.T) {
	for kind, want := range map[Kind]string{
		KindSpeaker: `["*HDA Intel PCH, ALC257 Analog" "HDA Intel PCH, HDMI 0" "Desk: Headset - Pro, USB Audio" "Loopback, Loopback PCM" "Loopback, Loopback PCM (2)"]`,
		KindMicrophone: `["*HDA Intel PCH, ALC257 Analog" "Desk: Headset - Pro, USB Audio" "Loopback, Loopback PCM" "Loopback, Loopback PCM (2)" ` +
			`"odd" "St range"]`,
	} {
		if got := fmt.Sprintf("%q", labelled(alsaHardware(kind, cards(), all))); got != want {
			t.Errorf("%s: %s, want %s", kind, got, want)
		}
	}
	if found := alsaHardware(KindSpeaker, fstest.MapFS{}, all); len(found) != 0 {
		t.Errorf("without sound cards there are %+v", found)
	}
}

func TestASoundCardThatIsNotAllowedIsListedWithTheReason(t *testing.T) {
	found := alsaHardware(KindMicrophone, cards(), func(node string) error {
		if strings.HasPrefix(node, "/dev/snd/pcmC0D") || node == "/dev/snd/pcmC2D1c" {
			return ErrNotAllowed
		}
		return nil
	})
	if len(found) != 6 {
		t.Fatalf("listed are %q", labelled(found))
	}
	for i, h := range found {
		if refused := i == 0 || i == 3; errors.Is(h.Err, ErrNotAllowed) != refused {
			t.Errorf("%q: %v", h.Label, h.Err)
		}
		if h.Default != (i == 1) {
			t.Errorf("%q is the default: %v; that should be the first that may be used", h.Label, h.Default)
		}
	}
	found = alsaHardware(KindMicrophone, cards(), func(string) error { return ErrNotAllowed })
	if !found[0].Default {
		t.Error("where none may be used, the first should be the default, to tell why it fails")
	}
}

func TestANodeMayBeUsedByWhoItsModeLets(t *testing.T) {
	if os.Getuid() == 0 {
		if err := mayUse("/dev/null"); err != nil {
			t.Errorf("a node that is everybody's: %v", err)
		}
		if err := mayUse("/proc/version"); err != nil && !errors.Is(err, ErrNotAllowed) {
			t.Errorf("to write what is read only: %v", err)
		}
		return
	}
	if err := mayUse("/dev/mem"); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("a node of root's: %v", err)
	}
}

func TestTheProgramThatHasASoundCardIsNamed(t *testing.T) {
	holder := exec.Command("sleep", "60")
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = holder.Process.Kill()
		_ = holder.Wait()
	}()
	proc := cards()
	status := func(text string) { proc["card1/pcm0c/sub0/status"] = &fstest.MapFile{Data: []byte(text)} }
	headset := alsaHardware(KindMicrophone, proc, all)[1].alsa
	busy := fmt.Errorf("%w (busy)", ErrNotReadable)

	status(fmt.Sprintf("state: RUNNING\nowner_pid   : %d\ntrigger_time: 1.2\n", holder.Process.Pid))
	var inUse *InUseError
	if err := headset.heldBy(busy); !errors.As(err, &inUse) || inUse.Program != "sleep" || inUse.PID != holder.Process.Pid || !errors.Is(err, ErrNotReadable) {
		t.Errorf("held by sleep, told is %v", err)
	}
	for _, text := range []string{"closed\n", "", fmt.Sprintf("owner_pid : %d\n", os.Getpid()), "owner_pid : -1\n", "owner_pid : 999999999\n"} {
		status(text)
		if err := headset.heldBy(busy); err != busy {
			t.Errorf("with status %q, told is %v", text, err)
		}
	}
	if err := headset.heldBy(ErrNotAllowed); err != ErrNotAllowed {
		t.Errorf("another trouble became %v", err)
	}
}

func TestACallThatHangsIsGivenUpAndCleanedUpWhenItReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release, cleaned := make(chan struct{}), make(chan struct{})
		if within(func() { <-release }, func() { close(cleaned) }) {
			t.Error("it did not hang")
		}
		select {
		case <-cleaned:
			t.Error("it was cleaned up while it ran")
		default:
		}
		close(release)
		<-cleaned
		if !within(func() {}, func() { t.Error("what was in time was cleaned up") }) {
			t.Error("what returns was given up")
		}
	})
}

func TestAListThatHangsHoldsUpTheNextNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := soundSystem{turn: make(chan struct{}, 1)}
		s.turn <- struct{}{} // by a call that hangs
		if found, err := s.list(KindSpeaker); found != nil || !errors.Is(err, ErrNotReadable) {
			t.Errorf("listed are %v, %v", found, err)
		}
	})
}
