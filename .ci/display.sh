# display.sh, to be sourced: a virtual display where there is none, programs
# that end with the script, and pictures of their windows.

started=() # process ids of what this script started, newest first

# start runs a program in the background until the script ends; its id is $!.
start() {
	"$@" &
	started=("$!" ${started[@]+"${started[@]}"})
}

# end_started ends what start began, newest first: asks, and after 5 s insists.
end_started() {
	local pid i
	for pid in ${started[@]+"${started[@]}"}; do
		kill "$pid" 2>/dev/null || continue
		for ((i = 0; i < 50; i++)); do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.1
		done
		kill -KILL "$pid" 2>/dev/null || true
	done
	started=()
}
trap end_started EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# has_display tells whether a window could be seen here.
has_display() {
	[ "$(uname)" = Darwin ] || [ -n "${DISPLAY-}" ] || [ -n "${WAYLAND_DISPLAY-}" ]
}

# open_display starts a virtual display of the size $1 under a free number and
# puts it in DISPLAY. Xvfb writes the number when it is ready to be used.
open_display() {
	local number="" ready
	ready=$(mktemp -u)
	mkfifo "$ready"
	exec 4<>"$ready" # both ends, so that opening it waits for nobody
	rm -f "$ready"
	start Xvfb -displayfd 4 -screen 0 "$1x24" -nolisten tcp 2>/dev/null
	read -r -t 20 number <&4 || true
	exec 4>&-
	[ -n "$number" ] || {
		echo "no virtual display could be opened (Xvfb)" >&2
		return 1
	}
	export DISPLAY=":$number"
}

# colours prints how many colours the window $1 shows.
colours() {
	import -silent -window "$1" png:- 2>/dev/null | identify -format %k - 2>/dev/null || echo 0
}

# wait_for_window prints the window whose title has $2 in it once it is drawn:
# on the screen, and with more colours than an empty one. It gives up when the
# program with the id $1 ends, or after a minute.
wait_for_window() {
	local window i
	for ((i = 0; i < 120; i++)); do
		kill -0 "$1" 2>/dev/null || {
			echo "the app ended before its window was drawn" >&2
			return 1
		}
		window=$(xdotool search --onlyvisible --name "$2" 2>/dev/null | tail -1 || true)
		if [ -n "$window" ] && [ "$(colours "$window")" -gt 32 ]; then
			echo "$window"
			return
		fi
		sleep 0.5
	done
	echo "no window was drawn within a minute" >&2
	return 1
}
