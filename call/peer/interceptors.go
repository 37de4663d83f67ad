package peer

import (
	"fmt"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// newInterceptors names what stands between the tracks and the transport, which is next to the network, and offers the feedback and the header
// extensions that go with both. The first is the nearest to the network: it sees first what comes in. Pion's own statistics are not among
// them: nothing reads them.
func newInterceptors(media *webrtc.MediaEngine, log pionLog) (*interceptor.Registry, error) {
	registry := &interceptor.Registry{}
	addRepairs(media)
	if err := webrtc.ConfigureRTCPReportsWithOptions(registry,
		[]report.ReceiverOption{report.WithReceiverLoggerFactory(log)}, report.WithSenderLoggerFactory(log)); err != nil {
		return nil, fmt.Errorf("setting up reports: %w", err)
	}
	if err := webrtc.ConfigureSimulcastExtensionHeaders(media); err != nil {
		return nil, fmt.Errorf("naming streams: %w", err)
	}
	// A number on each packet, sound too, over all streams: what the other side tells of their arrival is what congestion is seen by.
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio} {
		media.RegisterFeedback(webrtc.RTCPFeedback{Type: webrtc.TypeRTCPFBTransportCC}, kind)
		if err := media.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: sdp.TransportCCURI}, kind); err != nil {
			return nil, fmt.Errorf("reporting arrivals: %w", err)
		}
		if err := media.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: sdp.ABSSendTimeURI}, kind); err != nil {
			return nil, fmt.Errorf("knowing when packets are sent: %w", err)
		}
	}
	if err := media.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: playoutDelayURI}, webrtc.RTPCodecTypeVideo); err != nil {
		return nil, fmt.Errorf("asking for a delay: %w", err)
	}
	return registry, nil
}

// addRepairs offers to send packets again (NACK, RFC 4585 6.2.1), which the transport does. Who receives a track asks for what it misses by
// itself; see [Conn.RequestRepair].
func addRepairs(media *webrtc.MediaEngine) {
	media.RegisterFeedback(webrtc.RTCPFeedback{Type: "goog-remb"}, webrtc.RTPCodecTypeVideo) // see jam
	media.RegisterFeedback(webrtc.RTCPFeedback{Type: "nack"}, webrtc.RTPCodecTypeVideo)
	media.RegisterFeedback(webrtc.RTCPFeedback{Type: "nack", Parameter: "pli"}, webrtc.RTPCodecTypeVideo)
}

// only is a factory of the one interceptor that it holds, for the one connection of an API.
type only struct{ interceptor.Interceptor }

// NewInterceptor implements interceptor.Factory.
func (o only) NewInterceptor(string) (interceptor.Interceptor, error) { return o.Interceptor, nil }

// others is a factory of all that a registry has.
type others struct{ *interceptor.Registry }

// NewInterceptor implements interceptor.Factory.
func (o others) NewInterceptor(id string) (interceptor.Interceptor, error) { return o.Build(id) }
