package ui

import (
	"slices"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"parley/call"
	"parley/devices"
)

// callScreen shows a call: a tile for every person, the own picture in the corner, and what can be done at the foot.
type callScreen struct {
	env     *env
	call    Call
	onLeave func() // hangs up and shows the lobby
	onAgain func() // dials once more

	root    *fyne.Container
	header  *callHeader
	bar     *callBar
	seats   *seats
	persons map[string]*personTile
	self    *tile
	share   *shareBanner
	picker  *sharePicker    // the one that was opened last; nil before
	listing bool            // what can be shared is being asked for
	setting *settingsDialog // that was opened last; nil before
	center  *centerPiece    // what stands where tiles would be
	banner  *panel
	words   *text
	notices *notices

	closed    bool
	away      bool // the window is out of sight
	state     call.State
	joinedAt  atomic.Pointer[time.Time] // when the room was first entered
	speakers  speakers
	muted     mutedTalk   // of the pulse's goroutine
	reminded  atomic.Bool // the user is told that they are muted
	pulse     *pulse
	signalled time.Time                    // when somebody was heard to come or go
	choices   map[devices.Kind]call.Choice // as they were told of last
}

// self is the key of the own level among those of people, whose ids are never empty.
const self = ""

// settling is how long after joining people who appear are those who were there already.
const settling = time.Second

// signalPause is the least time from one sound for those who come and go to the next.
const signalPause = time.Second

// newCallScreen shows a call that was dialled. close ends what it started, but not the call.
func newCallScreen(env *env, c Call, onLeave, onAgain func()) *callScreen {
	s := &callScreen{
		env: env, call: c, onLeave: onLeave, onAgain: onAgain,
		persons: make(map[string]*personTile),
		choices: make(map[devices.Kind]call.Choice),
	}
	s.buildUI()
	s.onMedia()
	s.pulse = newPulse(s.listen, s.onPulse)
	env.shutter.expect()
	return s
}

func (s *callScreen) buildUI() {
	s.header = newCallHeader(s.call.Room(), s.onInvite, s.onKey)
	s.self = newTile(s.env.media.SelfView(), "You", tileOwn, s.env.shutter)
	s.seats = newSeats(s.self)
	s.share = newShareBanner(s.env, s.onKey, s.relayout)
	s.center = newCenterPiece(s.onKey)
	s.banner, s.words = newBadge("", textNormal)
	s.banner.Hide()
	s.notices = newNotices()
	s.bar = newCallBar(s.env, s.onKey, s.onShare, s.onSettings, s.onLeave)
	s.root = container.New(layoutFunc{min: fyne.NewSize(320, 240), layout: s.layout},
		s.seats.box, s.center.box, s.banner, s.notices.box, s.header.box, s.share.box, s.bar.box, s.bar.hint)
}

func (s *callScreen) layout(_ []fyne.CanvasObject, size fyne.Size) {
	put(s.header.box, 0, 0, size.Width, headerHeight)
	top, foot := headerHeight, float32(92)
	if s.share.box.Visible() {
		put(s.share.box, edge, top, size.Width-2*edge, bannerHeight)
		top += bannerHeight + gap
	}
	put(s.seats.box, edge, top, size.Width-2*edge, size.Height-top-foot)
	put(s.center.box, edge, top, size.Width-2*edge, size.Height-top-foot)
	width := s.banner.fit(size.Width - 4*edge)
	put(s.banner, (size.Width-width)/2, top+12, width, s.banner.MinSize().Height)
	notices := top
	if s.banner.Visible() {
		notices += s.banner.MinSize().Height + 6
	}
	put(s.notices.box, edge, notices, size.Width-2*edge, size.Height-notices-foot)
	s.bar.layout(size)
	if s.picker.open() {
		s.picker.resize()
	}
}

func (s *callScreen) relayout() {
	if size := s.root.Size(); size.Width > 0 {
		s.layout(nil, size)
	}
	s.root.Refresh()
}

func (s *callScreen) object() fyne.CanvasObject { return s.root }

// shown is called when the screen is in the window.
func (s *callScreen) shown() {}

// close ends the tiles and the pulse.
func (s *callScreen) close() {
	s.closed = true
	s.picker.close()
	if s.setting.open() {
		s.setting.close()
	}
	s.pulse.close()
	s.self.close()
	for _, t := range s.persons {
		t.close()
	}
	for _, share := range s.seats.shares {
		share.close()
	}
}

