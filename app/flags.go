package app

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/pion/webrtc/v4"

	"parley/call/signal"
	"parley/devices"
)

// commandLine is what may be asked of the program. Scripts rely on it.
type commandLine struct {
	Call    callFlags    `cmd:"" default:"withargs" help:"Open the lobby, or dial a room (the default)."`
	Devices devicesFlags `cmd:"" help:"List cameras, microphones, speakers, screens and windows, and why one cannot be opened."`
	Version struct{}     `cmd:"" help:"Print the version."`
}

type devicesFlags struct {
	JSON bool `name:"json" help:"As JSON."`
}

type callFlags struct {
	Room        string        `arg:"" optional:"" help:"A room's name, or a link: parley://HOST[:PORT]/ROOM."`
	Server      string        `placeholder:"URL" help:"The signaling server: ws(s)://HOST[:PORT]/ws, or http(s)://HOST. Without one, this program is the server."`
	Port        int           `default:"1337" help:"Where the server in this program listens, when that is free; 0 for any (${default})."`
	Name        string        `help:"What others call you."`
	Join        bool          `help:"Dial at once."`
	Camera      *string       `placeholder:"LABEL" help:"A camera by its label, pattern, or none."`
	Microphone  *string       `placeholder:"LABEL" help:"A microphone by its label, tone, or none."`
	Speaker     *string       `placeholder:"LABEL" help:"A speaker by its label, or none."`
	Share       *string       `placeholder:"LABEL" help:"Show others a screen or a window, by its label, once joined; ask lets the system ask which."`
	ICE         []iceURL      `name:"ice" sep:"none" placeholder:"URL" help:"A STUN or TURN server: stun:HOST:PORT, or turn:USER:PASSWORD@HOST:PORT[?transport=tcp], or turns: for TLS; may be repeated."`
	RelayOnly   bool          `help:"Send and receive by TURN alone."`
	Size        size          `default:"1280x720@30" placeholder:"WxH@FPS" help:"What the camera is asked for (${default})."`
	NoWindow    bool          `help:"Take part without a window."`
	Report      string        `placeholder:"FILE" help:"Write one JSON object a second with what was measured."`
	ReportEvery time.Duration `default:"1s" placeholder:"DURATION" help:"Write it that often instead, 50ms to 1m."`
	LeaveAfter  time.Duration `placeholder:"DURATION" help:"Hang up and end after that time."`
	Verbose     bool          `short:"v" help:"Say on standard error what happens."`
}

// request is what the command line asks to dial.
type request struct {
	server string // ws(s)://…/ws; "" for the one in this program
	room   string
	name   string
	join   bool
}

// request checks the room, the name and the server, so that a mistake is told before anything is opened.
func (f callFlags) request() (request, error) {
	r := request{room: f.Room, name: f.Name, join: f.Join || f.NoWindow}
	if signal.IsLink(f.Room) {
		server, room, err := signal.ParseLink(f.Room)
		if err != nil {
			return r, fmt.Errorf("the link %q: %w; %w", f.Room, err, errUsage)
		}
		r.server, r.room = server, room
	}
	if f.Server != "" {
		server, err := signal.ParseURL(f.Server)
		if err != nil {
			return r, fmt.Errorf("--server %q: %w; %w", f.Server, err, errUsage)
		}
		r.server = server
	}
	if r.room != "" {
		if err := signal.CheckRoom(r.room); err != nil {
			return r, fmt.Errorf("the room %q: %w; %w", r.room, err, errUsage)
		}
	} else if r.join {
		return r, fmt.Errorf("which room? %w", errUsage)
	}
	if r.name != "" {
		if err := signal.CheckName(r.name); err != nil {
			return r, fmt.Errorf("--name %q: %w; %w", r.name, err, errUsage)
		}
	}
	if f.Port < 0 || f.Port > 65535 {
		return r, fmt.Errorf("--port %d: a port is a number from 0 to 65535; %w", f.Port, errUsage)
	}
	if f.ReportEvery < 50*time.Millisecond || f.ReportEvery > time.Minute {
		return r, fmt.Errorf("--report-every %v is out of range: 50ms to 1m; %w", f.ReportEvery, errUsage)
	}
	if f.LeaveAfter < 0 {
		return r, fmt.Errorf("--leave-after %v: a time cannot be negative; %w", f.LeaveAfter, errUsage)
	}
	return r, nil
}

// size is what a camera is asked for.
type size devices.Format

var sizeForm = regexp.MustCompile(`^(\d{2,4})x(\d{2,4})(?:@(\d{1,3}))?$`)

// UnmarshalText reads WxH or WxH@FPS.
func (s *size) UnmarshalText(text []byte) error {
	parts := sizeForm.FindStringSubmatch(string(text))
	if parts == nil {
		return fmt.Errorf("%q is not a size like 1280x720@30", text)
	}
	s.Width, _ = strconv.Atoi(parts[1])
	s.Height, _ = strconv.Atoi(parts[2])
	s.FrameRate = 30
	if parts[3] != "" {
		s.FrameRate, _ = strconv.ParseFloat(parts[3], 64)
	}
	switch {
	case s.Width < 16 || s.Width > 4096 || s.Height < 16 || s.Height > 4096:
		return fmt.Errorf("%q is out of range: 16x16 to 4096x4096", text)
	case s.FrameRate < 1 || s.FrameRate > 120:
		return fmt.Errorf("%q is out of range: 1 to 120 frames a second", text)
	}
	return nil
}

// iceURL is a STUN or TURN server as a user writes it.
type iceURL webrtc.ICEServer

// UnmarshalText reads it; see signal.ParseICEServer.
func (i *iceURL) UnmarshalText(text []byte) error {
	server, err := signal.ParseICEServer(string(text))
	if err != nil {
		return err
	}
	*i = iceURL{URLs: server.URLs, Username: server.Username, Credential: server.Credential}
	return nil
}
