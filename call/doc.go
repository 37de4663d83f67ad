// Package call is one call as the user sees it: join a room, see and hear the people in it, mute, leave.
//
// The parts are below it, each with its own package comment: signal speaks to the signaling server, peer keeps one
// connection to one person, video and audio carry pictures and sound, vpx and yuv bind the C libraries.
package call
