package app

// static void parley_call(void *f) { ((void (*)(void))f)(); }
import "C"

import (
	"github.com/go-gl/glfw/v3.4/glfw"

	"parley/call/giveback"
)

// releaseCompiler lets go of what OpenGL keeps for compiling shaders, 6.6 MB with Mesa: Fyne compiles all that it has before it paints for the first time, and
// if it had another one the compiler would come back by itself. It is called while the window is painted, as its graphics context must be current.
// https://registry.khronos.org/OpenGL-Refpages/gl4/html/glReleaseShaderCompiler.xhtml
func releaseCompiler() {
	if glfw.GetCurrentContext() == nil || !glfw.ExtensionSupported("GL_ARB_ES2_compatibility") {
		return
	}
	if f := glfw.GetProcAddress("glReleaseShaderCompiler"); f != nil {
		C.parley_call(f)
		giveback.Soon()
	}
}
