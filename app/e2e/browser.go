package e2e

import (
	"net/url"
	"testing"

	"parley/app/browser"
)

// OpenBrowser opens the page in a Chromium with a camera and a microphone of its own, which ends with the test. The query is that of
// [browser.Open].
func OpenBrowser(t testing.TB, query url.Values) *browser.Browser {
	t.Helper()
	b, err := browser.Open(browser.Config{Home: t.TempDir()}, query)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// Evaluate returns what an expression is in the page.
func Evaluate[T any](t testing.TB, b *browser.Browser, expression string) T {
	t.Helper()
	value, err := browser.Evaluate[T](b, expression)
	if err != nil {
		t.Fatal(err)
	}
	return value
}
