package payload

import "fmt"

// Joiner joins the parts of a frame. It is ready as it is, keeps the room of its largest frame, and belongs to one goroutine.
type Joiner struct {
	data []byte
	open bool // within a NAL unit that came in fragments
	bad  error
}

// Reset forgets what was added and makes ready for the next frame.
func (j *Joiner) Reset() {
	j.data, j.open, j.bad = j.data[:0], false, nil
}

// Add appends the next part of the frame; parts come in the order of their sequence numbers, none missing. What cannot be added is told
// by [Joiner.Frame].
func (j *Joiner) Add(p Part) {
	if j.bad != nil {
		return
	}
	j.bad = j.add(p)
}

func (j *Joiner) add(p Part) error {
	if len(j.data)+len(p.Data)+len(startCode)+1 > MaxFrame {
		return fmt.Errorf("%w: more than %d bytes", ErrTooLong, MaxFrame)
	}
	continues := p.form == formFragment || p.form == formLast
	if continues != j.open {
		return fmt.Errorf("%w: fragments of a NAL unit that do not fit together", ErrPayload)
	}
	switch p.form {
	case formBytes, formFragment:
		j.data = append(j.data, p.Data...)
	case formLast:
		j.data, j.open = append(j.data, p.Data...), false
	case formFirst:
		j.data, j.open = append(append(append(j.data, startCode...), p.unit), p.Data...), true
	case formUnit:
		j.data = append(append(j.data, startCode...), p.Data...)
	case formUnits:
		return j.addUnits(p.Data)
	}
	return nil
}

// addUnits adds NAL units from behind their sizes, which Parse has checked.
func (j *Joiner) addUnits(data []byte) error {
	for len(data) > 0 {
		var unit []byte
		if unit, data = nextAggregated(data); unit == nil || len(j.data)+len(unit)+len(startCode) > MaxFrame {
			return fmt.Errorf("%w: NAL units that overrun", ErrPayload)
		}
		j.data = append(append(j.data, startCode...), unit...)
	}
	return nil
}

// Frame returns the whole frame in the form that the codec's decoder takes, H.264 with start codes. It belongs to the joiner until the
// next Reset. It returns [ErrPayload] or [ErrTooLong] where the parts make no frame.
func (j *Joiner) Frame() ([]byte, error) {
	switch {
	case j.bad != nil:
		return nil, j.bad
	case j.open:
		return nil, fmt.Errorf("%w: the last fragment of a NAL unit is missing", ErrPayload)
	case len(j.data) == 0:
		return nil, fmt.Errorf("%w: an empty frame", ErrPayload)
	}
	return j.data, nil
}
