package audio_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"

	"parley/call/audio"
	"parley/devices"
)

func TestTheMicrophoneIsSentAsOnePacketEach20ms(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var r room
		e := r.engine(t)
		w := tap(t, e, nil)
		if err := e.SetMicrophone("0"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second + 5*time.Millisecond)
		packets := w.sent()
		if len(packets) < 49 || len(packets) > 50 {
			t.Fatalf("%d packets in a second", len(packets))
		}
		for i, p := range packets {
			if p.Marker != (i == 0) {
				t.Errorf("packet %d: marker %v; it belongs on the first of a spurt", i, p.Marker)
			}
			if i > 0 && (p.SequenceNumber != packets[i-1].SequenceNumber+1 || p.Timestamp != packets[i-1].Timestamp+960) {
				t.Errorf("packet %d does not follow the one before", i)
			}
		}
		stats := e.Stats()
		if stats.PacketsSent != uint64(len(packets)) || stats.BytesSent < 2000 || stats.TotalSamplesDuration < 0.98 {
			t.Errorf("told is %+v", stats)
		}
	})
}

func TestNothingIsSentWhileMuted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "0", steady(40*time.Millisecond))
		time.Sleep(time.Second + 5*time.Millisecond)
		before := c.wire.sent()
		c.singer.SetMuted(true)
		time.Sleep(10 * time.Second)
		muted := c.wire.sent()
		if len(muted) != 2 || len(muted[0].Payload) != 1 || len(muted[1].Payload) != 1 {
			t.Errorf("while muted, %d packets were sent; want two, empty, that say so", len(muted))
		}
		if c.singer.Level() < 0.5 {
			t.Error("the level of a muted microphone is not measured")
		}
		made := c.receiver.Stats()
		if made.ConcealedSamples > 0 {
			t.Errorf("%d samples of a pause count as concealed", made.ConcealedSamples)
		}
		if c.receiver.Level() > 0 {
			t.Error("somebody who is muted is heard")
		}
		c.singer.SetMuted(false)
		time.Sleep(10 * time.Second)
		after := c.wire.sent()
		if len(after) < 499 || !after[0].Marker {
			t.Fatalf("after it, %d packets were sent, with marker %v", len(after), after[0].Marker)
		}
		last := before[len(before)-1]
		passed := after[0].at.Sub(last.at) * audio.SampleRate / time.Second
		if stamps := time.Duration(after[0].Timestamp - last.Timestamp); (stamps - passed).Abs() > 960 {
			t.Errorf("timestamps passed over %d samples of a pause of %d", stamps, passed)
		}
		if c.receiver.Stats().PacketsLost != 0 {
			t.Error("a pause counts as loss")
		}
		c.there.heard()
		time.Sleep(5 * time.Second)
		if n := c.inOrder(0); n < 23 {
			t.Errorf("after it, of 25 tones %d in a row were heard", n)
		}
	})
}

func TestSilenceCostsLittle(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "hush", steady(40*time.Millisecond))
		time.Sleep(2 * time.Second)
		c.wire.sent()
		time.Sleep(10 * time.Second)
		if n := len(c.wire.sent()); n > 80 {
			t.Errorf("10 s of silence took %d packets", n)
		}
		if stats := c.receiver.Stats(); stats.ConcealedSamples > 0 {
			t.Errorf("%d samples of it count as concealed", stats.ConcealedSamples)
		}
	})
}

