package peer_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	insecure "math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/turn/v5"
	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"parley/call/peer"
	"parley/call/signal"
)

// The ways by which a connection may go, from the best to the last resort.

const turnUser, turnPassword = "ada", "a password: with @ and ?"

// turnServer runs a TURN server at a listener on loopback.
func turnServer(t *testing.T, listener net.Listener) {
	t.Helper()
	runTURN(t, turn.ServerConfig{ListenerConfigs: []turn.ListenerConfig{{
		Listener:              listener,
		RelayAddressGenerator: &turn.RelayAddressGeneratorStatic{RelayAddress: net.IPv4(127, 0, 0, 1), Address: "127.0.0.1"},
		PermissionHandler:     func(_ net.Addr, peer net.IP) bool { return peer.IsLoopback() },
	}}})
}

// runTURN runs a TURN server until the test ends.
func runTURN(t *testing.T, cfg turn.ServerConfig) {
	t.Helper()
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	cfg.LoggerFactory, cfg.Realm = quiet, "parley"
	cfg.AuthHandler = func(a *turn.RequestAttributes) (string, []byte, bool) {
		return a.Username, turn.GenerateAuthKey(a.Username, a.Realm, turnPassword), true
	}
	server, err := turn.NewServer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
}

// relayByTCP runs a TURN server that is reached by TCP, and returns how.
func relayByTCP(t *testing.T) []webrtc.ICEServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	turnServer(t, listener)
	return []webrtc.ICEServer{{
		URLs: []string{"turn:" + listener.Addr().String() + "?transport=tcp"}, Username: turnUser, Credential: turnPassword,
	}}
}

// callBy calls with those settings on both sides, and returns the path that it took.
func callBy(t *testing.T, cfg peer.Config, adjust func(*webrtc.SettingEngine)) peer.TransportStats {
	t.Helper()
	one, err := peer.NewAPI(nil, adjust)
	if err != nil {
		t.Fatal(err)
	}
	other, err := peer.NewAPI(nil, adjust)
	if err != nil {
		t.Fatal(err)
	}
	polite, impolite := pairAs(t, cfg, one, other, insecure.New(insecure.NewPCG(1, 1)), 0)
	polite.conn.Offer()
	for _, s := range []*side{polite, impolite} {
		s.await(t, peer.Connected)
		s.hears(t)
	}
	path := polite.path(t)
	t.Logf("%+v", path)
	if path.SelectedCandidatePairChanges == 0 {
		t.Error("no path was counted")
	}
	return path
}

func TestACallGoesThroughARelayThatIsReachedByTCP(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("call", func(t *testing.T) {
		path := callBy(t, peer.Config{RelayOnly: true, ICE: relayByTCP(t)}, func(*webrtc.SettingEngine) {})
		if path.LocalCandidateType != "relay" || path.RelayProtocol != "tcp" {
			t.Errorf("went by %s, reached by %s", path.LocalCandidateType, path.RelayProtocol)
		}
	})
}

// trusted is set in a process that trusts the certificate in the file that it names, and is "no" in one that does not.
const trusted = "PARLEY_TEST_TRUSTED"

// The certificate is checked as any other. What a process trusts is read once, so that each case has one of its own.
func TestACallGoesThroughARelayThatIsReachedByTLSAndTrusted(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("SSL_CERT_FILE is not heeded here")
	}
	switch os.Getenv(trusted) {
	case "yes":
		callByTLS(t)
	case "no":
		gatherByTLS(t)
	default:
		cert, file := certificate(t)
		listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
		if err != nil {
			t.Fatal(err)
		}
		turnServer(t, listener)
		for trust, roots := range map[string]string{"yes": file, "no": os.DevNull} {
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
			child.Env = append(os.Environ(), trusted+"="+trust, "SSL_CERT_FILE="+roots, "SSL_CERT_DIR="+os.DevNull,
				relayAt+"="+listener.Addr().String())
			out, err := child.CombinedOutput()
			if t.Logf("trusted: %s\n%s", trust, out); err != nil {
				t.Error(err)
			}
		}
	}
}

// relayAt says where the relay is, to a process that is to use it.
const relayAt = "PARLEY_TEST_RELAY"

