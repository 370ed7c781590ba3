#!/bin/bash
# What happens while the containers are recorded: a noisy one comes and goes, then two that live shortly.
. /share/lib.sh

sleep 10
docker run -d --name noisy --network none tiny:1 sh -c "$SPIN"
sleep 10
docker rm -f noisy
for i in 1 2; do
  docker run --rm --name cron-$i --network none tiny:1 sh -c 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done'
done
docker run --rm --name instant --network none tiny:1 true
sleep 2
