package ui

import "parley/call"

// weakness says in a word or two that the way to a person is not good, if it is theirs or may be; what is this side's own is told once for
// all by [ownTrouble].
func weakness(p call.Person) string {
	if p.State != call.PersonConnected {
		return ""
	}
	switch p.Cause {
	case call.CauseTheirNetwork:
		return graded(p.Quality, "weak network", "very weak network")
	case call.CauseNetwork:
		return graded(p.Quality, "weak connection", "very weak connection")
	}
	return ""
}

func graded(q call.Quality, poor, bad string) string {
	switch q {
	case call.QualityPoor:
		return poor
	case call.QualityBad:
		return bad
	}
	return ""
}

// ownTrouble says what keeps the whole call down on this side, and "" while nothing does.
func ownTrouble(people []call.Person) string {
	for _, p := range people {
		if p.State != call.PersonConnected {
			continue
		}
		switch p.Cause {
		case call.CauseMyNetwork:
			return "Your network is weak: others may see and hear you badly."
		case call.CauseThisComputer:
			return "This computer is busy: your picture may stutter for others."
		}
	}
	return ""
}