func tlsRelay() []webrtc.ICEServer {
	return []webrtc.ICEServer{{
		URLs: []string{"turns:" + os.Getenv(relayAt) + "?transport=tcp"}, Username: turnUser, Credential: turnPassword,
	}}
}

func callByTLS(t *testing.T) {
	path := callBy(t, peer.Config{RelayOnly: true, ICE: tlsRelay()}, func(*webrtc.SettingEngine) {})
	if path.LocalCandidateType != "relay" || path.RelayProtocol != "tls" {
		t.Errorf("went by %s, reached by %s", path.LocalCandidateType, path.RelayProtocol)
	}
}

// gatherByTLS sees that a relay with a certificate that nobody trusts is of no use.
func gatherByTLS(t *testing.T) {
	pc, err := NewAPI(t).Connect(webrtc.Configuration{ICEServers: tlsRelay(), ICETransportPolicy: webrtc.ICETransportPolicyRelay})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pc.GracefulClose() }()
	if _, err := pc.CreateDataChannel("x", nil); err != nil {
		t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	<-gathered
	if sdp := pc.LocalDescription().SDP; strings.Contains(sdp, "typ relay") {
		t.Errorf("a relay was used whose certificate nobody trusts: %s", sdp)
	}
}

func TestEveryServerThatCanBeAskedForCanBeUsed(t *testing.T) {
	for _, text := range []string{
		"stun:stun.example.com", "stun:[2001:db8::1]:3478", "stuns:stun.example.com:5349",
		"turn:ada:p@turn.example.com", "turn:ada:p@192.0.2.1:3478?transport=udp", "turn:ada:p@[2001:db8::1]:80?transport=tcp",
		"turns:ada:p@turn.example.com", "turns:ada:p@turn.example.com:443?transport=tcp", "turns:ada:p@turn.example.com:443?transport=udp",
	} {
		s, err := signal.ParseICEServer(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		pc, err := NewAPI(t).Connect(webrtc.Configuration{ICEServers: []webrtc.ICEServer{{
			URLs: s.URLs, Username: s.Username, Credential: s.Credential,
		}}})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		_ = pc.Close()
	}
}

// UDP is blocked on both sides, and there is no relay: once that has been tried in vain, one side listens and the other calls.
func TestWhereNoUDPPassesACallGoesByTCP(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("call", func(t *testing.T) {
		path := callBy(t, peer.Config{}, func(s *webrtc.SettingEngine) {
			s.SetIncludeLoopbackCandidate(true)
			s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6})
		})
		if path.LocalCandidateProtocol != "tcp" {
			t.Errorf("went by %s", path.LocalCandidateProtocol)
		}
	})
}

func TestACallGoesByIPv6Alone(t *testing.T) {
	defer goleak.VerifyNone(t)
	if l, err := net.ListenPacket("udp6", "[::1]:0"); err != nil {
		t.Skipf("this machine has no IPv6: %v", err)
	} else {
		_ = l.Close()
	}
	t.Run("call", func(t *testing.T) {
		path := callBy(t, peer.Config{}, func(s *webrtc.SettingEngine) {
			s.SetIncludeLoopbackCandidate(true)
			s.SetIPFilter(func(ip net.IP) bool { return ip.To4() == nil })
		})
		// A link-local address has its zone with it: RFC 4007 section 11.
		if ip, err := netip.ParseAddr(path.LocalCandidateAddress); err != nil || !ip.Is6() || path.LocalCandidateProtocol != "udp" {
			t.Errorf("went by %s from %s", path.LocalCandidateProtocol, path.LocalCandidateAddress)
		}
	})
}

// A direct path is taken where there is one, though there is a relay as well.
func TestARelayIsNotTakenWhereADirectPathIsThere(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("call", func(t *testing.T) {
		path := callBy(t, peer.Config{ICE: relayByTCP(t)}, func(s *webrtc.SettingEngine) { s.SetIncludeLoopbackCandidate(true) })
		if path.LocalCandidateType == "relay" || path.RemoteCandidateType == "relay" || path.LocalCandidateProtocol != "udp" {
			t.Errorf("went from %s to %s by %s", path.LocalCandidateType, path.RemoteCandidateType, path.LocalCandidateProtocol)
		}
	})
}

// certificate makes one for 127.0.0.1, signed by itself, and a file that trusts it.
func certificate(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "trusted.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}
