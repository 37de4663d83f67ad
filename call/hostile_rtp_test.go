package call_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/pion/rtp"
)

const (
	sound, camera, screen = 0, 1, 2
	vp8Between            = "\x10\x11\x00\x00" // a frame that refers to others, in one packet
)

// hugeVP8 and hugeVP9 are key frames that claim 16383x16383 pixels.
var (
	hugeVP8 = []byte{0x10, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0xff, 0x3f, 0xff, 0x3f, 0, 0, 0, 0}
	hugeVP9 = []byte{0x0c, 0x82, 0x49, 0x83, 0x42, 0x23, 0xff, 0xe3, 0xff, 0xe0, 0, 0, 0, 0}
)

// noise returns that many random bytes.
func noise(random *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}

func TestWhoSendsNonsenseHarmsNobodyElse(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	format := func(n int) string {
		return []string{"video/vp8", "video/vp9", "video/h264", "video/rtx", "video/flexfec-03"}[n%5]
	}
	suffer(t, map[string]attack{
		"absurd timestamps": {blow: func(m *mallory, n int) {
			stamp := func(h *rtp.Header) { h.Timestamp = random.Uint32() }
			m.sends[sound].write("audio/opus", []byte{0xf8, 0xff, 0xfe}, stamp)
			m.sends[camera].write("video/vp8", []byte(vp8Between), stamp)
		}},
		"sequence numbers that jump": {blow: func(m *mallory, n int) {
			jump := func(h *rtp.Header) { h.SequenceNumber = uint16(random.Uint32()) }
			m.sends[sound].write("audio/opus", []byte{0xf8, 0xff, 0xfe}, jump)
			m.sends[camera].write("video/vp8", []byte(vp8Between), jump)
		}},
		"a loss before each packet": {blow: func(m *mallory, n int) {
			m.sends[camera].write("video/vp8", []byte(vp8Between), func(h *rtp.Header) { h.SequenceNumber *= 9 })
		}},
		"padding": {blow: func(m *mallory, n int) {
			m.sends[n%3].write([]string{"audio/opus", "video/vp8", "video/rtx"}[n%3], nil, func(h *rtp.Header) {
				h.Padding, h.PaddingSize = true, byte(1+n%255)
			})
		}},
		"header extensions of garbage": {blow: func(m *mallory, n int) {
			m.sends[n%3].write([]string{"audio/opus", "video/vp8", "video/vp9"}[n%3], []byte(vp8Between), func(h *rtp.Header) {
				h.Extension, h.ExtensionProfile = true, 0xbede
				for id := range uint8(14) {
					_ = h.SetExtension(1+id, noise(random, 1+random.IntN(16)))
				}
			})
		}},
		"payload types that nobody agreed on": {blow: func(m *mallory, n int) {
			m.sends[n%3].write("", noise(random, 200), func(h *rtp.Header) { h.PayloadType = uint8(n) & 0x7f })
		}},
		"streams that nobody told of": {refused: true, blow: func(m *mallory, n int) {
			m.sends[n%3].write([]string{"audio/opus", "video/vp8", "video/vp9"}[n%3], noise(random, 1000), func(h *rtp.Header) {
				h.SSRC = uint32(1_000_000 + n)
			})
		}},
		"the last stream that there may be": {blow: func(m *mallory, n int) {
			m.sends[n%3].write([]string{"audio/opus", "video/vp8", "video/vp9"}[n%3], noise(random, 1000), func(h *rtp.Header) {
				h.SSRC = uint32(1_000_000 + n%60)
			})
		}},
		"RED of nested and over-long blocks": {blow: func(m *mallory, n int) {
			var payload []byte
			for range n % 40 {
				payload = binary.BigEndian.AppendUint32(payload, 1<<31|63<<24|random.Uint32()&0xffffff)
			}
			m.sends[sound].write("audio/red", append(append(payload, 63), noise(random, 200)...), nil)
		}},
		"sound that is none": {blow: func(m *mallory, n int) {
			m.sends[sound].write("audio/opus", noise(random, 1+random.IntN(1100)), nil)
		}},
		"repairs of repairs": {blow: func(m *mallory, n int) {
			inner := noise(random, 200)
			binary.BigEndian.PutUint16(inner, uint16(n))
			m.sends[camera].write("video/rtx", inner, func(h *rtp.Header) { h.SSRC = m.repairsOf(camera) })
		}},
		"repair packets with mad masks": {blow: func(m *mallory, n int) {
			m.sends[camera].write("video/vp8", []byte(vp8Between), nil)
			m.sends[camera].write("video/flexfec-03", noise(random, 20+random.IntN(1200)), func(h *rtp.Header) { h.SSRC = m.protectionOf(camera) })
		}},
		"pictures of a gigabyte": {blow: func(m *mallory, n int) {
			if n%2 == 0 {
				m.sends[camera].write("video/vp8", hugeVP8, nil)
			} else {
				m.sends[camera].write("video/vp9", hugeVP9, nil)
			}
		}},
		"never a key frame": {blow: func(m *mallory, n int) { m.sends[camera].write("video/vp8", []byte(vp8Between), nil) }},
		"a frame without end": {blow: func(m *mallory, n int) {
			m.sends[camera].write("video/vp8", append([]byte{0, 0}, noise(random, 1100)...), func(h *rtp.Header) { h.Marker, h.Timestamp = false, 1 })
		}},
		"thousands of layers": {blow: func(m *mallory, n int) {
			// With layer indices (L), and a structure (V) of eight spatial layers and 255 pictures.
			structure := append([]byte{0x2e, byte(n), byte(n >> 8), 0xf8}, noise(random, 32)...)
			m.sends[camera].write("video/vp9", append(append(structure, 255), noise(random, 600)...), nil)
		}},
		"a codec by the packet": {blow: func(m *mallory, n int) {
			m.sends[camera].write(format(n), [][]byte{hugeVP8, hugeVP9, {0x67, 0x42, 0, 0x1f, 0xff, 0xff}, []byte(vp8Between), []byte(vp8Between)}[n%5], nil)
		}},
		"pictures that are none": {blow: func(m *mallory, n int) { m.sends[1+n%2].write(format(n), noise(random, 1+random.IntN(1100)), nil) }},
	})
}
