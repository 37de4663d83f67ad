package devices

import (
	"fmt"
	"time"
)

// answerPatience is how long a user may take to answer when the system asks whether this program may use a device. Then it is as if
// they had said no, until the next attempt.
const answerPatience = time.Minute

var errNotAnswered = fmt.Errorf("%w: the system's question was not answered", ErrNotAllowed)

// authorization is what a system has noted of the user's leave to use one kind of device.
type authorization int

// The values of AVAuthorizationStatus.
// https://developer.apple.com/documentation/avfoundation/avauthorizationstatus
const (
	notAsked   authorization = 0
	restricted authorization = 1
	denied     authorization = 2
	authorized authorization = 3
)

// refusal returns why a device must not be used; nil when it may, or when the user is still to be asked.
func (a authorization) refusal(kind Kind) error {
	switch a {
	case denied:
		return fmt.Errorf("%w: the system's privacy settings keep the %s from this program", ErrNotAllowed, kind)
	case restricted:
		return fmt.Errorf("%w: the %s is kept from this account by its administrator", ErrNotAllowed, kind)
	}
	return nil
}

// consent is one of the switches on a page of Windows' privacy settings, as the registry keeps it.
type consent struct {
	scope string // whom it is about, for people
	value string // "Allow" or "Deny"; empty where there is no such switch
}

// consentTo returns why a device must not be used on Windows, where each of the switches can forbid it; nil when it may.
func consentTo(kind Kind, answers []consent) error {
	for _, a := range answers {
		if a.value == "Deny" {
			return fmt.Errorf("%w: the privacy settings keep the %s from %s", ErrNotAllowed, kind, a.scope)
		}
	}
	return nil
}
