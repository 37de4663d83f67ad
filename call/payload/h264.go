package payload

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// H264 is the format of RFC 6184 with packetization-mode 1: NAL units alone, several in a packet (STAP-A), or one in several
// packets (FU-A). Frames have start codes before each NAL unit, as in annex B of H.264.
//
// It counts no pictures: that one is missing shows by the sequence numbers only.
type H264 struct{}

// MIMEType returns "video/H264".
func (H264) MIMEType() string { return "video/H264" }

// Types of NAL units and of what stands in their place. https://www.rfc-editor.org/rfc/rfc6184#section-5.2
const (
	nalSlice      = 1
	nalIDR        = 5
	nalSEI        = 6
	nalSPS        = 7
	nalPPS        = 8
	nalDelimiter  = 9
	nalHighest    = 23
	nalAggregate  = 24   // STAP-A
	nalFragment   = 28   // FU-A
	nalType       = 0x1f // of the first byte
	nalForbidden  = 0x80 // must be 0
	nalImportance = 0x60 // NRI
	fragmentStart = 0x80 // S, second byte of FU-A
	fragmentEnd   = 0x40 // E
)

var startCode = []byte{0, 0, 0, 1}

// Parse takes a payload apart.
func (H264) Parse(payload []byte) (Part, error) {
	if len(payload) == 0 || payload[0]&nalForbidden != 0 {
		return Part{}, fmt.Errorf("%w: no NAL unit in %d bytes", ErrPayload, len(payload))
	}
	switch kind := payload[0] & nalType; {
	case kind == nalAggregate:
		return parseAggregate(payload)
	case kind == nalFragment:
		return parseFragment(payload)
	case kind == 0 || kind > nalHighest:
		return Part{}, fmt.Errorf("%w: NAL units of type %d are not for packetization-mode 1", ErrPayload, kind)
	}
	p := Part{Data: payload, form: formUnit}
	p.look(payload[0], payload[1:])
	return p, nil
}

// look sees whether a frame may begin with a NAL unit of that header and body.
func (p *Part) look(header byte, body []byte) {
	switch header & nalType {
	case nalSPS:
		// A key frame's slice alone is of no use to one who begins with it, and may have overtaken these settings.
		p.Start, p.KeyFrame = true, true
	case nalPPS, nalSEI, nalDelimiter:
		p.Start = true
	case nalIDR, nalSlice:
		// A slice begins with the number of its first macroblock, and zero is written as a bit that is set.
		p.Start = p.Start || len(body) > 0 && body[0]&0x80 != 0
	}
}

// parseAggregate looks at all NAL units of a STAP-A. https://www.rfc-editor.org/rfc/rfc6184#section-5.7.1
func parseAggregate(payload []byte) (Part, error) {
	p := Part{Data: payload[1:], form: formUnits}
	for rest := p.Data; len(rest) > 0; {
		var unit []byte
		unit, rest = nextAggregated(rest)
		if unit == nil || unit[0]&nalForbidden != 0 || unit[0]&nalType == 0 || unit[0]&nalType > nalHighest {
			return Part{}, fmt.Errorf("%w: what a STAP-A holds is no NAL unit", ErrPayload)
		}
		p.look(unit[0], unit[1:])
	}
	return p, nil
}

// nextAggregated takes the first NAL unit from behind its size; nil where it is empty or not all there.
func nextAggregated(data []byte) (unit, rest []byte) {
	if len(data) < 3 {
		return nil, nil
	}
	size := int(binary.BigEndian.Uint16(data))
	if data = data[2:]; size == 0 || size > len(data) {
		return nil, nil
	}
	return data[:size], data[size:]
}