// onKey is called for every key that goes down, wherever the focus is.
func (s *callScreen) onKey(key *fyne.KeyEvent) {
	if s.setting.open() || s.picker.handle(key) { // what is typed there is meant for a field
		return
	}
	switch key.Name {
	case fyne.KeyS:
		s.onShare()
	case fyne.KeyM:
		toggle(s.env.media, devices.KindMicrophone)
	case fyne.KeyV:
		toggle(s.env.media, devices.KindCamera)
	case fyne.KeyF:
		s.bar.onFullScreen()
	case fyne.KeyEscape:
		s.env.window.SetFullScreen(false)
	}
}

// onSettings opens the settings. What they say of the network holds for the call that runs.
func (s *callScreen) onSettings() {
	if !s.closed && !s.setting.open() {
		s.setting = showSettings(s.env, func() { s.call.SetLimits(s.env.settings.Limits()) })
	}
}

// onInvite lets others in, and copies the link to give to them.
func (s *callScreen) onInvite() {
	if err := s.call.Invite(); err != nil {
		s.notices.add(sentence(err), s.env.now())
		return
	}
	s.env.copyText(s.call.Address())
	s.notices.add("Copied the link: "+s.call.Address(), s.env.now())
	s.onCall(nil)
}

// onShare ends sharing, or lets the user choose what to share; where the system lets them choose, it does so at once.
func (s *callScreen) onShare() {
	if now := s.env.media.Sharing(); now.Open || now.Opening {
		s.env.media.StopSharing()
		return
	}
	if s.listing || s.picker.open() {
		return
	}
	s.listing = true
	s.env.work.Go(func() {
		list := listShareable(s.env.media)
		fyne.Do(func() { s.onShareable(list) })
	})
}

func (s *callScreen) onShareable(list []devices.Device) {
	s.listing = false
	switch {
	case s.closed:
	case onlyAsks(list):
		s.env.media.Share(call.Share{Kind: list[0].Kind, Label: list[0].Label, FrameRate: s.env.shareRate})
	default:
		s.picker = showSharePicker(s.env, list, s.onKey)
	}
}

// onMedia shows how the own devices are now, and tells when one failed in mid-call.
func (s *callScreen) onMedia() {
	camera, microphone := s.env.media.Choice(devices.KindCamera), s.env.media.Choice(devices.KindMicrophone)
	s.self.setPicture(camera.On && camera.Open)
	beside := ""
	if !willSend(microphone) {
		beside = "muted"
	}
	s.self.setName("You", beside)
	s.bar.update()
	if s.share.update() {
		s.relayout()
	}
	for _, kind := range ownKinds {
		now := s.env.media.Choice(kind)
		if now.Opening {
			continue // what becomes of it is told when it is known
		}
		before := s.choices[kind]
		if s.env.tried[kind] && failed(now) {
			before = call.Choice{} // what the user asked for is worth an answer, even the same one
		}
		s.env.tried[kind] = false
		if words := s.env.host.change(kind, before, now); words != "" {
			s.notices.add(words, s.env.now())
		}
		s.choices[kind] = now
	}
}

// onCall shows how the call stands, and tells who came and went.
func (s *callScreen) onCall(events []call.Event) {
	var err error
	s.state, err = s.call.State()
	if s.state == call.Left {
		s.onLeave()
		return
	}
	now := s.env.now()
	if s.state == call.Joined && s.joinedAt.Load() == nil {
		s.joinedAt.Store(&now)
	}
	for _, e := range events {
		switch e := e.(type) {
		case call.PersonJoined:
			if at := s.joinedAt.Load(); at != nil && now.Sub(*at) > settling {
				s.notices.add(e.Person.Name+" joined", now)
				s.signal(call.SignalArrival, now)
			}
		case call.PersonLeft:
			s.notices.add(farewell(e.Person.Name, e.Reason), now)
			s.signal(call.SignalDeparture, now)
		}
	}
	persons := s.call.People()
	s.showPeople(persons)
	s.showState(err, persons)
	s.header.setPeople(len(persons))
	s.root.Refresh()
}

// signal plays a sound if the user wants that. However many come and go, it sounds once in a while only.
func (s *callScreen) signal(signal call.Signal, now time.Time) {
	if !s.env.settings.Sound().Signals || now.Sub(s.signalled) < signalPause {
		return
	}
	s.signalled = now
	s.env.media.Signal(signal)
}

// showPeople makes the tiles those of the people in the room.
func (s *callScreen) showPeople(persons []call.Person) {
	here := make(map[string]bool, len(persons))
	objects := make([]fyne.CanvasObject, 0, len(persons))
	for _, p := range persons {
		here[p.ID] = true
		t, ok := s.persons[p.ID]
		if !ok {
			t = newPersonTile(s.call, p, s.env.shutter, s.onKey)
			s.persons[p.ID] = t
			s.env.shutter.expect()
		}
		t.update(p)
		objects = append(objects, t)
	}
	for id, t := range s.persons {
		if !here[id] {
			t.close()
			delete(s.persons, id)
		}
	}
	s.showShares(persons)
	s.seats.active = s.call.ActiveSpeaker()
	s.seats.seat(objects)
	s.setAway(s.away)
}

