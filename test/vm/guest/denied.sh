#!/bin/bash
# What is recorded: each container is started and waited for.
docker start keeper
sleep 2
for name in victim nonroot limited priv hostnet bridged killed; do
  docker start $name
  timeout 300 docker wait $name
done
for name in pod-victim pod-user; do
  podman start $name
  timeout 300 podman wait $name
done
lxc-start -n jail
sleep 3
timeout 300 lxc-attach -n jail -v HOST_PID="$HOST_PID" -v TRIES="$SOME" -- sh -c "$LOOP" > /share/jail.txt 2>&1
# The last listeners, keys and containers are to be sampled, too.
sleep 6
true
