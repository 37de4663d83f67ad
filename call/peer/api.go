package peer

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"
)

// Payload types that this side offers; an answerer takes the offerer's.
const (
	payloadOpus   = 111
	payloadVP8    = 96
	payloadVP8RTX = 97
)

// ICE timing. Pion's defaults wait 5 s before they call a path lost and 2 s before they take a relay,
// which is long in the middle of a sentence. A path that has
// failed is given up for good; one that is merely disconnected may come back by itself, so that lasts longer than a repair takes to begin.
const (
	iceDisconnected = 2 * time.Second
	iceFailed       = 30 * time.Second
	iceKeepAlive    = 500 * time.Millisecond
)

// srtpReplayWindow is in packets. Repairs arrive late: two seconds of a 5 Mbit/s stream are about 1,000 packets.
const srtpReplayWindow = 1024

// NewAPI returns the codecs, header extensions and timing that every connection of a call shares. Any goroutine may use it. Pion's
// own log goes to log, which may be nil, at Debug, its warnings too: most of them tell of a path that did not work out.
func NewAPI(log *slog.Logger) (*webrtc.API, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	media := &webrtc.MediaEngine{}
	feedback := []webrtc.RTCPFeedback{{Type: "ccm", Parameter: "fir"}, {Type: "nack"}, {Type: "nack", Parameter: "pli"}}
	codecs := []struct {
		kind  webrtc.RTPCodecType
		codec webrtc.RTPCodecParameters
	}{
		{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecParameters{PayloadType: payloadOpus, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1;usedtx=1", // RFC 7587
		}}},
		{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecParameters{PayloadType: payloadVP8, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeVP8, ClockRate: 90000, RTCPFeedback: feedback, // RFC 7741
		}}},
		{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecParameters{PayloadType: payloadVP8RTX, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: fmt.Sprintf("apt=%d", payloadVP8), // RFC 4588
		}}},
	}
	for _, c := range codecs {
		if err := media.RegisterCodec(c.codec, c.kind); err != nil {
			return nil, fmt.Errorf("offering %s: %w", c.codec.MimeType, err)
		}
	}
	interceptors, err := newInterceptors(media, pionLog{log})
	if err != nil {
		return nil, err
	}
	var settings webrtc.SettingEngine
	settings.SetICETimeouts(iceDisconnected, iceFailed, iceKeepAlive)
	settings.SetRelayAcceptanceMinWait(0)
	settings.SetSRTPReplayProtectionWindow(srtpReplayWindow)
	settings.SetIncludeLoopbackCandidate(onlyLoopback())
	settings.LoggerFactory = pionLog{log}
	return webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(interceptors),
		webrtc.WithSettingEngine(settings)), nil
}

// onlyLoopback says whether this machine reaches nobody but itself; two programs on it can still call each other.
func onlyLoopback() bool {
	interfaces, err := net.Interfaces()
	if err != nil {
		return true
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagLoopback == 0 && i.Flags&net.FlagUp != 0 {
			if addresses, err := i.Addrs(); err == nil && len(addresses) > 0 {
				return false
			}
		}
	}
	return true
}

// pionLog hands pion's log lines to slog.
type pionLog struct{ log *slog.Logger }

func (p pionLog) NewLogger(scope string) logging.LeveledLogger {
	return scopeLog{p.log.With("scope", scope)}
}

type scopeLog struct{ log *slog.Logger }

func (scopeLog) Trace(string)          {}
func (scopeLog) Tracef(string, ...any) {}
func (l scopeLog) Debug(s string)      { l.log.Debug(s) }
func (l scopeLog) Info(s string)       { l.log.Debug(s) }
func (l scopeLog) Warn(s string)       { l.log.Debug(s) }
func (l scopeLog) Error(s string)      { l.log.Debug(s) }

// The formatted ones ask first: pion logs by the packet at Debug.
func (l scopeLog) Debugf(format string, args ...any) { l.format(format, args) }
func (l scopeLog) Infof(format string, args ...any)  { l.format(format, args) }
func (l scopeLog) Warnf(format string, args ...any)  { l.format(format, args) }
func (l scopeLog) Errorf(format string, args ...any) { l.format(format, args) }

func (l scopeLog) format(format string, args []any) {
	if l.log.Enabled(context.Background(), slog.LevelDebug) {
		l.log.Debug(fmt.Sprintf(format, args...))
	}
}
