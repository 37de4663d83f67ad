package peer

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"parley/call/flexfec"
)

// mostRepairFlows bounds how many streams of repair packets one connection reads. A peer has two tracks of video, and has them anew when it
// negotiates again.
const mostRepairFlows = 8

// receiveRepairs reads the repair packets for a track, if the other side sends any. Pion knows their stream, and leaves it aside: it is
// opened here as a stream of its own, so that its packets are reported on like others. They would count as lost otherwise.
func (l *link) receiveRepairs(receiver *webrtc.RTPReceiver, track *webrtc.TrackRemote, log *slog.Logger) {
	ssrc, ok := fecSSRC(l.pc.RemoteDescription(), track.SSRC())
	if !ok || len(l.repairs) >= mostRepairFlows || track.Kind() != webrtc.RTPCodecTypeVideo {
		return
	}
	repairs, err := openRepairs(receiver, ssrc)
	if err != nil {
		log.Debug("repair packets are not read", "err", err)
		return
	}
	if repairs == nil {
		return
	}
	l.repairs = append(l.repairs, repairs)
	l.readers.Go(func() { l.readRepairs(repairs.Track(), track) })
}

// How repair packets are read: some at a time, and a moment after they came, so that the packets that came before them, on the other stream,
// were read as well. They would be recovered for nothing otherwise.
const (
	fecAtOnce = 32
	fecWait   = 2 * time.Millisecond
)

// readRepairs ends when the stream is stopped, with the connection.
func (l *link) readRepairs(repairs, track *webrtc.TrackRemote) {
	var packet rtp.Packet
	var raw [fecAtOnce][]byte
	var payloads [][]byte
	for {
		n := len(payloads)
		if raw[n] == nil {
			raw[n] = make([]byte, flexfec.MaxSize+100) // room for its own headers
		}
		size, _, err := repairs.Read(raw[n])
		if err != nil && !isTimeout(err) {
			return
		}
		if err == nil {
			packet = rtp.Packet{Header: rtp.Header{Extensions: packet.Extensions[:0]}}
			if packet.Unmarshal(raw[n][:size]) != nil {
				continue
			}
			if payloads = append(payloads, packet.Payload); n == 0 {
				_ = repairs.SetReadDeadline(time.Now().Add(fecWait))
			}
			if len(payloads) < fecAtOnce {
				continue
			}
		}
		_ = repairs.SetReadDeadline(time.Time{})
		if s := l.transport.recoveries.stream(uint32(track.SSRC())); s != nil && len(payloads) > 0 {
			s.repair(payloads, track.SetReadDeadline)
		}
		payloads = payloads[:0]
	}
}

// openRepairs opens the stream of that SSRC on the transport of a receiver. It returns nil when the two sides have not agreed on the format.
func openRepairs(receiver *webrtc.RTPReceiver, ssrc webrtc.SSRC) (*webrtc.RTPReceiver, error) {
	agreed := receiver.GetParameters()
	media := &webrtc.MediaEngine{}
	known := false
	for _, codec := range agreed.Codecs {
		if strings.EqualFold(codec.MimeType, webrtc.MimeTypeFlexFEC03) && !known {
			known = true
			codec.RTCPFeedback = nil // nobody asks for a repair packet again
			if err := media.RegisterCodec(codec, webrtc.RTPCodecTypeVideo); err != nil {
				return nil, fmt.Errorf("knowing repair packets: %w", err)
			}
		}
	}
	if !known {
		return nil, nil
	}
	if err := registerExtensions(media, agreed.HeaderExtensions); err != nil {
		return nil, fmt.Errorf("knowing their header extensions: %w", err)
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(media))
	repairs, err := api.NewRTPReceiver(webrtc.RTPCodecTypeVideo, receiver.Transport())
	if err != nil {
		return nil, err
	}
	return repairs, repairs.Receive(webrtc.RTPReceiveParameters{Encodings: []webrtc.RTPDecodingParameters{
		{RTPCodingParameters: webrtc.RTPCodingParameters{SSRC: ssrc}},
	}})
}

// registerExtensions gives the header extensions the numbers that were agreed upon: pion numbers them from 1 as they are registered.
func registerExtensions(media *webrtc.MediaEngine, agreed []webrtc.RTPHeaderExtensionParameter) error {
	last := 0
	uris := map[int]string{}
	for _, e := range agreed {
		uris[e.ID] = e.URI
		last = max(last, e.ID)
	}
	for id := 1; id <= min(last, 14); id++ { // RFC 8285 4.2
		uri, ok := uris[id]
		if !ok {
			uri = fmt.Sprintf("urn:x-parley:unused:%d", id)
		}
		if err := media.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, webrtc.RTPCodecTypeVideo); err != nil {
			return err
		}
	}
	return nil
}

// fecSSRC finds the stream that protects another in the other side's description (RFC 5956 4.3).
func fecSSRC(d *webrtc.SessionDescription, of webrtc.SSRC) (webrtc.SSRC, bool) {
	var parsed sdp.SessionDescription
	if d == nil || parsed.UnmarshalString(d.SDP) != nil {
		return 0, false
	}
	for _, section := range parsed.MediaDescriptions {
		for _, a := range section.Attributes {
			group := strings.Fields(a.Value)
			if a.Key != sdp.AttrKeySSRCGroup || len(group) != 3 || group[0] != sdp.SemanticTokenForwardErrorCorrectionFramework {
				continue
			}
			if group[1] != strconv.FormatUint(uint64(of), 10) {
				continue
			}
			if ssrc, err := strconv.ParseUint(group[2], 10, 32); err == nil && ssrc != 0 && webrtc.SSRC(ssrc) != of {
				return webrtc.SSRC(ssrc), true
			}
		}
	}
	return 0, false
}