func TestAnotherMicrophoneGoesOnWhereTheLastOneWas(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := call{path: newPath(steady(40 * time.Millisecond))}
		c.here.opening = 700 * time.Millisecond
		c.start(t, "0")
		for _, voice := range []string{"1", "2", "0"} {
			time.Sleep(time.Second + 3*time.Millisecond)
			if err := c.singer.SetMicrophone(voice); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(2 * time.Second)
		packets := c.wire.sent()
		for i := 1; i < len(packets); i++ {
			p, before := packets[i], packets[i-1]
			if p.SequenceNumber != before.SequenceNumber+1 || p.Timestamp != before.Timestamp+960 {
				t.Errorf("after %d packets, %d samples and %d packets on", i,
					p.Timestamp-before.Timestamp, p.SequenceNumber-before.SequenceNumber)
			}
		}
		if s := c.receiver.Stats(); s.ConcealedSamples > 960 {
			t.Errorf("%d samples were missing at the far end", s.ConcealedSamples)
		}
		for i, d := range c.here.microphones[:3] {
			select {
			case <-d.stop:
			default:
				t.Errorf("microphone %d was left open", i)
			}
		}
	})
}

func TestAMicrophoneThatIsOpenedLaterKeepsTheClock(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "0", steady(40*time.Millisecond))
		time.Sleep(time.Second)
		if err := c.singer.SetMicrophone(devices.None); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		if c.singer.Level() != 0 {
			t.Error("a microphone that is closed has a level")
		}
		before := c.wire.sent()
		if err := c.singer.SetMicrophone("1"); err != nil {
			t.Fatal(err)
		}
		c.there.heard()
		time.Sleep(5 * time.Second)
		after := c.wire.sent()
		last := before[len(before)-1]
		passed := after[0].at.Sub(last.at) * audio.SampleRate / time.Second
		if stamps := time.Duration(after[0].Timestamp - last.Timestamp); (stamps - passed).Abs() > 2*960 {
			t.Errorf("timestamps passed over %d samples of a pause of %d", stamps, passed)
		}
		if n := c.inOrder(1); n < 23 {
			t.Errorf("of 25 tones, %d in a row were heard", n)
		}
		if s := c.receiver.Stats(); s.ConcealedSamples > 0 {
			t.Errorf("%d samples of the pause count as concealed", s.ConcealedSamples)
		}
	})
}

func TestADeviceThatFailsIsToldAndMayBeOpenedAgain(t *testing.T) {
	for name, test := range map[string]struct {
		fail func(*device)
		want error
	}{
		"unplugged with a word": {func(d *device) { d.unplug(devices.ErrNotReadable) }, devices.ErrNotReadable},
		"ended without one":     {func(d *device) { d.unplug(nil) }, devices.ErrGone},
		"fell silent":           {(*device).stall, devices.ErrGone},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var r room
				changed := make(chan struct{}, 10)
				e := audio.NewEngine(audio.Config{
					OpenMicrophone: r.openMicrophone, OpenSpeaker: r.openSpeaker,
					OnChange: func() { changed <- struct{}{} },
				})
				defer e.Close()
				kinds := []struct {
					label string
					set   func(string) error
					state func() (label, using string, err error)
					list  *[]*device
				}{
					{"0", e.SetMicrophone, e.Microphone, &r.microphones},
					{"loud", e.SetSpeaker, e.Speaker, &r.speakers},
				}
				for _, k := range kinds {
					if err := k.set(k.label); err != nil {
						t.Fatal(err)
					}
					<-changed
					time.Sleep(10 * time.Second)
					if label, _, err := k.state(); label != k.label || err != nil {
						t.Fatalf("of a device that runs, told is %q, %v", label, err)
					}
					test.fail(r.newest(k.list))
					<-changed
					if label, _, err := k.state(); label != k.label || !errors.Is(err, test.want) {
						t.Errorf("told is %q, %v; want %q, %v", label, err, k.label, test.want)
					}
					if err := k.set(k.label); err != nil {
						t.Errorf("opening it again: %v", err)
					}
					<-changed
					if _, _, err := k.state(); err != nil {
						t.Errorf("opened again, told is %v", err)
					}
				}
			})
		})
	}
}

func TestAMicrophoneThatRunsIsLeftAlone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var r room
		e := r.engine(t)
		for range 3 {
			if err := e.SetMicrophone("0"); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(r.microphones); n != 1 {
			t.Errorf("it was opened %d times", n)
		}
	})
}

