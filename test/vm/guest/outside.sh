#!/bin/bash
# A session that somebody else made, with a relay daemon that the machine outside reads while it runs (outside.ts).
. /share/lib.sh

start_runtimes
for card in /sys/class/net/e*; do
  ip addr add 10.0.2.15/24 dev "$(basename "$card")"
  ip link set "$(basename "$card")" up
done
docker run -d --name before --network none --cpus 0.2 tiny:1 sh -c "$SPIN"

lttng-sessiond --daemonize
lttng-relayd --daemonize --output=/dev/shm/relay --live-port=tcp://0.0.0.0:5344
eventually 30 lttng list -k > /dev/null
# The session is boxtop's own, made by hand from what it prints; the live timer takes the place of the switch timers.
boxtop record --print-session -o /dev/shm/unused > /share/session.sh
sed -i -e '/^lttng destroy/d' -e 's/ --switch-timer=[0-9]*//' \
  -e 's|^\(lttng create boxtop\) .*|\1 --live=200000 --set-url=net://127.0.0.1|' /share/session.sh
sh -ex /share/session.sh
check 'what --print-session prints makes a session' [ $? = 0 ]
sleep 10
# What is there by now, for the metadata.
cp -r /dev/shm/relay /share/early
touch /share/ready
check 'somebody outside attaches' eventually 600 [ -e /share/attached ]
docker run -d --name meanwhile --network none tiny:1 sh -c "$SPIN"
sleep 5
docker rm -f meanwhile
lttng stop boxtop
lttng destroy boxtop
lttng list -k > /dev/null
cp -r /dev/shm/relay /share/stored
touch /share/finished
true
