package ui

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	"unicode"

	"parley/call"
)

var (
	roomColors  = strings.Fields("amber azure birch bright calm cedar clear cobalt copper coral crisp dawn early ember fern gentle golden green hazel indigo ivory jade keen lilac lucky maple mellow misty mossy noble olive opal pearl plum quiet rapid ruby rustic saffron sandy sage silver solar steady swift tidal umber velvet violet warm willow")
	roomAnimals = strings.Fields("otter heron badger robin falcon lynx marten swallow beaver curlew dolphin eagle finch gecko hare ibis jackal kestrel lark magpie newt osprey panda quail raven seal tern urchin vole wren bison crane dingo egret ferret goose hornet koala llama moose orca puffin rook salmon toad turtle weasel yak zebra plover")
	roomPlaces  = strings.Fields("lake river meadow valley harbor canyon forest island summit garden bridge castle desert field glacier grove hill inlet lagoon marsh moor ocean orchard peak pine plain pond prairie ravine reef ridge shore spring stream terrace tower trail tundra village vista wharf wood bay cape cliff cove dale delta dune fjord")
)

// newRoomName makes up a room that is easy to say on the telephone, like amber-otter-lake-42. There are 11 million of them:
// enough that two calls do not meet by chance, not enough to be a secret.
func newRoomName() string {
	pick := func(words []string) string { return words[rand.IntN(len(words))] }
	return fmt.Sprintf("%s-%s-%s-%d", pick(roomColors), pick(roomAnimals), pick(roomPlaces), 10+rand.IntN(90))
}

// ago says when a call was, as people do, and how long it took.
func ago(r Recent, now time.Time) string {
	at := r.At.In(now.Location())
	day := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	var when string
	switch days := int(day(now).Sub(day(at)).Hours() / 24); {
	case days <= 0:
		when = "today"
	case days == 1:
		when = "yesterday"
	case days < 7:
		when = at.Weekday().String()
	case at.Year() == now.Year():
		when = at.Format("2 Jan")
	default:
		when = at.Format("2 Jan 2006")
	}
	minutes := int(r.Duration.Round(time.Minute).Minutes())
	switch {
	case minutes < 1:
		return when + ", under 1 min"
	case minutes < 60:
		return fmt.Sprintf("%s, %d min", when, minutes)
	}
	return fmt.Sprintf("%s, %d h %d min", when, minutes/60, minutes%60)
}

// clock shows how long a call has lasted: 0:07, 12:41, 1:02:03.
func clock(d time.Duration) string {
	s := int(max(d, 0).Seconds())
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// people counts everybody in the room, with this side.
func people(others int) string {
	if others == 0 {
		return "Only you"
	}
	return fmt.Sprintf("%d people", others+1)
}

// farewell says who left and why.
func farewell(name string, reason call.Reason) string {
	switch reason {
	case call.ReasonLeft:
		return name + " left"
	case call.ReasonTimeout:
		return name + " left: the connection was lost"
	case call.ReasonKicked:
		return name + " was removed"
	case call.ReasonNodeLost:
		return name + " left: their server went down"
	case call.ReasonReplaced:
		return name + " left: they came back on another device"
	}
	return name + " is gone"
}

// capital makes the first letter a capital.
func capital(s string) string {
	runes := []rune(s)
	if len(runes) > 0 {
		runes[0] = unicode.ToUpper(runes[0])
	}
	return string(runes)
}

// sentence makes an error a sentence: a capital at its beginning, a full stop at its end.
func sentence(err error) string {
	if err == nil {
		return ""
	}
	s := capital(strings.TrimSpace(err.Error()))
	if s != "" && !strings.ContainsAny(s[len(s)-1:], ".!?") {
		s += "."
	}
	return s
}
