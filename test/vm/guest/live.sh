#!/bin/bash
# The live view in a terminal: who is there, comes and goes; and that nothing is left, whichever way it ends.
. /share/lib.sh

start_runtimes
docker run -d --name batch --network none --cpus 0.2 tiny:1 sh -c "$SPIN" > /dev/null
docker run -d --name idle --network none tiny:1 sleep 100000 > /dev/null

screen() { tmux capture-pane -p -t top; }
shows() { screen | grep -q "$1"; }
lists() { [ "$(boxtop sessions "net://127.0.0.1:$(live_port)" | grep -c /boxtop-)" = 1 ]; }
live_port() { tr '\0' '\n' < "/proc/$(pgrep -x lttng-relayd)/cmdline" | sed -n 's/^--live-port=.*:\([0-9]*\)$/\1/p'; }
start_top() {
  rm -f /share/ended
  tmux new-session -d -s top -x 120 -y 30 "/opt/boxtop/node /opt/boxtop/bin/boxtop.js $* 2> /share/errors; echo \$? > /share/ended"
}
has_ended() { [ -s /share/ended ]; }

echo '== on the screen'
start_top --interval 500ms
check 'shows a container by its name' eventually 180 shows '^ *batch '
check 'with the share of a CPU that it has' eventually 30 shows 'batch .* \(1[5-9]\|2[0-5]\)\.[0-9]'
screen
check 'offers its session to other readers as taken' lists
boxtop sessions "net://127.0.0.1:$(live_port)"
docker run -d --name late --network none --cpus 0.1 tiny:1 sh -c "$SPIN" > /dev/null
check 'shows a container that comes later' eventually 60 shows '^ *late '
docker kill late > /dev/null
check 'lets a container go that ended' eventually 60 sh -c '! tmux capture-pane -p -t top | grep -q "^ *late .*[1-9]\.[0-9] "'
tmux send-keys -t top Space
sleep 2
paused=$(screen | head -2)
sleep 3
check 'stands still when paused' [ "$(screen | head -1)" = "$(echo "$paused" | head -1)" ]
tmux send-keys -t top End
check 'returns to now' eventually 30 sh -c "[ \"\$(tmux capture-pane -p -t top | head -1)\" != \"$(echo "$paused" | head -1)\" ]"
screen

echo '== and gone'
tmux send-keys -t top q
check 'q ends it' eventually 60 has_ended
check 'with exit code 0' [ "$(cat /share/ended)" = 0 ]
cat /share/errors
check 'q leaves nothing' eventually 30 nothing_left

start_top
eventually 180 shows '^ *batch '
pkill -TERM -f 'boxtop.js$'
check 'SIGTERM ends it' eventually 60 has_ended
check 'SIGTERM leaves nothing' eventually 30 nothing_left

start_top
eventually 180 shows '^ *batch '
tmux kill-session -t top
check 'a closed terminal leaves nothing' eventually 60 nothing_left

start_top
eventually 180 shows '^ *batch '
pkill -KILL -f 'boxtop.js$'
check 'kill -9 leaves nothing' eventually 60 nothing_left
true
