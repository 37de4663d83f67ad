// Command parleyd is the signaling server alone, without the desktop program: people who dial the same room on it find each
// other there, and then talk directly.
//
// It serves WebSockets at /ws, "ok" at /healthz, and numbers for Prometheus at /metrics. It keeps nothing on disk. On
// SIGTERM or SIGINT it tells everybody that it stops, and stops; calls that are running go on, and the programs come back by themselves
// when it does.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/alecthomas/kong"

	parley "parley/call/signal"
	"parley/call/signal/server"
	"parley/call/signal/wire"
)

// version is set by the linker: -ldflags "-X main.version=1.2.3".
var version = "development"

// The exit statuses.
const (
	exitFailed = 1 // the server could not run
	exitUsage  = 2 // the command line is wrong
)

type flags struct {
	Listen    string           `default:":1337" placeholder:"HOST:PORT" help:"Where to listen. Port 0 takes a free one. Default: every address, port 1337."`
	Origin    []string         `sep:"none" placeholder:"URL" help:"A web page that may connect, such as https://example.com; may be repeated. Programs, and pages from this machine, always may."`
	ICE       []string         `name:"ice" sep:"none" placeholder:"URL" help:"A STUN or TURN server to tell people of: stun:HOST:PORT, or turn:USER:PASSWORD@HOST:PORT[?transport=tcp], or turns: for TLS; may be repeated."`
	MaxPeople int              `default:"64" placeholder:"N" help:"How many people a room takes, 2 to 256. Default: ${default}."`
	Version   kong.VersionFlag `help:"Print the version and leave."`
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program, and returns its exit status.
func run(args []string, stdout, stderr io.Writer) int {
	cfg, listen, status, done := parse(args, stdout, stderr)
	if done {
		return status
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	cfg.Logger = slog.New(slog.NewTextHandler(stderr, nil))
	ln, err := net.Listen("tcp", listen)
	if err != nil {
		fmt.Fprintln(stderr, "parleyd:", listenError(listen, err))
		return exitFailed
	}
	fmt.Fprintf(stdout, "parleyd: listening on ws://%s/ws\n", ln.Addr())
	s := server.New(cfg)
	defer s.Close()
	if err := s.Serve(ctx, ln); err != nil {
		fmt.Fprintln(stderr, "parleyd:", err)
		return exitFailed
	}
	return 0
}

// parse reads the command line. Done says that there is nothing more to do than to exit with that status.
func parse(args []string, stdout, stderr io.Writer) (cfg server.Config, listen string, status int, done bool) {
	var f flags
	exited := -1
	parser, err := kong.New(&f,
		kong.Name("parleyd"),
		kong.Description("The Parley signaling server: people who dial the same room find each other here."),
		kong.Vars{"version": "parleyd " + version},
		kong.Writers(stdout, stderr),
		kong.Exit(func(status int) { exited = max(exited, status) }),
	)
	if err == nil {
		_, err = parser.Parse(args)
	}
	if exited >= 0 { // --help or --version was given
		return cfg, "", exited, true
	}
	if err == nil {
		cfg, err = f.config()
	}
	if err != nil {
		fmt.Fprintln(stderr, "parleyd:", err)
		return cfg, "", exitUsage, true
	}
	return cfg, f.Listen, 0, false
}

func (f *flags) config() (server.Config, error) {
	cfg := server.Config{Origins: f.Origin, MaxPeople: f.MaxPeople}
	if f.MaxPeople < 2 || f.MaxPeople > wire.MaxPeople {
		return cfg, fmt.Errorf("--max-people %d: want 2 to %d", f.MaxPeople, wire.MaxPeople)
	}
	_, port, err := net.SplitHostPort(f.Listen)
	if n, bad := strconv.Atoi(port); err != nil || bad != nil || n < 0 || n > 65535 {
		return cfg, fmt.Errorf("--listen %q: want HOST:PORT, such as 127.0.0.1:1337 or :1337", f.Listen)
	}
	for _, s := range f.ICE {
		ice, err := parley.ParseICEServer(s)
		if err != nil {
			return cfg, fmt.Errorf("--ice: %w", err)
		}
		cfg.ICE = append(cfg.ICE, ice)
	}
	return cfg, nil
}

// listenError says in a sentence why nobody can listen there.
func listenError(where string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is in use by another program; choose another port with --listen", where)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s needs more rights than this user has; choose a port above 1023 with --listen", where)
	}
	return fmt.Errorf("cannot listen on %s: %w", where, err)
}
