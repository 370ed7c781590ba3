#!/bin/bash
# Ends recordings in every way, and cuts them off: what was written can be read, and nothing else is left.
. /share/lib.sh

# starts DIR: true once a recording has begun to write.
starts() { eventually 180 [ -s "$1/trace/kernel/sched_0" ]; }

echo '== a recording of a command'
boxtop record -o /dev/shm/of-command -- sh -c 'echo from the command; exit 7'
check 'record gives the exit code of the command' [ $? = 7 ]
check 'a recording of a command leaves nothing' nothing_left
boxtop record -o /dev/shm/of-nothing -- /no/such/command
check 'a command that cannot be run is an error' [ $? = 1 ]
check 'and leaves nothing' nothing_left
check 'not even its directory' [ ! -e /dev/shm/of-nothing ]

echo '== kill -9'
boxtop record -o /dev/shm/killed &
starts /dev/shm/killed
sleep 3
pkill -9 -f 'boxtop.js record'
check 'kill -9 leaves no session, daemon or directory' eventually 60 nothing_left
check 'a killed recording can be read' boxtop dump containers /dev/shm/killed --total --format csv

echo '== kill -9 of the guard too'
boxtop record -o /dev/shm/killed-too &
starts /dev/shm/killed-too
pkill -9 -f boxtop-guard
pkill -9 -f 'boxtop.js record'
sleep 1
check 'then the session is still there' sh -c 'lttng list | grep -q boxtop-'
boxtop record -o /dev/shm/after --for 1s
check 'and the next start removes it' sh -c '! lttng list | grep -q boxtop-'
pkill -x lttng-sessiond
eventually 10 nothing_left

echo '== Ctrl-C'
boxtop record -o /dev/shm/interrupted &
starts /dev/shm/interrupted
kill -INT $(pgrep -f 'boxtop.js record')
wait
check 'Ctrl-C leaves nothing' nothing_left
check 'an interrupted recording says when it ended' sh -c '! grep -q "\"ended_ns\": null" /dev/shm/interrupted/recording.json'

echo '== only the newest'
(while :; do /bin/true; done) &
load=$!
boxtop record -o /dev/shm/newest --for 20s --max-size 4M
kill $load
check 'a bounded recording is bounded' [ "$(du -sk /dev/shm/newest/trace | cut -f1)" -le 4200 ]
du -sk /dev/shm/newest/trace/archives/*
check 'a bounded recording can be read' boxtop dump containers /dev/shm/newest --total
cp -r /dev/shm/newest /share/newest

echo '== a full disk'
mkdir /small
mount -t tmpfs -o size=60m tmpfs /small
(
  starts /small/rec
  sleep 3
  dd if=/dev/zero of=/small/fill bs=1M
) 2> /dev/null &
boxtop record -o /small/rec --for 60s
check 'a full disk ends the recording with an error' [ $? = 1 ]
check 'a recording on a full disk can be read' boxtop dump containers /small/rec --total --format csv
check 'a full disk leaves nothing' nothing_left
true
