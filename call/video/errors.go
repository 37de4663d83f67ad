package video

import "errors"

// ErrPayload is returned by [ParsePayload] for a packet that is not VP8 by RFC 7741.
var ErrPayload = errors.New("malformed VP8 packet")
