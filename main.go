// Command parley is a video-call application for the desktop. README.md says how to use it; package parley/app is where it begins.
package main

import (
	"os"

	"parley/app"
)

func main() {
	os.Exit(app.Main(os.Args[1:]))
}
