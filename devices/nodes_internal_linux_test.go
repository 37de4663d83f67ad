package devices

import (
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// nodeFile stands for a node: only when it changed is asked of it.
func nodeFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "video0")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestANodeIsOpenedOnceUntilItChanges(t *testing.T) {
	path, looks := nodeFile(t), 0
	s := sights{of: map[string]*sighting{}, examine: func(string) sight {
		looks++
		return sight{card: "cam", picture: true}
	}}
	for range 3 {
		if seen, _, ok := s.look(path); !ok || seen.card != "cam" {
			t.Fatalf("it is seen as %+v, %v", seen, ok)
		}
	}
	if looks != 1 {
		t.Errorf("it was opened %d times", looks)
	}
	if err := os.Chmod(path, 0o660); err != nil {
		t.Fatal(err)
	}
	if s.look(path); looks != 2 {
		t.Errorf("after a change of permissions it was opened %d times in all", looks)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, _, ok := s.look(path); ok || len(s.of) != 0 {
		t.Error("it is still known after it has gone")
	}
}

func TestANodeThatWasRefusedIsTriedAgain(t *testing.T) {
	path := nodeFile(t)
	answer := sight{card: "cam", picture: true, err: ErrNotAllowed}
	s := sights{of: map[string]*sighting{}, examine: func(string) sight { return answer }}
	if seen, _, _ := s.look(path); !errors.Is(seen.err, ErrNotAllowed) {
		t.Fatalf("it is seen as %+v", seen)
	}
	answer.err = nil
	if seen, _, _ := s.look(path); seen.err != nil {
		t.Errorf("once allowed it is seen as %+v", seen)
	}
}

func TestANodeThatHangsHoldsUpOneLookOnly(t *testing.T) {
	path := nodeFile(t)
	synctest.Test(t, func(t *testing.T) {
		answer := make(chan struct{})
		var looks atomic.Int32
		s := sights{of: map[string]*sighting{}, examine: func(string) sight {
			looks.Add(1)
			<-answer
			return sight{card: "cam", picture: true}
		}}
		for i := range 5 {
			before := time.Now()
			s.look(path)
			if took := time.Since(before); (took > 0) != (i == 0) {
				t.Errorf("look %d took %v", i, took)
			}
		}
		if n := looks.Load(); n != 1 {
			t.Errorf("%d goroutines hang in it", n)
		}
		close(answer)
		synctest.Wait()
		if seen, _, ok := s.look(path); !ok || seen.card != "cam" {
			t.Errorf("when its driver answers it is seen as %+v, %v", seen, ok)
		}
	})
}

func TestAFileThatIsNoCameraIsNotListed(t *testing.T) {
	if s := examine("/dev/null"); s.picture {
		t.Errorf("/dev/null is %+v", s)
	}
	if s := examine(filepath.Join(t.TempDir(), "video0")); s.picture {
		t.Errorf("what is not there is %+v", s)
	}
}

func TestNodesAreInTheOrderOfTheirNumbers(t *testing.T) {
	if nodeNumber("/dev/video2") >= nodeNumber("/dev/video10") || nodeNumber("/dev/videoX") != -1 {
		t.Error("video2 does not come before video10")
	}
}
