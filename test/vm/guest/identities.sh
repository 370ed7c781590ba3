#!/bin/bash
# What happens while identity.sh records.
. /share/lib.sh

# Who is there is what matters here; what computes much only slows the machine down.
WORK='while :; do i=0; while [ $i -lt 50 ]; do i=$((i+1)); done; sleep 0.3; done'
sleep 2
docker run -d --name noisy --network none --cpus 0.1 tiny:1 sh -c "$SPIN"
docker exec noisy sh -c 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done'
docker exec early sh -c 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done'
docker run -d --name joins-pid --network none --pid container:noisy tiny:1 sh -c "$WORK"
docker run -d --name host-pid --network none --pid host tiny:1 sh -c "$WORK"
docker run -d --name all-host --network host --pid host --cgroupns host --ipc host --uts host tiny:1 sh -c "$WORK"
docker run -d --name privileged --network none --privileged tiny:1 sh -c "$WORK"
docker restart -t 0 privileged
podman pod create --name pod --infra-image localhost/tiny:1 --infra-command '/bin/sleep 100000' --network none
podman run -d --pod pod --name pod-1 localhost/tiny:1 sh -c "$WORK"
podman run -d --pod pod --name pod-2 localhost/tiny:1 sh -c "$WORK"
podman exec pod-1 sh -c 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done'
lxc-start -n old
lxc-attach -n old -- sh -c 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done'
docker rm -f joins-pid noisy
for i in 1 2 3; do
  docker run --rm --name short-$i --network none tiny:1 sh -c 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done'
done
podman run --rm --name pod-short --network none localhost/tiny:1 true
podman pod rm -f -t 0 pod
lxc-stop -k -n old
docker rm -f host-pid all-host
sleep 2
