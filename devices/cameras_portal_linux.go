package devices

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"parley/devices/frame"
	"parley/devices/pipewire"
	"parley/devices/portal"
)

// portalCameras are those that the desktop hands to a program in a sandbox, which sees no device files: through PipeWire, once the user
// has agreed. Before that their names are not known.
type portalCameras struct {
	access func(context.Context) (*os.File, error) // portal.AccessCamera

	asking sync.Mutex // held while the user is asked
	mu     sync.Mutex
	remote *pipewire.Remote // nil until the user has agreed
	err    error            // why there is none, when it was asked for
	absent bool             // the desktop has no portal for cameras, as the last question showed
}

// listPatience is for PipeWire, which answers at once when it is well.
const listPatience = time.Second

// permission asks the user for the cameras, unless they have agreed before and PipeWire is still there. Without a portal it
// returns nil: then the device files decide.
func (p *portalCameras) permission() error {
	p.asking.Lock()
	defer p.asking.Unlock()
	if _, err := p.sources(); err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), answerPatience)
	defer cancel()
	remote, err := p.ask(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.remote != nil {
		_ = p.remote.Close() // it does not answer any more
	}
	p.remote, p.err = remote, err
	p.absent = errors.Is(err, portal.ErrAbsent) || errors.Is(err, pipewire.ErrAbsent)
	if p.absent {
		return nil
	}
	return err
}

func (p *portalCameras) ask(ctx context.Context) (*pipewire.Remote, error) {
	file, err := p.access(ctx)
	if err != nil {
		kind := ErrNotReadable
		switch {
		case errors.Is(err, portal.ErrDenied):
			kind = ErrNotAllowed
		case errors.Is(err, context.DeadlineExceeded):
			return nil, errNotAnswered
		case errors.Is(err, portal.ErrNoCamera):
			kind = ErrNotFound
		}
		return nil, fmt.Errorf("%w (%w)", kind, err)
	}
	remote, err := pipewire.Open(file)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNotReadable, err)
	}
	return remote, nil
}

// sources returns the cameras that were handed out; an error when none were yet, or are no longer.
func (p *portalCameras) sources() ([]pipewire.Node, error) {
	p.mu.Lock()
	remote, err := p.remote, p.err
	p.mu.Unlock()
	if remote == nil {
		return nil, errors.Join(err, portal.ErrNoCamera)
	}
	ctx, cancel := context.WithTimeout(context.Background(), listPatience)
	defer cancel()
	nodes, err := remote.Sources(ctx)
	if errors.Is(err, pipewire.ErrEnded) {
		p.drop(remote)
	}
	return nodes, err
}

// drop gives up a connection that has ended.
func (p *portalCameras) drop(remote *pipewire.Remote) {
	p.mu.Lock()
	if p.remote == remote {
		p.remote = nil
	}
	p.mu.Unlock()
	_ = remote.Close() // always nil
}

// list returns the cameras that were handed out, or one entry that stands for them.
func (p *portalCameras) list() []Device {
	nodes, err := p.sources()
	if err != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		return []Device{{Kind: KindCamera, Label: anyCamera, Err: p.err}}
	}
	var list []Device
	for label := range labelNodes(nodes) {
		list = append(list, Device{Kind: KindCamera, Label: label})
	}
	return list
}

// labelNodes gives each node its label, in order.
func labelNodes(nodes []pipewire.Node) func(yield func(label string, id uint32) bool) {
	names := newLabels()
	return func(yield func(string, uint32) bool) {
		for _, n := range nodes {
			if !yield(names.unique(n.Name), n.ID) {
				return
			}
		}
	}
}

// open starts the camera of that label.
func (p *portalCameras) open(label string, want Format) (grabber, error) {
	nodes, err := p.sources()
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNotReadable, err)
	}
	for found, id := range labelNodes(nodes) {
		if found == label {
			return p.stream(id, want)
		}
	}
	return nil, ErrNotFound
}

func (p *portalCameras) stream(id uint32, want Format) (grabber, error) {
	p.mu.Lock()
	remote := p.remote
	p.mu.Unlock()
	if remote == nil {
		return nil, ErrNotFound // it has just ended
	}
	s, err := remote.Stream(id, pipewire.Format(want))
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNotReadable, err)
	}
	return portalCamera{s}, nil
}

// portalCamera is one of them, running.
type portalCamera struct{ stream *pipewire.Stream }

func (c portalCamera) grab() (*frame.Frame, error) { return c.stream.Next(context.Background()) }

func (c portalCamera) close() { _ = c.stream.Close() } // always nil
