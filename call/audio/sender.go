package audio

import (
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"parley/call/opus"
)

const (
	// deviceGap is the silence of a microphone after which it is taken to have lost samples, not to have been late.
	deviceGap = 200 * time.Millisecond
	// endings is how often it is said that no sound follows, and once more for each copy that the loss calls for: were it said once and lost, the
	// pause would be taken for loss.
	endings = 2
)

// sender makes RTP of the microphone's blocks: one encoder, one packet after the other, however many peers. One goroutine runs it; the
// lock lets others mute and ask meanwhile, and is held while one frame is encoded and sent.
type sender struct {
	streamID string
	feeds    feeds
	queue    *captureQueue
	meter    meter // of the microphone
	after    meter // of what came out of the processing
	talk     *talk
	taps     taps
	clean    *cleaner
	muted    atomic.Bool // what the user wants now; blocks carry it from the moment they were captured
	music    atomic.Bool // likewise
	log      *slog.Logger
	one      [BlockSize]int16 // the block that is being processed, on one channel; of run

	mu       sync.Mutex
	encoder  *opus.Encoder
	need     need                        // that the encoder is set to
	both     bool                        // the encoder is that for music, of both channels
	frame    [Channels * frameSize]int16 // to be sent next
	mono     [frameSize]int16            // of both channels, for a voice's encoder
	filled   int                         // samples of each channel in frame
	quiet    bool                        // the frame holds sound of while the user was muted
	packet   outgoing
	buffer   [maxPayload]byte
	bare     [maxPayload]byte
	clock    uint32    // RTP timestamp of the next sample
	captured time.Time // of the block before
	resting  bool      // nothing is being sent: muted, silent, or no microphone
	ended    int       // times that this was said
	stats    SenderStats
}

func newSender(streamID string, clean *cleaner, log *slog.Logger) *sender {
	s := &sender{
		streamID: streamID, queue: newCaptureQueue(), talk: newTalk(), clean: clean, log: log,
		encoder: newEncoder(), need: need{percent: usualLoss * 100, rate: voiceRates.usual}, resting: true, ended: endings + mostCopies, clock: rand.Uint32(),
	}
	s.packet.header.Version = 2
	s.packet.header.SequenceNumber = uint16(rand.Uint32())
	return s
}

// run encodes what comes until stop is closed.
func (s *sender) run(stop <-chan struct{}) {
	var b block
	for {
		select {
		case <-stop:
			return
		case <-s.queue.ready:
		}
		for s.queue.take(&b) {
			s.process(&b)
		}
	}
}

// process measures, cleans, records and sends a block.
func (s *sender) process(b *block) {
	one := s.one[:]
	downmix(one, b.samples[:])
	s.meter.add(one, 1, time.Now())
	s.talk.add(one)
	if !s.music.Load() {
		if b.hardware {
			s.clean.suit(s.talk.clarity())
			s.clean.capture(one, b.captured, b.fast)
		}
		toBoth(b.samples[:], one)
	}
	s.after.add(one, 1, time.Now())
	s.taps.add(one)
	s.add(b)
}

// add puts a block behind the ones before, and sends the frame when it is full.
func (s *sender) add(b *block) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp(b)
	n := copy(s.frame[Channels*s.filled:], b.samples[:])
	if b.muted || s.muted.Load() {
		clear(s.frame[Channels*s.filled:][:n])
		s.quiet = true
	}
	s.filled += n / Channels
	if s.filled < frameSize {
		return
	}
	if s.quiet {
		s.rest()
	} else {
		s.send()
	}
	s.clock += frameSize
	s.filled, s.quiet = 0, false
}

// catchUp lets the RTP clock pass over what was never captured or was lost on the way: timestamps count the time at the microphone.
func (s *sender) catchUp(b *block) {
	missed := b.lost
	if pause := b.captured.Sub(s.captured); !s.captured.IsZero() && pause > deviceGap {
		missed = max(missed, toSamples(pause-blockTime))
	}
	s.captured = b.captured
	if missed > 0 {
		s.clock += uint32(missed) + uint32(s.filled)
		s.filled, s.quiet = 0, false
	}
}

// send encodes the frame. Of silence, the encoder asks to send empty packets, and then none but a sample of the
// background each 400 ms (DTX).
func (s *sender) send() {
	if music := s.music.Load(); music != s.both {
		s.change(music)
	}
	n, err := s.encode()
	if err != nil {
		s.log.Warn("Opus could not encode", "error", err)
		return
	}
	payload := s.buffer[:n]
	if endsSpurt(payload) {
		s.end(payload)
		return
	}
	s.write(payload, s.resting)
	s.resting, s.ended = false, 0
}

// encode encodes the frame into the buffer.
func (s *sender) encode() (int, error) {
	if s.both {
		return s.encoder.Encode(s.frame[:], s.buffer[:])
	}
	downmix(s.mono[:], s.frame[:])
	return s.encoder.Encode(s.mono[:], s.buffer[:])
}

// end tells the peers that no sound follows, so that they don't take the pause for loss.
func (s *sender) end(payload []byte) {
	if s.ended < endings+s.need.copies {
		s.write(payload, false)
		s.ended++
	}
	s.resting = true
}

// rest is end with the microphone's sound left out: an Opus packet that is empty but for its first byte. The encoder starts afresh
// afterwards, without the sound of before.
func (s *sender) rest() {
	const hybridFullband20ms = 15 << 3
	afresh := !s.resting
	s.buffer[0] = hybridFullband20ms
	s.end(s.buffer[:1])
	if !afresh {
		return
	}
	if err := s.encoder.Reset(); err != nil {
		s.log.Warn("Opus could not start afresh", "error", err)
	}
}

// write hands a packet to all peers. One that cannot take it must not keep it from the others, and is not this
// package's matter: its connection tells.
func (s *sender) write(payload []byte, first bool) {
	p := &s.packet
	p.header.Marker, p.header.Timestamp, p.payload, p.bare = first, s.clock, payload, payload
	if s.need.deep > 0 {
		p.bare = opus.Unpad(s.bare[:copy(s.bare[:], payload)])
	}
	p.level[0] = levelSilence
	if !endsSpurt(payload) {
		talking, _ := s.talk.state()
		p.level[0] = levelByte(rootMeanSquare(s.frame[:]), talking)
	}
	for _, f := range s.feeds.list() {
		copies, err := f.write(p)
		if err != nil {
			s.log.Debug("a peer did not take a packet of sound", "error", err)
		}
		s.stats.CopiesSent += uint64(copies)
	}
	p.before.keep(s.clock, p.bare)
	p.header.SequenceNumber++
	s.stats.PacketsSent++
	s.stats.BytesSent += uint64(len(payload))
}

// setMuted returns when no more of the microphone will be sent.
func (s *sender) setMuted(muted bool) {
	s.muted.Store(muted)
	s.mu.Lock() // waits for a frame that is on its way
	defer s.mu.Unlock()
	if muted {
		s.quiet = s.quiet || s.filled > 0
	}
}

// stopped says that no microphone is there any more.
func (s *sender) stopped() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock += uint32(s.filled)
	s.filled, s.quiet = 0, false
	s.rest()
	s.clock += frameSize // of which the empty packet was
	if !s.captured.IsZero() {
		s.captured = s.captured.Add(frameSize * time.Second / SampleRate)
	}
	s.meter.silence()
	s.after.silence()
}

func (s *sender) snapshot() SenderStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	stats.AudioLevel, stats.TotalAudioEnergy, stats.TotalSamplesDuration = s.after.totals()
	stats.DroppedSamplesSeconds = float64(s.queue.droppedSamples()) / SampleRate
	return stats
}
