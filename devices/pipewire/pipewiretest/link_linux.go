package pipewiretest

import (
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
)

// linker links each stream that names a source to it, as a session manager does.
type linker struct {
	env    []string
	target map[int]int             // stream to source, by node
	ports  map[string]map[int]port // by direction: of each node
	linked map[[2]int]bool         // ports, by serial
}

// port is where a node is linked. Numbers are used again; serials are not.
type port struct{ id, serial int }

func newLinker(env []string) *linker {
	return &linker{
		env: env, target: map[int]int{}, linked: map[[2]int]bool{},
		ports: map[string]map[int]port{"output": {}, "input": {}},
	}
}

// object is what pw-dump says of an object that we look at.
type object struct {
	ID   int
	Type string
	Info *struct {
		Direction string
		Props     struct {
			Serial int             `json:"object.serial"`
			NodeID *int            `json:"node.id"`
			Target json.RawMessage `json:"node.target"`
			Object json.RawMessage `json:"target.object"`
		}
	}
}

// follow reads lists of objects that have changed until they end.
func (l *linker) follow(changes io.Reader) {
	for decoder := json.NewDecoder(changes); ; {
		var list []object
		if decoder.Decode(&list) != nil {
			return
		}
		for _, o := range list {
			l.note(o)
		}
		l.link()
	}
}

func (l *linker) note(o object) {
	switch {
	case o.Info == nil: // it is gone
		delete(l.target, o.ID)
		for _, ports := range l.ports {
			for node, port := range ports {
				if port.id == o.ID || node == o.ID {
					delete(ports, node)
				}
			}
		}
	case o.Type == "PipeWire:Interface:Node":
		for _, name := range []json.RawMessage{o.Info.Props.Target, o.Info.Props.Object} {
			var id int
			if _, err := fmt.Sscan(string(name), &id); err == nil {
				l.target[o.ID] = id
			}
		}
	case o.Type == "PipeWire:Interface:Port" && o.Info.Props.NodeID != nil:
		if ports := l.ports[o.Info.Direction]; ports != nil {
			ports[*o.Info.Props.NodeID] = port{o.ID, o.Info.Props.Serial}
		}
	}
}

func (l *linker) link() {
	for stream, source := range l.target {
		out, isOut := l.ports["output"][source]
		in, isIn := l.ports["input"][stream]
		pair := [2]int{out.serial, in.serial}
		if !isOut || !isIn || l.linked[pair] {
			continue
		}
		l.linked[pair] = true
		cmd := exec.Command("pw-link", fmt.Sprint(out.id), fmt.Sprint(in.id))
		cmd.Env = l.env
		_ = cmd.Run() // what was removed meanwhile cannot be linked; the test sees no pictures then
	}
}
