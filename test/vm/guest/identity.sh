#!/bin/bash
# Who is who, in a recording that begins with none of them: whatever runtimes do to start, join, restart and end containers.
. /share/lib.sh

start_runtimes
podman_image
lxc-create -n old -t busybox
printf '%s\n' 'lxc.net.0.type = none' >> /var/lib/lxc/old/config
docker run -d --name early --network none --cpus 0.1 tiny:1 sh -c "$SPIN" > /dev/null
sleep 3
boxtop record -o /dev/shm/identity -- /share/identities.sh
check 'record ends with exit code 0' [ $? = 0 ]
cp -r /dev/shm/identity /share/
boxtop dump containers /dev/shm/identity --total --columns name,id,procs,cpu_ns,started,ended
true
