package peer

import (
	"fmt"
	"strings"
	"time"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"parley/call/congestion"
	"parley/call/signal/wire"
)

// A browser decides by itself how much it sends, and when a path was narrow for a while it takes half a minute to come up again, by 8 % a second. It looks
// at once how much more there is, by a short burst, when the bandwidth rises that its peer asks for (b=TIAS, RFC 3890): that is what a bandwidth is raised
// for. So where a browser's pictures come at a lower rate than before although the way is free, this side offers the same connection again with a
// bandwidth that is a little higher. Another Parley needs no such help, and leaves a bandwidth aside. It is also how a browser learns of the user's
// limit, and whether what is shown is large, which a Parley hears of by a message (see view.go).
const (
	smallBandwidth = 1_700_000 // bit/s, of pictures, where the user sets no limit: what Chromium takes for 640x360 by itself,
	largeBandwidth = 2_500_000 // and for 1280x720, where one is shown that is as large as
	largeFrom      = 960 * 540 // this, in pixels
	leastPictures  = 50_000    // bit/s, whatever the limit is
	besidePictures = 64_000    // bit/s of a limit, for sound
	raisedBy       = 1000      // bit/s
	mostRaises     = 20        // then it begins anew: the limit is to be kept

	enoughOfBest = 0.8  // of the rate that came at best: that is no less than before
	bestFades    = 0.99 // of it left after a second
	roomy        = 3.0  // times what comes, that the way is wide
	grownBy      = 1.25 // times what came before: it was worth while to ask
	lossyShare   = 0.05 // of the packets lost, from which on it is asked again and again

	freeFor       = 2               // seconds, that the way has been free
	seldomAtFirst = 2 * time.Second // between two times
	seldomAtMost  = 30 * time.Second
	looksItself   = 5 * time.Second // that a browser looks by itself at first
	answersIn     = 5 * time.Second // or not at all
	mostIgnored   = 3               // offers in a row: then the peer answers none
)

// bandwidth is what a peer is asked for. The zero value is ready. It belongs to the connection's goroutine.
type bandwidth struct {
	limit  int  // bit/s, that the user set; 0 is none
	large  bool // a large picture is shown
	raised int  // times

	best   float64 // bit/s
	free   int     // seconds, that the way has been
	seldom time.Duration
	next   time.Time // to ask, at the soonest
	from   float64   // bit/s, that came when it was asked; 0 once it was worth while

	offers  int       // that were made
	offered time.Time // the last one, until it is answered
	ignored int       // in a row
}

// asked returns what to ask for, in bit/s of one track of pictures.
func (b *bandwidth) asked() int {
	full := smallBandwidth
	switch {
	case b.limit > 0:
		full = max(b.limit-besidePictures, leastPictures)
	case b.large:
		full = largeBandwidth
	}
	return full + b.raised*raisedBy
}

// raise takes what came within a second, and says whether to ask for more if that may be done now; it is then taken to be done.
func (b *bandwidth) raise(h heard, may bool, now time.Time) bool {
	rate := h.rate()
	b.best = max(b.best*bestFades, rate)
	if b.from > 0 && rate > grownBy*b.from {
		b.from, b.seldom = 0, 0
	}
	b.free++
	if h.waits() || h.width() < roomy*rate {
		b.free = 0
	}
	enough := enoughOfBest * max(b.best, congestion.DefaultStart)
	if b.limit > 0 {
		enough = min(enough, enoughOfBest*float64(b.limit))
	}
	if !may || h.pictures == 0 || rate >= enough || b.free < freeFor || now.Before(b.next) {
		return false
	}
	b.seldom = min(max(2*b.seldom, seldomAtFirst), seldomAtMost)
	if h.loss() > lossyShare {
		b.seldom = seldomAtFirst
	}
	b.from, b.next = rate, now.Add(b.seldom)
	b.raised = (b.raised + 1) % mostRaises
	return true
}

