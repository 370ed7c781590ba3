#!/bin/bash
# The live view in a terminal: who is there, comes and goes, when and with which figures; and that nothing is left, whichever
# way it ends.
. /share/lib.sh

start_runtimes
# Under emulation everything is slow: what looks goes before what is looked at.
systemctl set-property --runtime job.service CPUWeight=1000
docker run -d --name web --network none --cpus 0.2 tiny:1 sh -c "$SPIN" > /dev/null
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

echo '== on the screen, and recorded'
start_top --name web --name late --record /dev/shm/seen
touch /share/filming
nice -n -10 /opt/boxtop/node /share/film.mjs &
check 'shows a container by its name' eventually 180 shows '^ *web '
check 'with the share of a CPU that it has' eventually 30 shows 'web .* \(1[5-9]\|2[0-5]\)\.[0-9]'
check 'shows no other' sh -c '! tmux capture-pane -p -t top | grep -q "^ *idle "'
screen
docker run -d --name late --network none --cpus 0.1 tiny:1 sh -c "$SPIN" > /dev/null
check 'shows a container that comes later' eventually 60 shows '^ *late '
sleep 5
docker kill late > /dev/null
sleep 5
rm /share/filming
check 'offers its session to other readers as taken' lists
check 'lets a container go that ended' eventually 60 sh -c '! tmux capture-pane -p -t top | grep -q "^ *late .*[1-9]\.[0-9] "'
tmux send-keys -t top Space
sleep 2
paused=$(screen | head -2)
sleep 3
check 'stands still when paused' [ "$(screen | head -1)" = "$(echo "$paused" | head -1)" ]
tmux send-keys -t top End
check 'returns to now' eventually 30 sh -c "[ \"\$(tmux capture-pane -p -t top | head -1)\" != \"$(echo "$paused" | head -1)\" ]"
screen
pkill -STOP -x lttng-relayd
check 'says how far it is behind when nothing comes' eventually 30 shows '\([5-9]\|[0-9][0-9]\) s behind'
screen | head -1
pkill -CONT -x lttng-relayd
check 'and no more when it has caught up' eventually 60 sh -c '! tmux capture-pane -p -t top | head -1 | grep -q behind'

echo '== and gone'
tmux send-keys -t top q
check 'q ends it' eventually 60 has_ended
check 'with exit code 0' [ "$(cat /share/ended)" = 0 ]
cat /share/errors
check 'q leaves nothing' eventually 30 nothing_left
cp -r /dev/shm/seen /share/

# leaves WAY CODE COMMAND…: the command ends the live view with that exit code, and nothing is left.
leaves() {
  start_top --name web
  check "$1: it was there" eventually 180 shows '^ *web '
  "${@:3}"
  check "$1 ends it with exit code $2" eventually 60 sh -c "[ \"\$(cat /share/ended)\" = $2 ]"
  check "$1 leaves nothing" eventually 60 nothing_left
}
leaves Ctrl-C 0 tmux send-keys -t top C-c
leaves SIGTERM 143 pkill -TERM -f '^/opt/boxtop/node .*boxtop.js --name'
leaves SIGHUP 129 pkill -HUP -f '^/opt/boxtop/node .*boxtop.js --name'
leaves 'kill -9' 137 pkill -KILL -f '^/opt/boxtop/node .*boxtop.js --name'

start_top --name web
check 'closing the terminal: it was there' eventually 180 shows '^ *web '
tmux kill-session -t top
check 'closing the terminal leaves nothing' eventually 60 nothing_left
true
