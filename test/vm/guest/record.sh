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
boxtop record -o /dev/shm/rec -- /share/traffic.sh
check 'record ends with exit code 0' [ $? = 0 ]
kill $stat
check 'record leaves no session, daemon or directory' nothing_left
cp -r /dev/shm/rec /share/recording
docker ps -aq --no-trunc | xargs docker inspect > docker-inspect.json
podman ps -aq --no-trunc | xargs podman inspect > podman-inspect.json
boxtop dump containers /dev/shm/rec --total --columns name,id,cpu_ns,cpu_pct,limit_cpus
boxtop info /dev/shm/rec -f json > info.json
true
