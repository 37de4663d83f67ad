package codec_test

import (
	"image"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"parley/call/codec"
	"parley/call/coded"
	"parley/call/payload"
	"parley/devices/pattern"
)

const (
	pathWidth, pathHeight = 320, 240
	pathFrames            = 150
)

// packet is what of an RTP packet matters here.
type packet struct {
	sequence int
	frame    int // stands for the timestamp
	marker   bool
	payload  []byte
}

// network loses, repeats and reorders packets, always the same for one seed.
type network struct {
	*rand.Rand
	loss    float64
	waiting []packet
}

// carry takes packets and returns those that arrive meanwhile.
func (n *network) carry(sent []packet) (arrived []packet) {
	for _, p := range sent {
		if n.Float64() < n.loss {
			continue
		}
		n.waiting = append(n.waiting, p)
		if n.Float64() < 0.05 {
			n.waiting = append(n.waiting, p) // twice
		}
	}
	for ; len(n.waiting) >= 3; n.waiting = n.waiting[3:] { // three at a time, in any order
		n.Shuffle(3, func(i, k int) { n.waiting[i], n.waiting[k] = n.waiting[k], n.waiting[i] })
		arrived = append(arrived, n.waiting[:3]...)
	}
	return arrived
}

// receiver is the simplest that is right. It waits for a missing packet until one of the third frame after it comes, and then for
// a key frame.
type receiver struct {
	codec   codec.Codec
	decoder coded.Decoder
	joiner  payload.Joiner
	packets map[int]packet // by sequence number
	next    int            // the sequence number that comes next; -1 while a key frame is looked for
	newest  int            // frame
	shown   map[int]uint64 // the counters that were read, by frame
	gaveUp  int
}

// take accepts a packet and decodes what is whole.
func (r *receiver) take(t *testing.T, p packet) {
	if p.sequence >= r.next {
		r.packets[p.sequence], r.newest = p, max(r.newest, p.frame)
	}
	for r.step(t) {
	}
}

// step decodes one frame, or gives one up, or finds a key frame; false when there is nothing to do.
func (r *receiver) step(t *testing.T) bool {
	sequences := slices.Sorted(maps.Keys(r.packets))
	if len(sequences) == 0 {
		return false
	}
	if r.next < 0 {
		first := slices.IndexFunc(sequences, func(s int) bool { return r.parse(t, s).KeyFrame })
		if first < 0 {
			return false
		}
		r.next = sequences[first]
		r.forget(r.next)
		return true
	}
	r.joiner.Reset()
	for s := r.next; ; s++ {
		p, ok := r.packets[s]
		if !ok {
			break
		}
		r.joiner.Add(r.parse(t, s))
		if p.marker {
			r.next = s + 1
			r.decode(t, p.frame)
			r.forget(s + 1)
			return true
		}
	}
	oldest := r.packets[sequences[0]].frame
	if r.newest <= oldest+2 {
		return false
	}
	for _, s := range sequences {
		if r.packets[s].frame <= oldest {
			delete(r.packets, s)
		}
	}
	r.gaveUp++
	r.next = -1
	return true
}

func (r *receiver) parse(t *testing.T, sequence int) payload.Part {
	part, err := r.codec.Format.Parse(r.packets[sequence].payload)
	if err != nil {
		t.Fatal(err)
	}
	return part
}

func (r *receiver) forget(before int) {
	maps.DeleteFunc(r.packets, func(s int, _ packet) bool { return s < before })
}

func (r *receiver) decode(t *testing.T, n int) {
	data, err := r.joiner.Frame()
	if err != nil {
		t.Fatal(err)
	}
	picture, err := r.decoder.Decode(data)
	if err != nil {
		t.Fatalf("frame %d, which is whole and follows: %v", n, err)
	}
	defer picture.Release()
	reading, ok := pattern.Read(picture.YCbCr)
	if !ok {
		t.Fatalf("frame %d is garbage", n)
	}
	if _, again := r.shown[n]; again {
		t.Fatalf("frame %d is shown twice", n)
	}
	r.shown[n] = reading.Counter
}

// send encodes a film, carries it over the network, and returns the receiver, and how many frames were sent.
func send(t *testing.T, c codec.Codec, loss float64) (r *receiver, sent int) {
	encoder, err := c.NewEncoder(coded.Settings{Width: pathWidth, Height: pathHeight, BitRate: 700_000})
	if err != nil {
		t.Fatal(err)
	}
	defer encoder.Close()
	decoder, err := c.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	r = &receiver{codec: c, decoder: decoder, packets: map[int]packet{}, next: -1, shown: map[int]uint64{}}
	net := network{Rand: rand.New(rand.NewPCG(4, 2)), loss: loss}
	splitter, sequence := c.Format.NewSplitter(0x7ff0), 0
	img := image.NewYCbCr(image.Rect(0, 0, pathWidth, pathHeight), image.YCbCrSubsampleRatio420)
	for n := range pathFrames {
		pattern.Draw(img, drawn(n), 7)
		f, err := encoder.Encode(img, int64(n)*3000, r.next < 0 && n > 0)
		if err != nil {
			t.Fatal(err)
		}
		if f.Data == nil {
			continue
		}
		sent++
		if err := splitter.Start(f.Data, f.KeyFrame); err != nil {
			t.Fatal(err)
		}
		var packets []packet
		for last := false; !last; sequence++ {
			buf := make([]byte, 600)
			var size int
			size, last = splitter.Next(buf)
			packets = append(packets, packet{sequence: sequence, frame: n, marker: last, payload: buf[:size]})
		}
		for _, p := range net.carry(packets) {
			r.take(t, p)
		}
	}
	return r, sent
}

// drawn is the moment of frame n.
func drawn(n int) time.Duration { return time.Minute + time.Duration(n)*time.Second/30 }

func TestAPicturePassesThroughEveryStageOfEveryCodec(t *testing.T) {
	for _, c := range codec.Available() {
		for name, loss := range map[string]float64{"all arrives": 0, "some is lost": 0.03} {
			t.Run(c.Name+"/"+name, func(t *testing.T) {
				r, sent := send(t, c, loss)
				for n, counter := range r.shown {
					if want := uint64(drawn(n).Microseconds()); counter != want {
						t.Errorf("frame %d shows %d, want %d", n, counter, want)
					}
				}
				t.Logf("%d of %d pictures were encoded, %d shown, %d given up", sent, pathFrames, len(r.shown), r.gaveUp)
				if sent < pathFrames*2/3 {
					t.Errorf("%d of %d pictures were encoded", sent, pathFrames)
				}
				if loss == 0 && (len(r.shown) < sent-2 || r.gaveUp > 0) { // the last wait for what comes after them
					t.Errorf("%d of %d frames were shown, %d given up", len(r.shown), sent, r.gaveUp)
				}
				if loss > 0 && (r.gaveUp == 0 || len(r.shown) < sent/4) {
					t.Errorf("%d of %d frames were shown, %d given up", len(r.shown), sent, r.gaveUp)
				}
			})
		}
	}
}
