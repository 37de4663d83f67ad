package video

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// maxPayload is the largest RTP payload that is sent, in bytes. With all headers it fits the smallest packet that every
// path carries in practice, tunnels and relays included.
const maxPayload = 1200

// localTrack is one track in many peer connections: what is written to it goes to all of them. Its methods named in
// [webrtc.TrackLocal] are called by pion from any goroutine; send belongs to the sender's goroutine.
type localTrack struct {
	id, streamID string
	newcomer     func() // called when a peer connection was added, and when it is up without having got a key frame

	mu       sync.Mutex                 // serialises changes of bindings
	bindings atomic.Pointer[[]*binding] // never changed in place
	payload  [maxPayload]byte           // of the packet being sent
	sequence uint16                     // of the next packet
	picture  uint16                     // of the next frame
}

// binding is one peer connection that the track sends to.
type binding struct {
	id          string
	ssrc        uint32
	payloadType uint8
	writer      webrtc.TrackLocalWriter
	up          bool       // packets go through
	header      rtp.Header // of the packet being sent; pion adds header extensions that this peer negotiated
}

var _ webrtc.TrackLocal = (*localTrack)(nil)

func newLocalTrack(id, streamID string, newcomer func()) *localTrack {
	t := &localTrack{
		id: id, streamID: streamID, newcomer: newcomer,
		// Random, so that what was encrypted cannot be guessed. https://www.rfc-editor.org/rfc/rfc3550#section-5.1
		sequence: uint16(rand.Uint32()), picture: uint16(rand.Uint32()),
	}
	t.bindings.Store(&[]*binding{})
	return t
}

// Bind adds a peer connection once it has negotiated VP8.
func (t *localTrack) Bind(ctx webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	for _, codec := range ctx.CodecParameters() {
		if !strings.EqualFold(codec.MimeType, webrtc.MimeTypeVP8) {
			continue
		}
		t.change(func(all []*binding) []*binding {
			return append(all, &binding{
				id: ctx.ID(), ssrc: uint32(ctx.SSRC()), payloadType: uint8(codec.PayloadType), writer: ctx.WriteStream(),
			})
		})
		t.newcomer()
		return codec, nil
	}
	return webrtc.RTPCodecParameters{}, webrtc.ErrUnsupportedCodec
}

// Unbind removes a peer connection. A packet that is being written may still go there.
func (t *localTrack) Unbind(ctx webrtc.TrackLocalContext) error {
	err := webrtc.ErrUnbindFailed
	t.change(func(all []*binding) []*binding {
		return slices.DeleteFunc(all, func(b *binding) bool {
			if b.id != ctx.ID() {
				return false
			}
			err = nil
			return true
		})
	})
	return err
}

// change replaces the list of bindings with what edit makes of a copy of it.
func (t *localTrack) change(edit func([]*binding) []*binding) {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := edit(slices.Clone(*t.bindings.Load()))
	t.bindings.Store(&all)
}

func (t *localTrack) ID() string                { return t.id }
func (t *localTrack) StreamID() string          { return t.streamID }
func (t *localTrack) RID() string               { return "" }
func (t *localTrack) Kind() webrtc.RTPCodecType { return webrtc.RTPCodecTypeVideo }

// receivers returns how many peer connections the track sends to.
func (t *localTrack) receivers() int { return len(*t.bindings.Load()) }

// send cuts one encoded frame into packets and writes each to every peer connection.
func (t *localTrack) send(data []byte, timestamp uint32, keyFrame bool) (packets, bytes int) {
	for start := true; len(data) > 0; start = false {
		n := copy(t.payload[descriptorSize:], data)
		data = data[n:]
		putDescriptor(t.payload[:], start, t.picture&0x7fff)
		payload := t.payload[:descriptorSize+n]
		for _, b := range *t.bindings.Load() {
			sent := b.write(payload, t.sequence, timestamp, len(data) == 0)
			if sent && !b.up {
				b.up = true
				if !keyFrame || !start {
					t.newcomer()
				}
			}
		}
		t.sequence++
		packets++
		bytes += len(payload)
	}
	t.picture++
	return packets, bytes
}

// write sends one packet to one peer, and says whether it went out: pion silently drops what comes before the connection is up.
// The error of a connection that is no more concerns nobody.
func (b *binding) write(payload []byte, sequence uint16, timestamp uint32, last bool) bool {
	b.header = rtp.Header{
		Version: 2, Marker: last, PayloadType: b.payloadType, SequenceNumber: sequence, Timestamp: timestamp, SSRC: b.ssrc,
		Extensions: b.header.Extensions[:0],
	}
	n, err := b.writer.WriteRTP(&b.header, payload)
	return err == nil && n > 0
}