// lookAround is called once a second: it takes what came, and asks a browser for more where there may be more, or for less where the user wants less.
func (c *Conn) lookAround() {
	l, now := c.link, time.Now()
	if l == nil || !l.established {
		return
	}
	h := l.transport.arrivals.second(now)
	if l.toParley() {
		return
	}
	b := &l.bandwidth
	unheard := !b.offered.IsZero() && now.Sub(b.offered) > answersIn
	if unheard {
		b.ignored, b.offered = b.ignored+1, time.Time{}
	}
	may := b.offered.IsZero() && b.ignored < mostIgnored && c.next == nil && c.state == Connected && c.canTell()
	more := b.raise(h, may && now.Sub(l.made) > looksItself, now)
	if another := c.views.limit() != b.limit || c.views.large() != b.large; may && (more || another || unheard) {
		c.askBandwidth(l)
	}
}

// askBandwidth offers a connection once more as it is, but for the bandwidth. Pion has no part in it: it could not take an offer back that is not answered, or
// that crosses another.
//
// The first time is as soon as there is a connection that a browser offered: with the offer of another its list of codecs becomes one of those that
// both have, for which Chromium begins anew with each stream that it receives. With its answer it gets a key frame; later that would cost one.
func (c *Conn) askBandwidth(l *link) {
	d := l.pc.CurrentLocalDescription()
	if d == nil {
		return
	}
	b := &l.bandwidth
	b.limit, b.large = c.views.limit(), c.views.large()
	b.offers++
	offer, err := offerAgain(*d, b.offers)
	if err != nil {
		c.cfg.Logger.Debug("no bandwidth is asked for", "err", err)
		b.ignored = mostIgnored
		return
	}
	b.offered = time.Now()
	c.cfg.Logger.Debug("asking for a bandwidth", "bit/s", b.asked())
	c.tell(l, offer)
}

// anew says, of an answer, whether a browser has just begun anew with what it receives: see askBandwidth. d is this side's description.
func (b *bandwidth) anew(d *webrtc.SessionDescription) bool {
	return b.offers == 1 && !b.offered.IsZero() && d != nil && d.Type == webrtc.SDPTypeAnswer
}

// offerAgain makes an offer of what was agreed on in a description, for the nth time (RFC 3264 8).
func offerAgain(d webrtc.SessionDescription, n int) (webrtc.SessionDescription, error) {
	var parsed sdp.SessionDescription
	if err := parsed.UnmarshalString(d.SDP); err != nil {
		return d, fmt.Errorf("reading a description of this side's: %w", err)
	}
	parsed.Origin.SessionVersion += uint64(n)
	for _, section := range parsed.MediaDescriptions {
		if _, named := section.Attribute(sdp.AttrKeyMID); !named { // pion names none that is refused
			return d, fmt.Errorf("%w: a section without a name", ErrBadDescription)
		}
		for i := range section.Attributes {
			if a := &section.Attributes[i]; a.Key == sdp.AttrKeyConnectionSetup {
				a.Value = sdp.ConnectionRoleActpass.String() // RFC 5763 5
			}
		}
	}
	text, err := parsed.Marshal()
	if err != nil {
		return d, fmt.Errorf("writing a description: %w", err)
	}
	return webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: string(text)}, nil
}

// limit returns what the user lets the other side send, in bit/s; 0 is all.
func (v *views) limit() int {
	if v.mine == nil {
		return 0
	}
	return v.mine.BitRate
}

// large says whether a large picture of the other side is shown.
func (v *views) large() bool {
	is := func(s *wire.Size) bool { return s != nil && s.Width*s.Height >= largeFrom }
	return v.mine != nil && (is(v.mine.Camera) || is(v.mine.Screen))
}

// toParley says whether the other side is a Parley: nobody else knows the repair packets that are computed.
func (l *link) toParley() bool {
	for _, r := range l.pc.GetReceivers() {
		for _, codec := range r.GetParameters().Codecs {
			if strings.EqualFold(codec.MimeType, webrtc.MimeTypeFlexFEC03) {
				return true
			}
		}
	}
	return false
}

// withBandwidth gives the sections of pictures a bandwidth (RFC 8866 5.8), in bit/s.
func withBandwidth(sections []*sdp.MediaDescription, bitRate int) {
	for _, section := range sections {
		if webrtc.NewRTPCodecType(section.MediaName.Media) == webrtc.RTPCodecTypeVideo {
			section.Bandwidth = []sdp.Bandwidth{{Type: "TIAS", Bandwidth: uint64(bitRate)}}
		}
	}
}
