package peer

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"
)

// API makes the connections of a call: it has the codecs, header extensions and timing that they share. Any goroutine may use it. It runs
// nothing while there is no connection, and need not be closed.
type API struct {
	media        *webrtc.MediaEngine
	interceptors *interceptor.Registry
	settings     webrtc.SettingEngine
	listener     *tcpListener
}

// NewAPI returns an API. Pion's own log goes to log, which may be nil, at Debug, its warnings too: most of them tell of a path that did not
// work out. Each adjust may change the settings last, for a network that is not the machine's.
func NewAPI(log *slog.Logger, adjust ...func(*webrtc.SettingEngine)) (*API, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	media := &webrtc.MediaEngine{}
	if err := registerPictures(media); err != nil {
		return nil, err
	}
	if err := registerSound(media); err != nil {
		return nil, err
	}
	interceptors, err := newInterceptors(media, pionLog{log})
	if err != nil {
		return nil, err
	}
	api := &API{
		media: media, interceptors: interceptors, settings: newSettings(pionLog{log}),
		listener: &tcpListener{log: pionLog{log}.NewLogger("ice-tcp")},
	}
	for _, a := range adjust {
		a(&api.settings)
	}
	return api, nil
}

// connect makes one connection, which can be reached by TCP too when it is the last resort, and the transport that stands between it and the
// network and ends with it. Pion does not tell which interceptors belong to which connection, so each has a registry of its own.
// What the peer makes this side keep, g counts.
func (a *API) connect(config webrtc.Configuration, lastResort bool, g *guard) (*webrtc.PeerConnection, *transport, error) {
	settings := a.settings
	settings.SetICEProxyDialer(newRelayDialer(config.ICEServers))
	settings.BufferFactory = g.buffer
	settings.SetDTLSConnectContextMaker(g.handshake)
	if config.ICETransportPolicy == webrtc.ICETransportPolicyRelay {
		settings.SetRelayAcceptanceMinWait(0) // for nothing else
	} else if lastResort {
		settings.SetICETCPMux(a.listener)
	}
	t := newTransport()
	registry := &interceptor.Registry{}
	registry.Add(only{t})
	registry.Add(others{a.interceptors})
	registry.Add(only{t.arrivals})
	registry.Add(only{&t.recoveries}) // after the reports: what is recovered did not come
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(a.media), webrtc.WithInterceptorRegistry(registry),
		webrtc.WithSettingEngine(settings)).NewPeerConnection(config)
	if err != nil {
		_ = t.Close()
		return nil, nil, err
	}
	pc.OnDataChannel(g.onChannel)
	return pc, t, nil
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
