package call

import "time"

// Quality is how well a person and this side see and hear each other.
type Quality string

// The degrees of quality. Poor is noticed; bad makes it hard to talk.
const (
	QualityUnknown Quality = "" // too little was measured yet
	QualityGood    Quality = "good"
	QualityPoor    Quality = "poor"
	QualityBad     Quality = "bad"
)

// Cause is what keeps the quality down.
type Cause string

// The causes. Whose network it is can be told from a third person alone: with one other in the call it is the network between the two.
const (
	CauseNone         Cause = ""
	CauseTheirNetwork Cause = "their-network" // others come through well
	CauseMyNetwork    Cause = "my-network"    // nearly nobody comes through well
	CauseNetwork      Cause = "network"       // theirs, or the own one
	CauseThisComputer Cause = "this-computer" // it cannot keep up
)

// observation is what was measured of a person in about a second. A share that is negative was not measured.
type observation struct {
	frozen    float64       // share of the time in which their picture stood though it should have moved
	concealed float64       // share of their sound that was made up
	lost      float64       // share of what this side sent that they report as lost
	roundTrip time.Duration // 0 was not measured
	starved   bool          // the path to them bears no better than a small picture
	cpu       bool          // this computer is what limits the picture sent
}

// What counts as poor and as bad. Loss by itself is not noticed as long as it is repaired, which it is up to about there.
const (
	poorFrozen, badFrozen       = 0.05, 0.25
	poorConcealed, badConcealed = 0.03, 0.12
	poorLost, badLost           = 0.12, 0.30
	poorTrip, badTrip           = 500 * time.Millisecond, 1500 * time.Millisecond
)

// What the judgement waits for, in observations: trouble that passes at once is none, and one that comes and goes is one.
const (
	worsenAfter  = 2
	improveAfter = 5
)

// judge turns observations of one person into a judgement that does not flicker.
type judge struct {
	quality Quality
	cpu     bool // of the observations that led to it
	worse   int  // observations in a row that were worse than the judgement
	better  int  // or better
	best    Quality
}

// observe takes one observation and returns the judgement.
func (j *judge) observe(o observation) Quality {
	now := o.quality()
	switch {
	case now == QualityUnknown:
	case j.quality == QualityUnknown:
		j.settle(now, o)
	case severity(now) > severity(j.quality):
		j.better = 0
		if j.worse++; j.worse >= worsenAfter {
			j.settle(now, o)
		}
	case severity(now) < severity(j.quality):
		j.worse = 0
		if j.better == 0 || severity(now) > severity(j.best) {
			j.best = now
		}
		if j.better++; j.better >= improveAfter {
			j.settle(j.best, o)
		}
	default:
		j.worse, j.better, j.cpu = 0, 0, o.cpu
	}
	return j.quality
}

func (j *judge) settle(q Quality, o observation) {
	*j = judge{quality: q, cpu: o.cpu}
}

// quality judges a single observation.
func (o observation) quality() Quality {
	switch {
	case o.frozen < 0 && o.concealed < 0 && o.lost < 0 && o.roundTrip == 0 && !o.cpu:
		return QualityUnknown
	case o.frozen > badFrozen, o.concealed > badConcealed, o.lost > badLost, o.roundTrip > badTrip:
		return QualityBad
	case o.frozen > poorFrozen, o.concealed > poorConcealed, o.lost > poorLost, o.roundTrip > poorTrip, o.starved, o.cpu:
		return QualityPoor
	}
	return QualityGood
}

func severity(q Quality) int {
	switch q {
	case QualityPoor:
		return 1
	case QualityBad:
		return 2
	}
	return 0
}

// causes says for each of several people, whose judges are given, what keeps the quality down.
func causes(judges []*judge) []Cause {
	known, troubled := 0, 0
	for _, j := range judges {
		if j.quality != QualityUnknown {
			known++
		}
		if severity(j.quality) > 0 && !j.cpu {
			troubled++
		}
	}
	found := make([]Cause, len(judges))
	for i, j := range judges {
		switch {
		case severity(j.quality) == 0:
		case j.cpu:
			found[i] = CauseThisComputer
		case known < 2:
			found[i] = CauseNetwork
		case troubled >= 2 && 3*troubled >= 2*known:
			found[i] = CauseMyNetwork
		default:
			found[i] = CauseTheirNetwork
		}
	}
	return found
}
