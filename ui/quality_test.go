package ui_test

import (
	"testing"

	"parley/call"
)

// troubled is a person to or from whom not all comes through.
func troubled(p call.Person, q call.Quality, cause call.Cause) call.Person {
	p.Quality, p.Cause = q, cause
	return p
}

func TestAWeakConnectionIsToldBesideTheName(t *testing.T) {
	for words, p := range map[string]call.Person{
		"Ben · weak network":                troubled(ben, call.QualityPoor, call.CauseTheirNetwork),
		"Ben · very weak network":           troubled(ben, call.QualityBad, call.CauseTheirNetwork),
		"Ben · weak connection":             troubled(ben, call.QualityPoor, call.CauseNetwork),
		"Ben · very weak connection":        troubled(ben, call.QualityBad, call.CauseNetwork),
		"Ben · muted by you · weak network": troubled(ben, call.QualityPoor, call.CauseTheirNetwork),
	} {
		t.Run(words, func(t *testing.T) {
			d, c := inCall(t, ben)
			d.expectNot("weak")
			if words == "Ben · muted by you · weak network" {
				c.SetVolume(ben.ID, 0)
			}
			c.update(p)
			d.expect(words)
			c.update(troubled(ben, call.QualityGood, call.CauseNone))
			d.expectNot("weak")
		})
	}
}

func TestWhatIsWrongOnThisSideIsToldOnceForAll(t *testing.T) {
	for words, cause := range map[string]call.Cause{
		"Your network is weak":  call.CauseMyNetwork,
		"This computer is busy": call.CauseThisComputer,
	} {
		t.Run(words, func(t *testing.T) {
			d, c := inCall(t, ben, dora)
			c.update(troubled(ben, call.QualityPoor, cause))
			c.update(troubled(dora, call.QualityPoor, cause))
			d.expect(words)
			d.expectNot("· weak")
			c.update(ben)
			c.update(dora)
			d.expectNot(words)
		})
	}
}

func TestAPersonWhoIsLostHasNoQuality(t *testing.T) {
	d, c := inCall(t, ben)
	lost := troubled(ben, call.QualityBad, call.CauseMyNetwork)
	lost.State = call.PersonReconnecting
	c.update(lost)
	d.expect("Reconnecting")
	d.expectNot("Your network is weak")
}