// parseFragment takes a FU-A apart. https://www.rfc-editor.org/rfc/rfc6184#section-5.8
func parseFragment(payload []byte) (Part, error) {
	if len(payload) < 2 {
		return Part{}, fmt.Errorf("%w: a fragment without a header", ErrPayload)
	}
	indicator, header := payload[0], payload[1]
	kind := header & nalType
	first, last := header&fragmentStart != 0, header&fragmentEnd != 0
	if kind == 0 || kind > nalHighest || first && last {
		return Part{}, fmt.Errorf("%w: a fragment of no NAL unit", ErrPayload)
	}
	switch {
	case last:
		return Part{Data: payload[2:], form: formLast}, nil
	case !first:
		return Part{Data: payload[2:], form: formFragment}, nil
	}
	p := Part{Data: payload[2:], form: formFirst, unit: indicator&nalImportance | kind}
	p.look(p.unit, p.Data)
	return p, nil
}

// NewSplitter returns a splitter of H.264, which has no use for a picture ID.
func (H264) NewSplitter(uint16) Splitter { return &h264Splitter{} }

type h264Splitter struct {
	unit, rest []byte // what is left of the NAL unit that comes next, and all after it
	header     byte   // of a NAL unit that is being fragmented
	fragmented bool
}

func (s *h264Splitter) Start(frame []byte, _ bool) error {
	if !bytes.HasPrefix(frame, startCode) && !bytes.HasPrefix(frame, startCode[1:]) {
		return fmt.Errorf("%w: H.264 without a start code", ErrFrame)
	}
	s.fragmented = false
	s.unit, s.rest = NextUnit(frame)
	if len(s.unit) == 0 {
		return fmt.Errorf("%w: H.264 without a NAL unit", ErrFrame)
	}
	return nil
}

func (s *h264Splitter) Next(buf []byte) (n int, last bool) {
	switch {
	case len(s.unit) == 0:
		return 0, true
	case s.fragmented || len(s.unit) > len(buf):
		n = s.putFragment(buf)
	default:
		n = s.putUnits(buf)
	}
	return n, len(s.unit) == 0
}

// putUnits writes one NAL unit, or as many as there is room for.
func (s *h264Splitter) putUnits(buf []byte) int {
	first := s.unit
	s.unit, s.rest = NextUnit(s.rest)
	if len(s.unit) == 0 || 1+2+len(first)+2+len(s.unit) > len(buf) {
		return copy(buf, first)
	}
	buf[0] = nalAggregate | first[0]&nalImportance
	n := 1 + putAggregated(buf[1:], first)
	for len(s.unit) > 0 && n+2+len(s.unit) <= len(buf) {
		buf[0] = max(buf[0], nalAggregate|s.unit[0]&nalImportance) // that of the most important
		n += putAggregated(buf[n:], s.unit)
		s.unit, s.rest = NextUnit(s.rest)
	}
	return n
}

func putAggregated(buf, unit []byte) int {
	binary.BigEndian.PutUint16(buf, uint16(len(unit)))
	return 2 + copy(buf[2:], unit)
}

// putFragment writes the next stretch of a NAL unit that is too long for one packet.
func (s *h264Splitter) putFragment(buf []byte) int {
	buf[1] = 0
	if !s.fragmented {
		s.fragmented, s.header, s.unit = true, s.unit[0], s.unit[1:]
		buf[1] = fragmentStart
	}
	buf[0] = nalFragment | s.header&nalImportance
	buf[1] |= s.header & nalType
	n := copy(buf[2:], s.unit)
	if s.unit = s.unit[n:]; len(s.unit) == 0 {
		buf[1] |= fragmentEnd
		s.fragmented = false
		s.unit, s.rest = NextUnit(s.rest)
	}
	return 2 + n
}

// NextUnit takes the first NAL unit from behind its start code, as annex B of H.264 has it, and returns what follows; nil when there is none. A NAL
// unit has at least a byte.
func NextUnit(data []byte) (unit, rest []byte) {
	for len(unit) == 0 {
		start := bytes.Index(data, startCode[1:])
		if start < 0 {
			return nil, nil
		}
		data = data[start+len(startCode)-1:]
		end := bytes.Index(data, startCode[1:])
		if end < 0 {
			end = len(data)
		}
		// Zeros before a start code belong to it; a NAL unit does not end in zero.
		unit, data = bytes.TrimRight(data[:end], "\x00"), data[end:]
	}
	return unit, data
}
