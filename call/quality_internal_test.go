package call

import (
	"slices"
	"testing"
	"time"

	"parley/call/video"
)

// fine is an observation of a person who is seen and heard well.
var fine = observation{lost: 0.01, roundTrip: 40 * time.Millisecond}

func observed(j *judge, times int, o observation) Quality {
	q := j.quality
	for range times {
		q = j.observe(o)
	}
	return q
}

func TestQualityIsUnknownUntilSomethingWasMeasured(t *testing.T) {
	var j judge
	if got := observed(&j, 10, observation{frozen: -1, concealed: -1, lost: -1}); got != QualityUnknown {
		t.Errorf("of nothing measured it says %q", got)
	}
	if got := j.observe(fine); got != QualityGood {
		t.Errorf("after the first measurement it says %q", got)
	}
}

func TestEachKindOfTroubleMakesAQualityPoorOrBad(t *testing.T) {
	for name, c := range map[string]struct {
		o    observation
		want Quality
	}{
		"a repaired loss":          {observation{lost: 0.08}, QualityGood},
		"a picture that stutters":  {observation{frozen: 0.1}, QualityPoor},
		"a picture that stands":    {observation{frozen: 0.6}, QualityBad},
		"sound with gaps":          {observation{concealed: 0.05}, QualityPoor},
		"sound in pieces":          {observation{concealed: 0.3}, QualityBad},
		"much that gets lost":      {observation{lost: 0.2}, QualityPoor},
		"a long way":               {observation{roundTrip: 700 * time.Millisecond}, QualityPoor},
		"a way too long":           {observation{roundTrip: 2 * time.Second}, QualityBad},
		"a narrow path":            {observation{starved: true}, QualityPoor},
		"a computer that is short": {observation{frozen: -1, concealed: -1, lost: -1, cpu: true}, QualityPoor},
	} {
		t.Run(name, func(t *testing.T) {
			var j judge
			if got := j.observe(c.o); got != c.want {
				t.Errorf("it is judged %q, not %q", got, c.want)
			}
		})
	}
}

func TestAMomentOfTroubleIsNone(t *testing.T) {
	var j judge
	j.observe(fine)
	for range 20 {
		if got := j.observe(observation{frozen: 1}); got != QualityGood {
			t.Fatalf("one bad second makes it %q", got)
		}
		j.observe(fine)
	}
}

func TestTroubleThatComesAndGoesIsTold(t *testing.T) {
	var j judge
	j.observe(fine)
	if got := observed(&j, worsenAfter, observation{frozen: 1}); got != QualityBad {
		t.Fatalf("lasting trouble is judged %q", got)
	}
	for range 10 {
		if got := observed(&j, improveAfter-1, fine); got != QualityBad {
			t.Fatalf("a few good seconds make it %q", got)
		}
		j.observe(observation{frozen: 1})
	}
	if got := observed(&j, improveAfter, fine); got != QualityGood {
		t.Errorf("when the trouble is over it is %q", got)
	}
}

func TestRecoveryGoesNoFurtherThanTheWorstOfTheGoodSeconds(t *testing.T) {
	var j judge
	j.observe(observation{frozen: 1})
	j.observe(observation{frozen: 0.1})
	if got := observed(&j, improveAfter-1, fine); got != QualityPoor {
		t.Errorf("it is judged %q", got)
	}
}

func TestTheCauseIsSoughtWhereItCanBe(t *testing.T) {
	good, poor, slow := &judge{quality: QualityGood}, &judge{quality: QualityPoor}, &judge{quality: QualityPoor, cpu: true}
	unknown := &judge{}
	for name, c := range map[string]struct {
		judges []*judge
		want   []Cause
	}{
		"one person":                   {[]*judge{poor}, []Cause{CauseNetwork}},
		"one of three":                 {[]*judge{good, poor, good}, []Cause{CauseNone, CauseTheirNetwork, CauseNone}},
		"all three":                    {[]*judge{poor, poor, poor}, []Cause{CauseMyNetwork, CauseMyNetwork, CauseMyNetwork}},
		"two of five":                  {[]*judge{poor, good, poor, good, good}, []Cause{CauseTheirNetwork, CauseNone, CauseTheirNetwork, CauseNone, CauseNone}},
		"one who was measured":         {[]*judge{poor, unknown}, []Cause{CauseNetwork, CauseNone}},
		"a slow computer":              {[]*judge{slow, good}, []Cause{CauseThisComputer, CauseNone}},
		"a slow computer and one path": {[]*judge{slow, poor}, []Cause{CauseThisComputer, CauseTheirNetwork}},
		"nobody":                       {nil, []Cause{}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := causes(c.judges); !slices.Equal(got, c.want) {
				t.Errorf("the causes are %q, not %q", got, c.want)
			}
		})
	}
}

func TestAPictureThatNeverBeginsThoughSomethingComesIsFrozen(t *testing.T) {
	for name, c := range map[string]struct {
		before, after video.ReceiverStats
		want          float64
	}{
		"nothing comes":            {want: -1},
		"it began to come":         {after: video.ReceiverStats{PacketsReceived: 9}, want: -1},
		"it came, and comes still": {before: video.ReceiverStats{PacketsReceived: 9}, after: video.ReceiverStats{PacketsReceived: 18}, want: 1},
		"it came, and is no more":  {before: video.ReceiverStats{PacketsReceived: 9}, after: video.ReceiverStats{PacketsReceived: 9}, want: -1},
		"it can be seen": {
			before: video.ReceiverStats{PacketsReceived: 9}, after: video.ReceiverStats{PacketsReceived: 18, FramesDecoded: 3}, want: 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := frozen(c.before, c.after, time.Second); got != c.want {
				t.Errorf("%v of the time, want %v", got, c.want)
			}
		})
	}
}
