package app

import "github.com/go-gl/glfw/v3.4/glfw"

// paintFlat asks for windows without a depth and a stencil buffer: Fyne paints one thing over another and uses neither, but would clear them
// for each frame. Without a GPU they are the program's own memory, as much as the picture of the window. It is called when Fyne has
// initialised GLFW and before it opens a window.
func paintFlat() {
	glfw.WindowHint(glfw.DepthBits, 0)
	glfw.WindowHint(glfw.StencilBits, 0)
}
