package video_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/call/codec"
	"parley/call/coded"
	"parley/call/video"
	"parley/devices/frame"
)

func named(t testing.TB, names ...string) (all []codec.Codec) {
	t.Helper()
	for _, c := range codec.Available() {
		if slices.Contains(names, c.Name) {
			all = append(all, c)
		}
	}
	if len(all) != len(names) {
		t.Fatalf("%v of %v", all, names)
	}
	return all
}

// guest is one more person who watches a sender.
type guest struct {
	*viewer
	wire *wire
	seat *video.Outlet
}

// invite lets somebody watch who takes those codecs.
func invite(t testing.TB, s *video.Sender, id string, codecs ...codec.Codec) *guest {
	t.Helper()
	g := &guest{wire: newWire()}
	g.seat = bindAs(t, s, bindContext{id: id, writer: g.wire, also: codecs})
	g.viewer = watch(g.wire, func() { g.seat.RequestKeyFrame() })
	return g
}

// leave ends watching, and returns what was seen after checking that all of it was sound.
func (g *guest) leave(t testing.TB) []shown {
	t.Helper()
	g.seat.Close()
	time.Sleep(time.Second)
	synctest.Wait()
	g.wire.close()
	if err := <-g.done; err != nil {
		t.Error(err)
	}
	return g.pictures(t)
}

// gets checks in which codec the person gets the picture, and shows it.
func (g *guest) gets(t testing.TB, name string) {
	t.Helper()
	want := named(t, name)[0]
	if out := g.seat.Stats(); out.MIMEType != want.MIMEType || out.EncoderImplementation != want.Library {
		t.Errorf("%s by %s is sent, want %s", out.MIMEType, out.EncoderImplementation, want.MIMEType)
	}
	if in := g.Stats(); in.MIMEType != want.MIMEType || in.DecoderImplementation != want.Library {
		t.Errorf("%s by %s is received, want %s", in.MIMEType, in.DecoderImplementation, want.MIMEType)
	}
}

func TestAPictureArrivesInEachCodec(t *testing.T) {
	for _, c := range codec.Available() {
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				camera, s := newCamera(320, 180), video.NewSender(video.SenderConfig{BitRate: 500_000})
				s.SetSource(camera)
				g := invite(t, s, "one", c)
				time.Sleep(2 * time.Second)
				camera.resize(240, 136)
				time.Sleep(2 * time.Second)
				g.gets(t, c.Name)
				s.Close()
				pictures := g.leave(t)
				if n := len(pictures); n < 110 || pictures[n-1].width != 240 {
					t.Errorf("%d pictures, the last %d wide", n, pictures[n-1].width)
				}
				if in := g.Stats(); in.PLICount > 0 || in.FramesDropped > 0 || in.FreezeCount > 0 {
					t.Errorf("%+v", in)
				}
			})
		})
	}
}

// Each change is a key frame of another codec on the same track, and nobody sees it.
func TestAScreenIsVP9WhileAllHaveIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := video.NewSender(video.SenderConfig{Screen: true})
		s.SetSource(newCamera(320, 180))
		both := invite(t, s, "both", named(t, "VP8", "VP9")...)
		time.Sleep(3 * time.Second)
		both.gets(t, "VP9")
		for range 2 {
			one := invite(t, s, "one", named(t, "VP8")...)
			time.Sleep(3 * time.Second)
			both.gets(t, "VP8")
			one.gets(t, "VP8")
			if n := s.Stats().Encoders; n != 1 {
				t.Errorf("%d encoders for two people who share a codec", n)
			}
			if n := len(one.leave(t)); n < 80 {
				t.Errorf("%d pictures in three seconds", n)
			}
			time.Sleep(3 * time.Second)
			both.gets(t, "VP9")
		}
		s.Close()
		pictures := both.leave(t)
		for i, p := range pictures[1:] {
			if apart := p.at.Sub(pictures[i].at); apart > 4*frameTime {
				t.Errorf("a picture stood for %v", apart)
			}
		}
		if in := both.Stats(); in.PLICount > 0 || in.FreezeCount > 0 || in.FramesDropped > 2 {
			t.Errorf("%+v", in)
		}
	})
}

func TestACameraIsVP9OnlyWhileThePathIsNarrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := video.NewSender(video.SenderConfig{})
		s.SetSource(newCamera(480, 270))
		g := invite(t, s, "one", named(t, "VP8", "VP9")...)
		for _, phase := range []struct {
			bitRate int
			lasts   time.Duration
			codec   string
		}{
			{2_000_000, 3 * time.Second, "VP8"},
			{175_000, 5 * time.Second, "VP8"}, // it may get better
			{175_000, 12 * time.Second, "VP9"},
			{2_000_000, 3 * time.Second, "VP8"},
		} {
			g.seat.SetAllowance(phase.bitRate)
			time.Sleep(phase.lasts)
			g.gets(t, phase.codec)
		}
		s.Close()
		g.leave(t)
		if in := g.Stats(); in.PLICount > 0 || in.FreezeCount > 0 {
			t.Errorf("%+v", in)
		}
	})
}

func TestThoseWhoShareNoCodecGetTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := video.NewSender(video.SenderConfig{})
		s.SetSource(newCamera(320, 180))
		one, other, both := invite(t, s, "1", named(t, "VP8")...), invite(t, s, "2", named(t, "VP9")...), invite(t, s, "3", named(t, "VP8", "VP9")...)
		time.Sleep(3 * time.Second)
		one.gets(t, "VP8")
		other.gets(t, "VP9")
		both.gets(t, "VP8")
		if n := s.Stats().Encoders; n != 2 {
			t.Errorf("%d encoders", n)
		}
		s.Close()
		for _, g := range []*guest{one, other, both} {
			if n := len(g.leave(t)); n < 80 {
				t.Errorf("%d pictures in three seconds", n)
			}
		}
	})
}

// keyFrames returns one of each codec, cut into payloads.
func keyFrames(t *testing.T, width, height int) (payloads [][][]byte) {
	t.Helper()
	for _, c := range named(t, "VP8", "VP9") {
		e, err := c.NewEncoder(coded.Settings{Width: width, Height: height, BitRate: 100_000})
		if err != nil {
			t.Fatal(err)
		}
		f, err := e.Encode(frame.New(width, height).YCbCr, 0, true)
		if err != nil {
			t.Fatal(err)
		}
		splitter := c.Format.NewSplitter(1)
		if err := splitter.Start(f.Data, true); err != nil {
			t.Fatal(err)
		}
		var all [][]byte
		for last := false; !last; {
			buf, n := make([]byte, 1200), 0
			n, last = splitter.Next(buf)
			all = append(all, buf[:n])
		}
		payloads = append(payloads, all)
		e.Close()
	}
	return payloads
}

func TestAPeerCannotMakeUsChangeCodecsWithoutEnd(t *testing.T) {
	frames := keyFrames(t, 64, 64)
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		v := watch(w, nil)
		sequence := uint16(0)
		for n := range 1000 { // the clock of the bubble stands still
			for i, payload := range frames[n%2] {
				raw := packetOf(sequence, uint32(n), i == len(frames[n%2])-1, payload...)
				raw[1] = raw[1]&0x80 | byte(96+n%2*2)
				w.deliver(raw)
				sequence++
			}
			synctest.Wait()
		}
		// Where there is not enough left for a change, there is for some frames in between.
		if n := v.Stats().FramesDecoded; n < 2 || n > 130 {
			t.Errorf("%d frames, each in another codec, decoded in no time", n)
		}
		w.close()
		<-v.done
	})
}

// repairs is a track of which each packet came again, as pion hands it out: in the payload type of the packet before it.
type repairs struct {
	packets [][]byte
	types   []uint8 // that they were sent in
}

func (r *repairs) Read(b []byte) (int, interceptor.Attributes, error) {
	if len(r.packets) == 0 {
		return script{next: func() []byte { return nil }}.Read(b)
	}
	n := copy(b, r.packets[0])
	a := interceptor.Attributes{webrtc.AttributeRtxSsrc: uint32(1), webrtc.AttributeRtxPayloadType: r.types[0]}
	r.packets, r.types = r.packets[1:], r.types[1:]
	return n, a, nil
}

func (r *repairs) SetReadDeadline(time.Time) error { return nil }

func TestARepairIsReadInTheCodecThatItWasSentIn(t *testing.T) {
	track := &repairs{}
	for i, payload := range keyFrames(t, 64, 64)[1] {
		raw := packetOf(uint16(i), 1, true, payload...) // says VP8
		track.packets, track.types = append(track.packets, raw), append(track.types, 99)
	}
	if len(track.packets) != 1 {
		t.Fatalf("%d packets", len(track.packets))
	}
	var slot frame.Slot
	r := video.NewReceiver(video.ReceiverConfig{Track: track, Out: &slot, RequestKeyFrame: func() {}, Codecs: []webrtc.RTPCodecParameters{
		{PayloadType: 96, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}},
		{PayloadType: 98, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP9, SDPFmtpLine: "profile-id=0"}},
		{PayloadType: 99, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeRTX, SDPFmtpLine: "apt=98"}},
	}})
	if err := r.Run(); err != nil {
		t.Fatal(err)
	}
	if s := r.Stats(); s.MIMEType != webrtc.MimeTypeVP9 || s.FramesDecoded != 1 {
		t.Errorf("%+v", s)
	}
	slot.Close()
}

func TestARefusedCodecIsNotSent(t *testing.T) {
	s := newSender(t)
	var seen rtp.Header
	o := s.NewOutlet()
	chosen, err := o.Bind(bindContext{id: "one", writer: headers{&seen}, also: named(t, "VP9")})
	if err != nil || chosen.MimeType != webrtc.MimeTypeVP9 {
		t.Fatalf("%v, %v", chosen, err)
	}
	c := newConveyor()
	s.SetSource(c)
	f := frame.New(64, 64)
	c.frames <- f
	c.frames <- f.Retain() // the first is through
	s.SetSource(nil)
	if seen.PayloadType != 98 {
		t.Errorf("sent in payload type %d", seen.PayloadType)
	}
}

// headers is a connection that takes note of the last header.
type headers struct{ last *rtp.Header }

func (w headers) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	*w.last = *h
	return len(payload), nil
}
func (headers) Write([]byte) (int, error) { panic("the sender writes header and payload") }
