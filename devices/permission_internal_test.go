package devices

import (
	"errors"
	"strings"
	"testing"
)

func TestOnlyTheUsersNoRefusesADevice(t *testing.T) {
	for state, refuses := range map[authorization]bool{notAsked: false, restricted: true, denied: true, authorized: false} {
		err := state.refusal(KindCamera)
		if errors.Is(err, ErrNotAllowed) != refuses || (err != nil) != refuses {
			t.Errorf("state %d: %v", state, err)
		}
		if err != nil && !strings.Contains(err.Error(), "camera") {
			t.Errorf("%v does not say what", err)
		}
	}
}

func TestEachSwitchOfWindowsCanForbidADevice(t *testing.T) {
	allowed := []consent{{"everybody", "Allow"}, {"this account", "Allow"}, {"desktop programs", ""}}
	if err := consentTo(KindMicrophone, allowed); err != nil {
		t.Errorf("allowed by all that say something: %v", err)
	}
	for i := range allowed {
		answers := append([]consent{}, allowed...)
		answers[i].value = "Deny"
		err := consentTo(KindMicrophone, answers)
		if !errors.Is(err, ErrNotAllowed) || !strings.Contains(err.Error(), answers[i].scope) {
			t.Errorf("denied to %s: %v", answers[i].scope, err)
		}
	}
}
