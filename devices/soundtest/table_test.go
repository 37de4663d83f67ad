package soundtest_test

import (
	"testing"
	"time"

	"parley/devices/soundtest"
)

func TestSoundsAreFoundAgainHoweverTheyChangedOnTheWay(t *testing.T) {
	const late = 77 * 48
	said := soundtest.Blips(20*time.Second, 3)
	heard := make([]int16, len(said))
	for i := late; i < len(heard); i++ {
		heard[i] = said[i-late]/3 + int16(i%97) // softer, and with a hum
		if i < 5*48000 {
			heard[i] = 0 // the call began later
		}
	}
	sounds := soundtest.Delays(said, heard)
	if len(sounds) < 40 {
		t.Fatalf("%d sounds were found in 20 s", len(sounds))
	}
	for _, d := range sounds {
		switch end := d.Said + 77*time.Millisecond + 100*time.Millisecond; {
		case end < 5*time.Second && d.Took >= 0:
			t.Errorf("the sound of %v, before the call, is said to be heard after %v", d.Said, d.Took)
		case d.Said > 5*time.Second && (d.Took != 77*time.Millisecond || d.Level < -10 || d.Level > -9):
			t.Errorf("the sound of %v was heard after %v, at %.1f dB, want 77ms and -9.5", d.Said, d.Took, d.Level)
		}
	}
}

func TestATableRecordsWhatEachPersonSays(t *testing.T) {
	table := soundtest.Start(t).AddTable("Ann", "Ben")
	table.Talk("Ben", soundtest.Blips(2*time.Second, 1))
	for end := time.Now().Add(time.Minute); len(soundtest.Delays(table.Said("Ben"), table.Said("Ben"))) < 2; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("what Ben says is not recorded")
		}
	}
	table.Stop()
	for _, d := range soundtest.Delays(table.Said("Ben"), table.Heard("Ben")) {
		if d.Took >= 0 {
			t.Error("Ben's speaker plays what Ben says")
		}
	}
	for _, silent := range [][]int16{table.Said("Ann"), table.Heard("Ann"), table.Heard("Ben")} {
		for _, s := range silent {
			if s != 0 {
				t.Fatal("nothing but Ben's mouth should sound")
			}
		}
	}
}