func TestPeopleAreMeasuredWithoutASpeaker(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "0", steady(40*time.Millisecond))
		if err := c.listener.SetSpeaker(devices.None); err != nil {
			t.Fatal(err)
		}
		c.there.heard()
		time.Sleep(5 * time.Second)
		if n := len(c.there.heard()); n > 0 {
			t.Errorf("%d samples were heard", n)
		}
		if c.receiver.Level() < 0.5 || c.receiver.Stats().TotalSamplesReceived < 4*audio.SampleRate {
			t.Errorf("level %v, %+v", c.receiver.Level(), c.receiver.Stats())
		}
	})
}

func TestAVolumeOfZeroIsSilent(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "0", steady(40*time.Millisecond))
		time.Sleep(time.Second)
		c.receiver.SetVolume(0)
		time.Sleep(15 * time.Millisecond)
		c.there.heard()
		time.Sleep(time.Second)
		for _, s := range c.there.heard() {
			if s != 0 {
				t.Fatal("something is heard")
			}
		}
		if c.receiver.Level() < 0.5 {
			t.Error("the level follows the volume")
		}
	})
}

func TestTheLevelFollowsTheSoundAndFallsSmoothly(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var r room
		e := r.engine(t)
		if err := e.SetMicrophone("0"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		if l := e.Level(); l < 0.73 || l > 0.76 { // -12 dB below a sine of full scale, which is -15 dBFS
			t.Errorf("a tone of -15 dBFS has level %.3f, want 0.75", l)
		}
		if l := e.Stats().AudioLevel; l < 0.17 || l > 0.19 {
			t.Errorf("its audioLevel is %.3f, want 0.178", l)
		}
		if err := e.SetMicrophone("hush"); err != nil {
			t.Fatal(err)
		}
		last := 1.0
		for range 5 {
			time.Sleep(50 * time.Millisecond)
			l := e.Level()
			if l <= 0 || l >= last {
				t.Errorf("in silence, the level went from %.3f to %.3f", last, l)
			}
			last = l
		}
		time.Sleep(time.Second)
		if l := e.Level(); l != 0 {
			t.Errorf("after a second of silence, the level is %.3f", l)
		}
	})
}

// garbage is a track on which no packet can be parsed.
type garbage struct{ reads int }

func (g *garbage) ReadRTP() (*rtp.Packet, interceptor.Attributes, error) {
	g.reads++
	return nil, nil, errors.New("not RTP")
}

func TestATrackOfGarbageIsGivenUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var r room
		track := new(garbage)
		receiver := r.engine(t).Receive(track, 0)
		<-receiver.Done()
		if track.reads < 2 {
			t.Error("one bad packet was enough to silence somebody")
		}
	})
}

func TestClosingEndsEverything(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "0", steady(40*time.Millisecond))
		time.Sleep(time.Second)
		for range 2 {
			if err := c.listener.Close(); err != nil {
				t.Error(err)
			}
		}
		<-c.receiver.Done()
		if err := c.listener.SetSpeaker("loud"); !errors.Is(err, audio.ErrClosed) {
			t.Errorf("a closed engine opened a speaker: %v", err)
		}
		if err := c.listener.SetMicrophone("0"); !errors.Is(err, audio.ErrClosed) {
			t.Errorf("a closed engine opened a microphone: %v", err)
		}
		<-c.listener.Receive(c.path, 0).Done()
		synctest.Wait()
		for _, d := range c.there.speakers {
			select {
			case <-d.stop:
			default:
				t.Error("a speaker was left open")
			}
		}
	})
}

func TestAReceiverEndsWithItsTrack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newCall(t, "0", steady(40*time.Millisecond))
		time.Sleep(time.Second)
		c.path.end()
		<-c.receiver.Done()
		time.Sleep(50 * time.Millisecond)
		c.there.heard()
		time.Sleep(time.Second)
		for _, s := range c.there.heard() {
			if s != 0 {
				t.Fatal("somebody who has left is heard")
			}
		}
		c.receiver.Close()
		c.receiver.Close()
	})
}
