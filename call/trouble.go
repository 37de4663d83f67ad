package call

import (
	"errors"

	"parley/call/peer"
	"parley/call/signal"
)

// trouble is an error in words for the user: what happened, and what to do. Under it is the error that a log has in full.
type trouble struct {
	words string
	err   error
}

// Error returns the words.
func (t *trouble) Error() string { return t.words }

// Unwrap returns the error that was met.
func (t *trouble) Unwrap() error { return t.err }

// troubles are in the order in which they are looked for: an error may be several.
var troubles = []struct {
	err   error
	words string
}{
	{signal.ErrRoomFull, "The room is full. Wait until somebody leaves, or dial another room."},
	{signal.ErrTooMany, "The server gets too much from your network just now. Try again in a minute."},
	{signal.ErrStopping, "The server is being stopped. Try again in a moment."},
	{signal.ErrReplaced, "You joined this room from somewhere else, which ended the call here."},
	{signal.ErrProtocol, "The server speaks another version of Parley. Update the older of the two."},
	{signal.ErrBadAddress, "There is no Parley server at that address. Check how it is spelt."},
	{signal.ErrUnreachable, "The server does not answer. Check its address, that it runs, and that you are online."},
	{signal.ErrRefused, "The server refused. Ask whoever runs it why."},
	{peer.ErrNoSharedCodec, "Their program and yours share no format for sound or pictures. An update of theirs may help."},
	{peer.ErrNoPath, "No network path to them was found, and Parley goes on trying. A relay (TURN server) helps where firewalls are strict."},
	{peer.ErrBadDescription, "Their program sends what yours cannot use. An update of theirs may help."},
	{peer.ErrFlood, "Their program floods yours, which talks to it no more. They may leave and come back."},
	{peer.ErrTooMuch, "Their program sends more than a call needs, so it is not listened to for a while."},
}

// explain puts an error into words for the user. One that it does not know stays as it is.
func explain(err error) error {
	for _, t := range troubles {
		if errors.Is(err, t.err) {
			return &trouble{words: t.words, err: err}
		}
	}
	return err
}
