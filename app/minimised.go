package app

import "github.com/go-gl/glfw/v3.4/glfw"

// watchMinimised calls tell, on the UI goroutine, when the window is minimised and when it is back. It is called while that window is
// painted: Fyne hands out nothing by which to ask, but its window is GLFW's current one then. On Wayland nobody is told.
func watchMinimised(tell func(bool)) {
	if w := glfw.GetCurrentContext(); w != nil {
		w.SetIconifyCallback(func(_ *glfw.Window, minimised bool) { tell(minimised) })
	}
}
