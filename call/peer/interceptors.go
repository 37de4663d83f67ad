package peer

import (
	"fmt"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/webrtc/v4"
)

// sentPackets is how many packets of a stream are kept for those who ask for them again: 4 s of 2 Mbit/s, 2 s of 5.
const sentPackets = 1024

// newInterceptors names what stands between the tracks and the network, and offers the feedback and the header extensions that go with it.
// The first is the nearest to the network: it sees what the others send, repairs for instance, and sees first what comes in. Pion's own
// statistics are not among them: nothing reads them.
func newInterceptors(media *webrtc.MediaEngine, log pionLog) (*interceptor.Registry, error) {
	registry := &interceptor.Registry{}
	// A number on each packet, sound too, over all streams: what the other side tells of their arrival is what congestion is seen by.
	// It goes before the repairs, which are to be numbered as well.
	if err := webrtc.ConfigureTWCCHeaderExtensionSender(media, registry); err != nil {
		return nil, fmt.Errorf("numbering packets: %w", err)
	}
	if err := addRepairs(media, registry, log); err != nil {
		return nil, fmt.Errorf("setting up repairs: %w", err)
	}
	if err := webrtc.ConfigureRTCPReportsWithOptions(registry,
		[]report.ReceiverOption{report.WithReceiverLoggerFactory(log)}, report.WithSenderLoggerFactory(log)); err != nil {
		return nil, fmt.Errorf("setting up reports: %w", err)
	}
	if err := webrtc.ConfigureSimulcastExtensionHeaders(media); err != nil {
		return nil, fmt.Errorf("naming streams: %w", err)
	}
	if err := webrtc.ConfigureTWCCSenderWithOptions(media, registry, twcc.WithLoggerFactory(log)); err != nil {
		return nil, fmt.Errorf("reporting arrivals: %w", err)
	}
	return registry, nil
}

// addRepairs answers those who ask for packets again (RFC 4585 6.2.1). Who receives a track asks for what it misses by itself; see
// [Conn.RequestRepair].
func addRepairs(media *webrtc.MediaEngine, registry *interceptor.Registry, log pionLog) error {
	media.RegisterFeedback(webrtc.RTCPFeedback{Type: "nack"}, webrtc.RTPCodecTypeVideo)
	media.RegisterFeedback(webrtc.RTCPFeedback{Type: "nack", Parameter: "pli"}, webrtc.RTPCodecTypeVideo)
	responder, err := nack.NewResponderInterceptor(nack.ResponderSize(sentPackets), nack.WithResponderLoggerFactory(log))
	if err != nil {
		return err
	}
	registry.Add(responder)
	return nil
}
