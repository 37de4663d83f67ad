package call

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"parley/call/peer"
	"parley/call/signal"
)

func TestEveryTroubleIsToldInAWholeSentenceAndKeepsItsCause(t *testing.T) {
	for _, cause := range []error{
		signal.ErrUnreachable, signal.ErrBadAddress, signal.ErrRoomFull, signal.ErrRefused, signal.ErrProtocol, signal.ErrTooMany,
		signal.ErrReplaced, signal.ErrStopping, peer.ErrNoPath, peer.ErrNoSharedCodec, peer.ErrBadDescription, peer.ErrTooMuch,
	} {
		told := explain(fmt.Errorf("dialling: %w: dial tcp 192.0.2.1:1337: i/o timeout", cause))
		words := told.Error()
		if !strings.HasSuffix(words, ".") || strings.Contains(words, "192.0.2.1") || strings.ToUpper(words[:1]) != words[:1] {
			t.Errorf("%v is told as %q", cause, words)
		}
		if !errors.Is(told, cause) {
			t.Errorf("%q has lost its cause, %v", words, cause)
		}
	}
	if own := errors.New("something else"); explain(own) != own {
		t.Error("an unknown error was changed")
	}
	if explain(nil) != nil {
		t.Error("no error was explained")
	}
}

func TestACloserTroubleIsToldBeforeAGeneralOne(t *testing.T) {
	full := errors.Join(signal.ErrRefused, signal.ErrRoomFull)
	if words := explain(full).Error(); !strings.Contains(words, "full") {
		t.Errorf("a full room is told as %q", words)
	}
}
