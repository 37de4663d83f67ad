package server

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// mayConnect reports whether a page of that origin may connect. A browser always sends the origin, so that a page that
// somebody happens to visit cannot talk to a server on their own machine or network behind their back. The Host header
// is not compared with it: a page whose name was pointed at 127.0.0.1 after it was loaded (DNS rebinding) would pass.
func mayConnect(allowed []string, origin string) bool {
	if origin == "" || slices.Contains(allowed, "*") {
		return true
	}
	if slices.ContainsFunc(allowed, func(a string) bool { return strings.EqualFold(a, origin) }) {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return false
	}
	if strings.EqualFold(u.Hostname(), "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback()
}
