package peer

import (
	"fmt"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
)

// A browser reports arrivals in the name of the stream that the last of the packets belongs to. After a probe that is the stream of repairs, whose padding
// the probe consisted of. Pion reads what is said of a stream where it is sent by a track of this side, and nothing that is said of its repairs: the reports
// on all probes would be lost, but for the few that something else came after. So those streams are read here.

// hearOfRepairs begins to read what the other side reports in the name of this side's streams of repairs, unless it is a Parley, which names none of them. It
// is called once the connection is there.
func (l *link) hearOfRepairs() error {
	if l.toParley() {
		return nil
	}
	// A codec of no name: nothing comes by these streams.
	api := webrtc.NewAPI(webrtc.WithMediaEngine(&webrtc.MediaEngine{}), webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	for _, sender := range l.sent {
		for _, e := range sender.GetParameters().Encodings {
			if e.RTX.SSRC == 0 {
				continue
			}
			receiver, err := api.NewRTPReceiver(webrtc.RTPCodecTypeVideo, sender.Transport())
			if err != nil {
				return fmt.Errorf("reading reports on repairs: %w", err)
			}
			err = receiver.Receive(webrtc.RTPReceiveParameters{Encodings: []webrtc.RTPDecodingParameters{
				{RTPCodingParameters: webrtc.RTPCodingParameters{SSRC: e.RTX.SSRC}},
			}})
			if err != nil {
				return fmt.Errorf("reading reports on repairs: %w", err)
			}
			l.repairs = append(l.repairs, receiver)
			l.readers.Go(func() { readReports(receiver) })
		}
	}
	return nil
}
