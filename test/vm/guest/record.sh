#!/bin/bash
# Records containers of three runtimes with `boxtop record`, and cuts recordings off in several ways.
. /share/lib.sh

echo '== doctor before anything runs'
boxtop doctor --format json > doctor-before.json
check 'doctor ends with exit code 0' [ $? = 0 ]

start_runtimes
start_containers
sleep 5

echo '== a recording'
/opt/boxtop/node cpustat.mjs > cpustat.jsonl &
stat=$!
(
  sleep 12
  docker run -d --name noisy --network none tiny:1 sh -c "$SPIN"
  sleep 10
  docker rm -f noisy
  for i in 1 2; do
    docker run --rm --name cron-$i --network none tiny:1 sh -c 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done'
  done
) > /dev/null &
boxtop record -o /dev/shm/rec --for 40s
check 'record ends with exit code 0' [ $? = 0 ]
kill $stat
check 'record leaves no session, daemon or directory' nothing_left
cp -r /dev/shm/rec /share/recording
docker ps -aq --no-trunc | xargs docker inspect > docker-inspect.json
podman ps -aq --no-trunc | xargs podman inspect > podman-inspect.json
time boxtop dump containers /dev/shm/rec --total --columns name,id,cpu_ns,cpu_pct,limit_cpus
time boxtop info /dev/shm/rec -f json > info.json

echo '== a recording of a command'
boxtop record -o /dev/shm/of-command -- sh -c 'echo from the command; exit 7'
check 'record gives the exit code of the command' [ $? = 7 ]
check 'a recording of a command leaves nothing' nothing_left
boxtop record -o /dev/shm/of-nothing -- /no/such/command
check 'a command that cannot be run is an error' [ $? = 1 ]
check 'and leaves nothing' nothing_left

echo '== kill -9'
boxtop record -o /dev/shm/killed &
eventually 20 [ -s /dev/shm/killed/trace/kernel/sched_0 ]
sleep 3
pkill -9 -f 'boxtop.js record' 
check 'kill -9 leaves no session, daemon or directory' eventually 20 nothing_left
check 'a killed recording can be read' boxtop dump containers /dev/shm/killed --total --format csv

echo '== kill -9 of the guard too'
boxtop record -o /dev/shm/killed-too &
eventually 20 [ -s /dev/shm/killed-too/trace/kernel/sched_0 ]
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
eventually 20 [ -s /dev/shm/interrupted/trace/kernel/sched_0 ]
kill -INT $(pgrep -f 'boxtop.js record')
wait
check 'Ctrl-C leaves nothing' nothing_left
check 'an interrupted recording says when it ended' sh -c '! grep -q "\"ended_ns\": null" /dev/shm/interrupted/recording.json'

echo '== only the newest'
boxtop record -o /dev/shm/newest --for 20s --max-size 4M
check 'a bounded recording is bounded' [ "$(du -sk /dev/shm/newest/trace | cut -f1)" -lt 5200 ]
du -sk /dev/shm/newest/trace/archives/*
check 'a bounded recording can be read' boxtop dump containers /dev/shm/newest --total
cp -r /dev/shm/newest /share/newest

echo '== a full disk'
mkdir /small
mount -t tmpfs -o size=40m tmpfs /small
boxtop record -o /small/rec --for 60s
check 'a full disk ends the recording with an error' [ $? = 1 ]
check 'a recording on a full disk can be read' boxtop dump containers /small/rec --total --format csv
check 'a full disk leaves nothing' nothing_left
true
