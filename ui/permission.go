package ui

import (
	"fmt"
	"os"
	"os/user"
	"runtime"
	"slices"

	"parley/devices"
)

// host is what explanations need to know of this machine.
type host struct {
	os      string // as runtime.GOOS
	user    string // the account's name
	sandbox sandbox
	snap    string                        // the name of the snap, in one
	member  func(group string) membership // may be nil: of none
}

// sandbox is what the program runs inside of, on Linux.
type sandbox string

const (
	noSandbox sandbox = ""
	flatpak   sandbox = "flatpak"
	snap      sandbox = "snap"
)

// membership is how an account stands to a group.
type membership int

const (
	notMember   membership = iota
	memberLater            // since the session began: it counts from the next log-in on
	member
)

// thisHost is the machine that the program runs on.
func thisHost() host {
	h := host{os: runtime.GOOS, user: "$USER"} // which a shell fills in
	u, err := user.Current()
	if err == nil && u.Username != "" {
		h.user = u.Username
		h.member = func(group string) membership { return memberOf(u, group) }
	}
	// https://docs.flatpak.org/en/latest/sandbox-permissions.html and https://snapcraft.io/docs/environment-variables
	if _, err := os.Stat("/.flatpak-info"); err == nil {
		h.sandbox = flatpak
	} else if name := os.Getenv("SNAP_INSTANCE_NAME"); name != "" {
		h.sandbox, h.snap = snap, name
	}
	return h
}

// memberOf asks the system's list of groups, and this process, which has the groups of when its session began.
func memberOf(u *user.User, name string) membership {
	group, err := user.LookupGroup(name)
	if err != nil {
		return notMember
	}
	mine, _ := os.Getgroups() // none on Windows, which has no such groups
	if slices.ContainsFunc(mine, func(id int) bool { return fmt.Sprint(id) == group.Gid }) {
		return member
	}
	if ids, err := u.GroupIds(); err == nil && slices.Contains(ids, group.Gid) {
		return memberLater
	}
	return notMember
}

// permission says how to be allowed to use a kind of device.
func (h host) permission(kind devices.Kind) (why string, out wayOut) {
	switch h.os {
	case "darwin":
		return h.permissionOnMac(kind)
	case "windows":
		return h.permissionOnWindows(kind)
	}
	switch h.sandbox {
	case flatpak:
		return "Allow it in your system's settings, Applications, Parley, then try again.", out
	case snap:
		plug := "audio-record"
		if kind == devices.KindCamera {
			plug = "camera"
		}
		out.command = fmt.Sprintf("sudo snap connect %s:%s", h.snap, plug)
		return fmt.Sprintf("Allow it in your system's settings, Applications, Parley, or run %s, then try again.", out.command), out
	}
	return h.permissionByGroup(kind)
}

// permissionByGroup is for Linux, where device files belong to a group.
func (h host) permissionByGroup(kind devices.Kind) (why string, out wayOut) {
	group := "audio"
	if kind == devices.KindCamera {
		group = "video"
	}
	standing := notMember
	if h.member != nil {
		standing = h.member(group)
	}
	switch standing {
	case memberLater:
		return fmt.Sprintf("Your account came into the group %s after you logged in. Log out and in again.", group), out
	case member:
		out.command = "sudo chgrp video /dev/video* && sudo chmod g+rw /dev/video*"
		if group == "audio" {
			out.command = "sudo chgrp -R audio /dev/snd && sudo chmod -R g+rwX /dev/snd"
		}
		return fmt.Sprintf("Your account may not use it, though it is in the group %s: the device does not let that group in. "+
			"Run %s, then try again.", group, out.command), out
	}
	out.command = fmt.Sprintf("sudo usermod -aG %s %s", group, h.user)
	return fmt.Sprintf("Your account is not in the group %s. Run %s and log in again.", group, out.command), out
}

// permissionOnMac leads to a pane of the system's settings. A program learns only when it starts that it may record the screen.
func (h host) permissionOnMac(kind devices.Kind) (why string, out wayOut) {
	pane, name, then := "Privacy_"+capital(string(kind)), capital(string(kind)), "try again"
	switch kind {
	case devices.KindScreen, devices.KindWindow:
		pane, name, then = "Privacy_ScreenCapture", "Screen Recording", "start Parley again"
	case devices.KindSpeaker:
		return "The system keeps it from Parley.", out
	}
	out.settings = "x-apple.systempreferences:com.apple.preference.security?" + pane
	return fmt.Sprintf("Allow it in System Settings, Privacy & Security, %s, then %s.", name, then), out
}

// permissionOnWindows leads to a page of the system's settings:
// https://learn.microsoft.com/en-us/windows/apps/develop/launch/launch-settings
func (h host) permissionOnWindows(kind devices.Kind) (why string, out wayOut) {
	switch kind {
	case devices.KindCamera:
		out.settings = "ms-settings:privacy-webcam"
	case devices.KindMicrophone:
		out.settings = "ms-settings:privacy-microphone"
	default:
		return "The system keeps it from Parley.", out
	}
	return fmt.Sprintf("Allow desktop apps in Settings, Privacy & security, %s, then try again.", capital(string(kind))), out
}
