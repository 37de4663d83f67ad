package peer

import "github.com/pion/webrtc/v4"

// ControlOpen says whether the data channel to the other side is open.
func (c *Conn) ControlOpen() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current != nil && c.current.control.ReadyState() == webrtc.DataChannelStateOpen
}

// NewPeerConnection makes a connection without a Conn.
func (a *API) NewPeerConnection() (*webrtc.PeerConnection, error) {
	return a.connect(webrtc.Configuration{}, false)
}

// NewTestAPI returns an API with other settings.
func NewTestAPI(adjust func(*webrtc.SettingEngine)) (*API, error) { return newAPI(nil, adjust) }
