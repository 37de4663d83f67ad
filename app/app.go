// Package app is the desktop program: it reads the command line and the settings, puts the parts together, and takes them apart in the
// end. It is the only package that knows all the others.
//
// There is one path through it. [Main] parses the command line (flags.go). A call needs the local media and a dialler (dialer.go), which knows
// the signaling server to ask: one that was named, or the one that runs inside this program (host.go). What is left is who holds the
// telephone: a window (window.go), or nobody (headless.go).
package app

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/alecthomas/kong"

	"parley/call"
	"parley/devices"
)

// Exit statuses of the program.
const (
	exitOK    = 0
	exitError = 1 // something went wrong while it ran
	exitUsage = 2 // the command line asks for what cannot be
)

// errUsage is what the command line is refused with; it comes wrapped with the sentence for the user.
var errUsage = errors.New("see parley --help")

// Main runs the program with the arguments that follow its name, and returns its exit status. It must be called on the
// main goroutine, which the window needs.
func Main(args []string) int {
	var line commandLine
	parser, err := kong.New(&line, kong.Name("parley"), kong.Description("Video calls between desktops. See also: parley devices, parley version."),
		kong.Help(help), kong.Exit(exitAfterHelp), kong.Writers(os.Stdout, os.Stderr))
	if err != nil {
		panic(err) // the command line's own description is wrong
	}
	defer func() {
		if status, ok := recover().(helpShown); ok {
			os.Exit(int(status))
		}
	}()
	if len(args) == 1 && (args[0] == "--help" || args[0] == "-h") {
		args = []string{"call", "--help"} // what nearly everybody who asks wants to know
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return complain(fmt.Errorf("%w; %w", err, errUsage))
	}
	switch parsed.Command() {
	case "devices":
		err = listDevices(os.Stdout, devices.List, line.Devices.JSON)
	case "version":
		fmt.Println("parley", Version)
	default:
		err = line.Call.run()
	}
	return complain(err)
}

// complain tells the user in one line what went wrong, if anything did, and returns the exit status.
func complain(err error) int {
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, "parley:", err)
		return exitUsage
	default:
		fmt.Fprintln(os.Stderr, "parley:", err)
		return exitError
	}
}

// run is the program when it is not asked for a list or its version.
func (f callFlags) run() error {
	if !f.NoWindow {
		collectSooner()
	}
	request, err := f.request()
	if err != nil {
		return err
	}
	log := f.logger()
	if err := relaxMonitor(!f.NoWindow); err != nil {
		log.Debug("the runtime's monitor sleeps no longer", "error", err)
	}
	settings, err := openSettings()
	if err != nil {
		fmt.Fprintln(os.Stderr, "parley:", err) // the defaults will do
	}
	media := call.NewMedia(call.MediaConfig{
		Format: devices.Format(f.Size), Restore: settings.restoreToken, OnRestore: settings.setRestoreToken, Logger: log,
	})
	defer media.Close()
	dialer := newDialer(media, settings, request, f, log)
	defer dialer.close()
	if f.Report != "" {
		reporter, err := startReport(f.Report, f.ReportEvery, dialer.current)
		if err != nil {
			return err
		}
		defer reporter.stop()
	}
	media.Process(settings.Sound().Processing)
	f.choose(media, settings)
	if f.NoWindow {
		return runHeadless(dialer, request, f.LeaveAfter)
	}
	return runWindow(dialer, media, settings, request, f, log)
}

// choose puts the devices of the command line in use, and those of the last time for the rest.
func (f callFlags) choose(media *call.Media, settings *settings) {
	for kind, label := range map[devices.Kind]*string{
		devices.KindCamera: f.Camera, devices.KindMicrophone: f.Microphone, devices.KindSpeaker: f.Speaker,
	} {
		if label != nil {
			media.Use(kind, *label)
		} else {
			media.Use(kind, settings.device(kind))
		}
	}
}

// logger writes to standard error what the flags ask for.
func (f callFlags) logger() *slog.Logger {
	level := slog.LevelWarn
	if f.Verbose {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

// helpShown ends the program after kong has shown its help.
type helpShown int

func exitAfterHelp(status int) { panic(helpShown(status)) }

func help(options kong.HelpOptions, ctx *kong.Context) error {
	options.Compact = true
	return kong.DefaultHelpPrinter(options, ctx)
}
