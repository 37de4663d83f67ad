package audio

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"

	"parley/call/opus"
)

const (
	maxVolume = 2.0
	// maxBadReads is how many reads in a row may fail before a track is given up. A packet that cannot be parsed fails one.
	maxBadReads = 50
)

// Track is where a person's packets come from; [github.com/pion/webrtc/v4.TrackRemote] is one. If it has a method
// SetReadDeadline(time.Time) error too, [Receiver.Close] uses it to end a read that waits. If it has a method Codec, that tells what the
// packet read last is, Opus or RED; else all are Opus.
type Track interface {
	ReadRTP() (*rtp.Packet, interceptor.Attributes, error)
}

// Receiver plays one person's sound. It is made by [Engine.Receive]; any goroutine may use it.
type Receiver struct {
	engine *Engine
	track  Track
	log    *slog.Logger
	ended  chan struct{} // closed when the reading goroutine is done
	// inPlace is closed when there is sound in no other's place any more. The mixer guards the rest.
	inPlace   chan struct{}
	tookPlace bool      // inPlace is closed
	former    *Receiver // in whose place this is to play; nil when it does
	awaited   int       // samples for which a pause of former was waited for
	meter     meter

	// mu is held for the copy of a packet, or the decoding of one frame. The speaker's thread waits for no longer than that.
	mu       sync.Mutex
	closed   bool
	playout  playout
	sequence sequence
	ssrc     uint32
	format   format
	levelID  uint8 // of the header extension with the level, or 0
	said     said
	volume   float32
	applied  float32 // the volume that the last block ended with
}

func newReceiver(e *Engine, track Track, levelID uint8) *Receiver {
	r := &Receiver{engine: e, track: track, levelID: levelID, log: e.log, ended: make(chan struct{}), inPlace: make(chan struct{}), volume: 1, applied: 1}
	r.playout.decoder, r.playout.deep.reader = newDecoder(), opus.NewDRED()
	return r
}

// run reads the track until it ends.
func (r *Receiver) run() {
	defer close(r.ended)
	defer r.engine.mixer.remove(r)
	for bad := 0; bad < maxBadReads; {
		packet, _, err := r.track.ReadRTP()
		switch {
		case r.isClosed(), errors.Is(err, io.EOF), errors.Is(err, io.ErrClosedPipe), errors.Is(err, os.ErrDeadlineExceeded):
			return
		case err != nil:
			bad++
			r.log.Debug("a packet of sound could not be read", "error", err)
		default:
			bad = 0
			r.format.follow(r.track, packet.PayloadType)
			r.push(packet, time.Now())
		}
	}
	r.log.Warn("a track of sound was given up, since it could not be read")
}

func (r *Receiver) push(packet *rtp.Packet, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	stats := &r.playout.stats
	if packet.SSRC != r.ssrc && stats.PacketsReceived > 0 {
		r.playout.buffer.restart()
		r.playout.startAfresh()
		r.sequence.restart()
	}
	r.ssrc = packet.SSRC
	r.sequence.add(packet.SequenceNumber)
	stats.PacketsReceived++
	stats.BytesReceived += uint64(len(packet.Payload))
	if len(packet.Payload) == 0 { // packets of padding alone probe the path
		return
	}
	if level, voice, ok := readLevel(packet.GetExtension(r.levelID)); ok && r.levelID != 0 {
		r.said.note(level, voice, now)
	}
	if !r.format.red {
		r.playout.push(packet.SequenceNumber, packet.Timestamp, packet.Payload, now)
		return
	}
	var blocks [redMaxBlocks]redBlock
	n := parseRED(packet.Payload, &blocks)
	if n == 0 || blocks[n-1].payloadType != r.format.opus {
		stats.PacketsDiscarded++
		return
	}
	r.playout.pushRED(packet.SequenceNumber, packet.Timestamp, r.format.copies(blocks[:n]), now)
}

// pull makes the next samples of both channels, as many as part holds, and says whether a sound goes on that came.
func (r *Receiver) pull(part []int16, now time.Time) (sounds bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.playout.pull(part, now)
	r.meter.add(part, Channels, now)
	return r.playout.playing && !r.playout.concealing
}

// addTo adds samples of both channels to sum, as loud as the user wants the person, times what goes from one number to the other meanwhile.
func (r *Receiver) addTo(sum []float32, part []int16, from, to float32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	step := (r.volume - r.applied) / float32(len(sum)) // a volume that jumps clicks
	fade := (to - from) / float32(len(sum))
	if step == 0 && fade == 0 { // as nearly always
		volume := r.applied * from
		for i, s := range part {
			sum[i] += float32(s) * volume
		}
		return
	}
	for i, s := range part {
		r.applied += step
		from += fade
		sum[i] += float32(s) * r.applied * from
	}
	r.applied = r.volume
}

// Level says how loud the person is: 0 for -60 dBFS and less, 1 for full scale. It falls smoothly, and does not
// depend on the volume. Where the person says it with each packet (RFC 6464), it is what they say.
func (r *Receiver) Level() float64 {
	level, _ := r.Voice()
	return level
}

// Voice returns the [Receiver.Level], and whether it is that of a voice, as far as the person says so; where they say nothing of it, whatever is
// as loud as a voice counts as one.
func (r *Receiver) Voice() (level float64, voice bool) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.said.fresh(now) {
		return r.said.fallen(now), r.said.voice
	}
	level = r.meter.level(now)
	return level, level >= quietVoice
}

// SetVolume makes the person louder or softer: 0 is silent, 1 as sent, and 2, twice the amplitude, the most.
func (r *Receiver) SetVolume(volume float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.volume = float32(min(maxVolume, max(0, volume)))
}

// takeVolume makes a receiver as loud as a former one, which may be nil.
func (r *Receiver) takeVolume(former *Receiver) {
	if former == nil {
		return
	}
	former.mu.Lock()
	defer former.mu.Unlock()
	r.volume, r.applied = former.volume, former.volume
}

// Stats returns what came so far.
func (r *Receiver) Stats() ReceiverStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	stats := r.playout.stats
	stats.PacketsLost = r.sequence.lost()
	stats.PacketsDiscarded += r.playout.buffer.thrown
	stats.FECPacketsDiscarded += r.playout.buffer.copiesThrown
	stats.Jitter = r.playout.buffer.arrivals.jitter / SampleRate
	stats.AudioLevel, stats.TotalAudioEnergy, stats.TotalSamplesDuration = r.meter.totals()
	return stats
}

// Close takes the person out of the mix at once. The goroutine that reads the track ends with its next read, or
// right away if the track has a read deadline; see [Receiver.Done]. A second Close does nothing.
func (r *Receiver) Close() {
	r.mu.Lock()
	closed := r.closed
	r.closed = true
	r.mu.Unlock()
	if closed {
		return
	}
	r.engine.mixer.remove(r)
	if track, ok := r.track.(interface{ SetReadDeadline(time.Time) error }); ok {
		if err := track.SetReadDeadline(time.Unix(0, 1)); err != nil {
			r.log.Debug("a read of sound could not be ended", "error", err)
		}
	}
}

// Done is closed when the receiver's goroutine has ended: after Close, or since the track ended.
func (r *Receiver) Done() <-chan struct{} { return r.ended }

// InPlace is closed when there is sound of the receiver, and the one whose place it took by [Engine.ReceiveAfter] is heard no more. It stays
// open if that never comes to be.
func (r *Receiver) InPlace() <-chan struct{} { return r.inPlace }

func (r *Receiver) isClosed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}
