package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// load is what a call without a relay costs each side.
func load(s seat) func(*call) []flow {
	return func(c *call) []flow {
		s.window = true
		c.begin(nil, s)
		time.Sleep(settle)
		before, from := c.costs(), c.both()
		time.Sleep(c.seconds)
		after, to := c.costs(), c.both()
		var flows []flow
		for i := range c.sides {
			seconds := after[i].at - before[i].at
			all := received(from[i], to[i], true)
			flows = append(flows, flow{c.direction(i), sample{
				"cpu": (after[i].program - before[i].program) / seconds, "cpuDrawing": (after[i].drawing - before[i].drawing) / seconds,
				"pss": after[i].pss, "fps": all["fps"], "width": all["width"], "height": all["height"],
			}})
		}
		return flows
	}
}

// cost is what a program and its children have used.
type cost struct {
	at               float64 // s, of the machine
	program, drawing float64 // s of CPU; drawing is what a machine with a GPU would not need
	pss, pssGL       float64 // MB, and of that the libraries of a software GL
}

func (c *call) costs() [2]cost {
	var both [2]cost
	for i, side := range c.sides {
		both[i] = c.cost(side.pid())
	}
	return both
}

// cost asks proc(5).
func (c *call) cost(root int) cost {
	var sum cost
	up, err := os.ReadFile("/proc/uptime")
	c.check(err)
	_, err = fmt.Sscan(string(up), &sum.at)
	c.check(err)
	for _, pid := range family(root) {
		dir := filepath.Join("/proc", strconv.Itoa(pid))
		command, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
		// Without a GPU Chromium draws in a process of its own, and Mesa in threads of that name.
		draws := bytes.Contains(command, []byte("--type=gpu-process"))
		threads, _ := filepath.Glob(filepath.Join(dir, "task", "*", "stat"))
		for _, thread := range threads {
			name, _, seconds := stat(thread)
			if draws || strings.HasPrefix(name, "llvmpipe") {
				sum.drawing += seconds
			} else {
				sum.program += seconds
			}
		}
		all, gl := pss(dir)
		sum.pss += all
		sum.pssGL += gl
	}
	return sum
}

// family returns a process and all that come from it.
func family(root int) []int {
	children := map[int][]int{}
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range all {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		_, parent, _ := stat(path)
		children[parent] = append(children[parent], pid)
	}
	members := []int{root}
	for i := 0; i < len(members); i++ {
		members = append(members, children[members[i]]...)
	}
	return members
}

// stat reads a file of that name of a process or thread; nothing when that has ended.
func stat(path string) (name string, parent int, seconds float64) {
	const ticks = 100 // a second: USER_HZ, which is the same everywhere
	data, err := os.ReadFile(path)
	if err != nil {
		return "", 0, 0
	}
	text := string(data)
	open, shut := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	fields := strings.Fields(text[shut+1:]) // from the third on
	parent, _ = strconv.Atoi(fields[1])
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return text[open+1 : shut], parent, (user + system) / ticks
}

// softwareGL is in the names of the libraries by which Mesa paints without a GPU.
var softwareGL = regexp.MustCompile(`libLLVM|swrast|gallium`)

// pss returns the proportional set size of a process in MB, and how much of it are libraries of a software GL.
func pss(dir string) (all, gl float64) {
	file, err := os.Open(filepath.Join(dir, "smaps"))
	if err != nil {
		return 0, 0
	}
	defer file.Close()
	paints := false
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var kb float64
		if n, _ := fmt.Sscanf(lines.Text(), "Pss: %f kB", &kb); n == 1 {
			all += kb * 1024 / 1e6
			if paints {
				gl += kb * 1024 / 1e6
			}
		} else if key, _, _ := strings.Cut(lines.Text(), " "); !strings.HasSuffix(key, ":") {
			paints = softwareGL.MatchString(lines.Text()) // the first line of a mapping
		}
	}
	return all, gl
}
