#!/bin/bash
. /share/lib.sh
start_runtimes
systemctl set-property --runtime job.service CPUWeight=1000
docker run -d --name web --network none --cpus 0.2 tiny:1 sh -c "$SPIN" > /dev/null
docker run -d --name idle --network none tiny:1 sleep 100000 > /dev/null
sleep 10
film() {
  local last= now
  while [ -e /share/filming ]; do
    now=$(tmux capture-pane -e -p -t top)
    if [ "$now" != "$last" ]; then printf '@@ %s000\n%s\n' "$EPOCHREALTIME" "$now"; fi
    last=$now
    sleep 0.3
  done > /share/film$1
}
for n in 1 2 3; do
  rm -f /share/ended
  tmux new-session -d -s top -x 120 -y 30 "/opt/boxtop/node $( [ $n -gt 1 ] && echo --cpu-prof --cpu-prof-interval 2000 --cpu-prof-dir /share/prof$n ) /opt/boxtop/bin/boxtop.js --name web --name late --record /dev/shm/seen$n 2> /share/errors$n; echo \$? > /share/ended"
  touch /share/filming
  film $n 2> /dev/null &
  eventually 120 sh -c 'tmux capture-pane -p -t top | grep -q "^ *web "'
  sleep 6
  rm /share/filming
  tmux send-keys -t top q
  eventually 60 test -s /share/ended
  eventually 60 nothing_left
  /opt/boxtop/node /opt/boxtop/bin/boxtop.js info /dev/shm/seen$n > /share/info$n 2>&1
  /opt/boxtop/node /opt/boxtop/bin/boxtop.js info -f json /dev/shm/seen$n > /share/json$n 2>&1
  cp -r /dev/shm/seen$n /share/
  echo "pass: run $n"
done
true
