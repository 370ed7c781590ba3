#!/bin/bash
# Quotas of all kinds: first where all that they allow fits into the machine, then where it does not.
. /share/lib.sh

NODE="-v /opt/boxtop:/opt/boxtop:ro $LIBRARIES"
# So many threads of one process that compute.
THREADS='const { Worker } = require("worker_threads"); for (let i = 0; i < 3; i++) new Worker("for (;;);", { eval: true })'

# records NAME: what runs now, with what the kernel counts meanwhile; a command may run beside.
records() {
  /opt/boxtop/node cpustat.mjs > "$1-cpustat.jsonl" &
  local stat=$!
  boxtop record -o "/dev/shm/$1" --for 25s &
  local recording=$!
  "${@:2}"
  wait $recording
  check "record of $1 ends with exit code 0" [ $? = 0 ]
  kill $stat
  cp -r "/dev/shm/$1" /share/
}

start_runtimes
podman_image
# Under emulation everything is slow: what looks goes before what is looked at.
for unit in system.slice job.service docker.service containerd.service; do
  systemctl set-property --runtime $unit CPUWeight=1000
done

echo '== quotas that fit'
docker run -d --name tenth --network none --cpus 0.1 tiny:1 sh -c "$SPIN"
docker run -d --name threads --network none --cpus 0.5 $NODE tiny:1 /opt/boxtop/node -e "$THREADS"
docker run -d --name fast-period --network none --cpu-period 20000 --cpu-quota 4000 tiny:1 sh -c "$SPIN"
docker run -d --name pinned --network none --cpuset-cpus 1 --cpus 0.3 tiny:1 sh -c "($SPIN) & $SPIN"
docker run -d --name forks --network none --cpus 0.2 tiny:1 sh -c 'while :; do /bin/true; done'
podman run -d --name pod-quota --network none --cpus 0.2 localhost/tiny:1 sh -c "($SPIN) & $SPIN"
lxc legacy 'lxc.cgroup2.cpu.max = 8000 50000'
lxc-attach -n legacy -- sh -c "$SPIN" &
sleep 5
records fitting true
docker rm -f tenth threads fast-period pinned forks > /dev/null
podman rm -f -t 0 pod-quota > /dev/null
lxc-stop -k -n legacy

echo '== more than there is'
printf '[Slice]\nCPUQuota=15%%\n' > /run/systemd/system/limited.slice
systemctl daemon-reload
docker run -d --name wide --network none --cpus 1.5 $NODE tiny:1 /opt/boxtop/node -e "$THREADS"
docker run -d --name heavy --network none --cpu-shares 4096 tiny:1 sh -c "$SPIN"
docker run -d --name light --network none --cpu-shares 128 tiny:1 sh -c "$SPIN"
docker run -d --name in-slice-1 --network none --cgroup-parent limited.slice tiny:1 sh -c "$SPIN"
docker run -d --name in-slice-2 --network none --cgroup-parent limited.slice tiny:1 sh -c "$SPIN"
docker run -d --name target --network none --cpus 0.15 tiny:1 sleep 100000
sleep 5
enters() {
  sleep 6
  docker exec -d target sh -c "$SPIN"
}
records crowded enters
true
