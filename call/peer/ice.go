package peer

import (
	"net"
	"time"

	"github.com/pion/webrtc/v4"
)

// ICE timing. Pion's defaults wait 5 s before they call a path lost, which is long in the middle of a sentence. The path is pinged on
// meanwhile, so that it comes back within a keep-alive when it was only interrupted; once failed it is given up for good.
const (
	iceDisconnected = 2 * time.Second
	iceFailed       = 30 * time.Second
	iceKeepAlive    = 500 * time.Millisecond
)

// How long a pair of addresses waits, once it works, for a better one to work too: pion takes one and stays with it. A NAT opens
// with the first packet that goes out, so that a direct way through two of them takes a round of pings longer than one in
// the same house. Pion's defaults, 0.5 s, 1 s and 2 s, are what somebody who joins would wait for the first picture.
const (
	waitReflexive     = 100 * time.Millisecond // as a STUN server sees this side
	waitPeerReflexive = 200 * time.Millisecond // as the other side sees it
	waitRelay         = 400 * time.Millisecond
)

// iceMostPings is how often a pair of addresses is tried, each 200 ms, before it is given up. Pion's 7 give up after 1.4 s, when a path that
// is interrupted may not be back yet.
const iceMostPings = uint16(attemptLasts / (200 * time.Millisecond))

// srtpReplayWindow is in packets. Repairs arrive late: two seconds of a 5 Mbit/s stream are about 1,000 packets.
const srtpReplayWindow = 1024

// dtlsPatience is how long an answer to a message of DTLS is waited for before that is sent again, and twice as long each time after. Pion's second, and then two,
// are what a call on a bad path would begin later by; RFC 9147 section 5.8.2 allows less where time matters.
const dtlsPatience = 150 * time.Millisecond

// sctpPatience is the longest that the data channel waits before it tries again. SCTP would wait twice as long after each loss, up to a minute (RFC 9260
// section 6.3.3), and what was said on a bad path would be heard long after it is a good one. But it opens with the ninth try or never (Max.Init.Retransmits,
// section 16): those are to outlast a path that is black for ten seconds.
const sctpPatience = 2 * time.Second

// newSettings returns how paths are looked for and kept. Addresses of all networks are gathered, IPv6 as well as IPv4. TCP is used to
// call whoever can be reached by it, and, as TCP and TLS, to reach a TURN server.
func newSettings(log pionLog) webrtc.SettingEngine {
	var settings webrtc.SettingEngine
	settings.SetNetworkTypes([]webrtc.NetworkType{
		webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6,
	})
	settings.SetICETimeouts(iceDisconnected, iceFailed, iceKeepAlive)
	settings.SetICEMaxBindingRequests(iceMostPings)
	settings.SetSrflxAcceptanceMinWait(waitReflexive)
	settings.SetPrflxAcceptanceMinWait(waitPeerReflexive)
	settings.SetRelayAcceptanceMinWait(waitRelay)
	settings.SetSRTPReplayProtectionWindow(srtpReplayWindow)
	settings.SetDTLSRetransmissionInterval(dtlsPatience)
	settings.SetSCTPRTOMax(sctpPatience)
	settings.SetIncludeLoopbackCandidate(onlyLoopback())
	settings.LoggerFactory = log
	return settings
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
