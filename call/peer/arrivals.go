package peer

import (
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// How often the other side is told what arrived. What a path that becomes narrow loses until the sender knows is sound as well as pictures, so that pion's
// 100 ms are long; 50 ms take 15 kbit/s. The reports are not even: those in step with the pictures would find a full queue full each time.
const (
	arrivalsPeriod = 50 * time.Millisecond
	arrivalsUneven = 20 * time.Millisecond  // longer or shorter at the most
	arrivalsFirst  = 300 * time.Millisecond // in which the other side learns how wide the path is,
	arrivalsSoon   = 20 * time.Millisecond  // and is told so often
	mostApart      = 16                     // reports at once
)

// arrivals is an interceptor that tells the other side when each packet came, of all streams of a connection, by the number that each bears
// (https://datatracker.ietf.org/doc/html/draft-holmer-rmcat-transport-wide-cc-extensions-01). Pion has one too, which wakes a goroutine for each packet: a
// tenth of all waking in a call. This one takes its notes on the goroutine that reads. To a browser it also tells the most that it may send (REMB), while the
// way from there is jammed or its losses are on trial: see incoming.
type arrivals struct {
	interceptor.NoOp

	mu       sync.Mutex // guards what follows
	recorder *twcc.Recorder
	began    time.Time
	far      uint32 // an SSRC of the peer's, not one of repairs
	writer   interceptor.RTCPWriter
	incoming incoming
	apart    []rtcp.Packet // reports that are to be sent with the next, so that this does not tell what was lost in between
	running  bool          // there is a goroutine
	ended    bool
	quit     chan struct{}
	hurry    chan struct{} // holds a token when there is something to say that cannot wait
	hurried  time.Time     // when that last was
	done     chan struct{}
	ahead    sync.WaitGroup // streams that are read before pion does
}

func newArrivals() *arrivals {
	return &arrivals{
		recorder: twcc.NewRecorder(rand.Uint32()), began: time.Now(), quit: make(chan struct{}), hurry: make(chan struct{}, 1), done: make(chan struct{}),
	}
}

// BindRTCPWriter implements interceptor.Interceptor.
func (a *arrivals) BindRTCPWriter(writer interceptor.RTCPWriter) interceptor.RTCPWriter {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.writer = writer
	return writer
}

// BindRemoteStream implements interceptor.Interceptor.
func (a *arrivals) BindRemoteStream(info *interceptor.StreamInfo, reader interceptor.RTPReader) interceptor.RTPReader {
	if info.MimeType == "" {
		return reader // a stream of this side's, about which something may be reported; see hearOfRepairs
	}
	repairs := strings.EqualFold(info.MimeType, webrtc.MimeTypeRTX) || strings.EqualFold(info.MimeType, webrtc.MimeTypeFlexFEC03)
	if a.mu.Lock(); !repairs || a.far == 0 {
		a.far = info.SSRC
	}
	a.mu.Unlock()
	number, when := extensionID(info, sdp.TransportCCURI), extensionID(info, sdp.ABSSendTimeURI)
	if number == 0 {
		return reader
	}
	picture := strings.HasPrefix(strings.ToLower(info.MimeType), "video/")
	noted := interceptor.RTPReaderFunc(func(b []byte, with interceptor.Attributes) (int, interceptor.Attributes, error) {
		n, with, err := reader.Read(b, with)
		if err != nil {
			return n, with, err
		}
		if with == nil {
			with = interceptor.Attributes{}
		}
		header, err := with.GetRTPHeader(b[:n])
		if err != nil {
			return 0, nil, err
		}
		var extension rtp.TransportCCExtension
		if extension.Unmarshal(header.GetExtension(number)) == nil { // else the packet bears none
			p := arrival{number: extension.TransportSequence, size: n, picture: picture}
			p.timed = when != 0 && p.sent.Unmarshal(header.GetExtension(when)) == nil
			a.note(p, time.Now())
		}
		return n, with, nil
	})
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended || !strings.EqualFold(info.MimeType, webrtc.MimeTypeRTX) {
		return noted
	}
	ahead := newReadAhead(noted)
	a.ahead.Go(ahead.run)
	return ahead
}

// second is that of incoming.
func (a *arrivals) second(now time.Time) heard {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.incoming.second(now)
}

// jammed is that of [Conn.Jammed].
func (a *arrivals) jammed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.incoming.jam.grows()
}

// note takes it that a packet came.
func (a *arrivals) note(p arrival, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended {
		return
	}
	if a.incoming.discreet() && a.incoming.ahead(p.number) > 1 && len(a.apart) < mostApart {
		// A report tells of all packets between its first and its last.
		a.apart = append(a.apart, a.recorder.BuildFeedbackPacket()...)
		a.recorder = twcc.NewRecorder(rand.Uint32())
	}
	// Where the report names a stream of repairs, pion's end of it finds nobody to give it to.
	a.recorder.Record(a.far, p.number, now.Sub(a.began).Microseconds())
	if a.incoming.note(p, now) && now.Sub(a.hurried) >= arrivalsPeriod {
		a.hurried = now
		select {
		case a.hurry <- struct{}{}:
		default:
		}
	}
	if !a.running {
		a.running = true
		go a.run()
	}
}

// run is the goroutine that reports, from the first packet to the end.
func (a *arrivals) run() {
	defer close(a.done)
	began := time.Now()
	next := func() time.Duration {
		if time.Since(began) < arrivalsFirst {
			return arrivalsSoon
		}
		return arrivalsPeriod - arrivalsUneven + rand.N(2*arrivalsUneven)
	}
	timer := time.NewTimer(next())
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			a.report()
			timer.Reset(next())
		case <-a.hurry:
			a.report()
		case <-a.quit:
			return
		}
	}
}

func (a *arrivals) report() {
	a.mu.Lock()
	reports, writer := append(a.apart, a.recorder.BuildFeedbackPacket()...), a.writer
	a.apart = nil
	if bitRate, ok := a.incoming.ceiling(time.Now()); ok {
		reports = append(reports, &rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: float32(bitRate), SSRCs: []uint32{a.far}})
	}
	a.mu.Unlock()
	if len(reports) > 0 && writer != nil {
		_, _ = writer.Write(reports, nil) // what is lost is in none of the next, as on the network
	}
}

// Close ends the goroutine and waits for it. A second Close does nothing.
func (a *arrivals) Close() error {
	a.mu.Lock()
	running, ended := a.running, a.ended
	a.ended = true
	a.mu.Unlock()
	if !ended {
		close(a.quit)
	}
	if running {
		<-a.done
	}
	a.ahead.Wait()
	return nil
}

// extensionID returns the number of a header extension of a stream; 0 where the peer does not know it.
func extensionID(info *interceptor.StreamInfo, uri string) uint8 {
	for _, e := range info.RTPHeaderExtensions {
		if e.URI == uri {
			return uint8(e.ID)
		}
	}
	return 0
}