// setAway says whether the window is out of sight: then nobody's picture is asked for.
func (s *callScreen) setAway(away bool) {
	s.away = away
	s.self.setAway(away)
	for _, t := range s.persons {
		t.tile.setAway(away)
	}
	for _, share := range s.seats.shares {
		share.tile.setAway(away)
	}
}

// showShares makes the tiles of what is shared those of the people who share. What began last is on the stage, until the user puts
// something else there.
func (s *callScreen) showShares(persons []call.Person) {
	sharing := make(map[string]call.Person)
	for _, p := range persons {
		if p.Screen && p.State != call.PersonFailed {
			sharing[p.ID] = p
		}
	}
	s.seats.shares = slices.DeleteFunc(s.seats.shares, func(t *screenTile) bool {
		p, still := sharing[t.person]
		if !still {
			t.close()
			return true
		}
		t.update(p)
		delete(sharing, t.person)
		return false
	})
	for _, p := range persons {
		slot := s.call.Screen(p.ID)
		if _, begins := sharing[p.ID]; !begins || slot == nil {
			continue
		}
		t := newScreenTile(s.call, slot, p, s.env.shutter, s.onKey)
		t.onTapped = func() { s.seats.putOnStage(t) }
		t.onDouble = s.bar.onFullScreen
		s.seats.shares = append(s.seats.shares, t)
		s.seats.stage = t
	}
	if !slices.Contains(s.seats.shares, s.seats.stage) {
		s.seats.stage = nil
		if n := len(s.seats.shares); n > 0 {
			s.seats.stage = s.seats.shares[n-1]
		}
	}
}

// showState says how the call as a whole stands.
func (s *callScreen) showState(err error, persons []call.Person) {
	banner, others := ownTrouble(persons), len(persons)
	s.center.clear()
	switch s.state {
	case call.Joining:
		s.center.say("Joining "+s.call.Room(), "Reaching the server and asking for the room.")
	case call.Reconnecting:
		banner = "The server is out of reach. The call goes on."
		if others == 0 {
			banner = "The server is out of reach. Trying again."
		}
	case call.Failed:
		s.center.say("The call did not come about", sentence(err),
			action{"Back to the lobby", s.onLeave}, action{"Try again", s.onAgain})
		if s.joinedAt.Load() != nil {
			s.center.title.set("The call has ended")
		}
	case call.Joined:
		switch {
		case others > 0:
		case s.call.Open():
			s.center.say("You are alone in "+s.call.Room(),
				"Others dial this address, or the room's name on the same server.\n"+s.call.Address(),
				action{"Copy the address", s.onInvite})
		default:
			s.center.say("You are alone in "+s.call.Room(),
				"This call is open to this computer only. Once you invite others, they dial\n"+s.call.Address(),
				action{"Invite others", s.onInvite})
		}
	}
	s.words.set(banner)
	s.banner.Hidden = banner == ""
	canvas.Refresh(s.banner)
	if s.state == call.Failed {
		s.seats.box.Hide()
	}
}

// listen runs in the pulse's goroutine.
func (s *callScreen) listen() bool {
	levels := map[string]float64{self: s.env.media.LevelSent()}
	for _, p := range s.call.People() {
		levels[p.ID] = s.call.Level(p.ID)
	}
	remind := s.muted.look(!s.env.media.Choice(devices.KindMicrophone).On, s.env.media.TalkingMuted(), s.env.now())
	changed := s.reminded.Swap(remind) != remind
	return s.speakers.listen(levels, s.env.now(), int(s.duration().Seconds())) || changed
}

// onPulse shows who speaks and for how long the call has been going on.
func (s *callScreen) onPulse() {
	for id, t := range s.persons {
		t.tile.setSpeaking(s.speakers.speaking(id))
	}
	s.self.setSpeaking(s.speakers.speaking(self))
	if s.joinedAt.Load() != nil {
		s.header.setClock(clock(s.duration()))
	}
	s.notices.expire(s.env.now())
	if s.reminded.Load() {
		s.bar.say(mutedTalkWords)
	} else {
		s.bar.say("")
	}
}

// duration is how long ago the room was entered.
func (s *callScreen) duration() time.Duration {
	if at := s.joinedAt.Load(); at != nil {
		return s.env.now().Sub(*at)
	}
	return 0
}
