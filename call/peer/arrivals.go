package peer

import (
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// How often the other side is told what arrived. What a path that becomes narrow loses until the sender knows is sound as well as pictures, so that pion's
// 100 ms are long; 50 ms take 15 kbit/s. The reports are not even: those in step with the pictures would find a full queue full each time.
const (
	arrivalsPeriod = 50 * time.Millisecond
	arrivalsUneven = 20 * time.Millisecond // longer or shorter at the most
)

// arrivals is an interceptor that tells the other side when each packet came, of all streams of a connection, by the number that each bears
// (https://datatracker.ietf.org/doc/html/draft-holmer-rmcat-transport-wide-cc-extensions-01). Pion has one too, which wakes a goroutine for each packet: a
// tenth of all waking in a call. This one takes its notes on the goroutine that reads.
type arrivals struct {
	interceptor.NoOp

	mu       sync.Mutex // guards what follows
	recorder *twcc.Recorder
	began    time.Time
	far      uint32 // an SSRC of the peer's, not one of repairs
	writer   interceptor.RTCPWriter
	running  bool // there is a goroutine
	ended    bool
	quit     chan struct{}
	done     chan struct{}
}

func newArrivals() *arrivals {
	return &arrivals{
		recorder: twcc.NewRecorder(rand.Uint32()), began: time.Now(), quit: make(chan struct{}), done: make(chan struct{}),
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
	repairs := strings.EqualFold(info.MimeType, webrtc.MimeTypeRTX) || strings.EqualFold(info.MimeType, webrtc.MimeTypeFlexFEC03)
	if a.mu.Lock(); !repairs || a.far == 0 {
		a.far = info.SSRC
	}
	a.mu.Unlock()
	number := extensionID(info, sdp.TransportCCURI)
	if number == 0 {
		return reader
	}
	return interceptor.RTPReaderFunc(func(b []byte, with interceptor.Attributes) (int, interceptor.Attributes, error) {
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
			a.note(extension.TransportSequence, time.Now())
		}
		return n, with, nil
	})
}

// note takes it that the packet with that number came.
func (a *arrivals) note(number uint16, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended {
		return
	}
	// Where the report names a stream of repairs, pion's end of it finds nobody to give it to.
	a.recorder.Record(a.far, number, now.Sub(a.began).Microseconds())
	if !a.running {
		a.running = true
		go a.run()
	}
}

// run is the goroutine that reports, from the first packet to the end.
func (a *arrivals) run() {
	defer close(a.done)
	next := func() time.Duration { return arrivalsPeriod - arrivalsUneven + rand.N(2*arrivalsUneven) }
	timer := time.NewTimer(next())
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			a.report()
			timer.Reset(next())
		case <-a.quit:
			return
		}
	}
}

func (a *arrivals) report() {
	a.mu.Lock()
	reports, writer := a.recorder.BuildFeedbackPacket(), a.writer
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
