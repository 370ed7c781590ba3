#!/bin/bash
# Records containers of three runtimes with `boxtop record`.
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
  eventually 300 [ -s /dev/shm/rec/trace/kernel/sched_0 ]
  sleep 10
  docker run -d --name noisy --network none tiny:1 sh -c "$SPIN"
  sleep 10
  docker rm -f noisy
  for i in 1 2; do
    docker run --rm --name cron-$i --network none tiny:1 sh -c 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done'
  done
) > /dev/null &
boxtop record -o /dev/shm/rec --for 60s
check 'record ends with exit code 0' [ $? = 0 ]
kill $stat
check 'record leaves no session, daemon or directory' nothing_left
cp -r /dev/shm/rec /share/recording
docker ps -aq --no-trunc | xargs docker inspect > docker-inspect.json
podman ps -aq --no-trunc | xargs podman inspect > podman-inspect.json
boxtop dump containers /dev/shm/rec --total --columns name,id,cpu_ns,cpu_pct,limit_cpus
boxtop info /dev/shm/rec -f json > info.json
true
