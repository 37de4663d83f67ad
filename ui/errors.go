package ui

// FieldError is bad input: what is wrong, in words for the user, and which field to show it at. [Dialer.Dial] returns
// it; another error is shown at the room.
type FieldError struct {
	Field Field
	Err   error
}

// Error returns the words for the user.
func (e *FieldError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *FieldError) Unwrap() error { return e.Err }
