#!/bin/bash
# Known numbers of bytes through files and a socket.
. /share/lib.sh

start_runtimes
MIB=24
mkdir /data
dd if=/dev/urandom of=/data/seed bs=1M count=$MIB conv=fsync
DATA="--network none -v /data:/data $LIBRARIES"
# awaits FILE: one begins when the other is done, and the first when what Docker does to start them is over.
awaits() { echo "while [ ! -e /data/$1 ]; do sleep 0.2; done"; }
# Its nc must not come to the end of its own input, or it ends the connection.
docker run -d --name receiver $DATA tiny:1 sh -c 'sleep 100000 | nc -l -p 9000 > /data/received'
docker run -d --name sender --network container:receiver -v /data:/data $LIBRARIES tiny:1 \
  sh -c "$(awaits go); nc 127.0.0.1 9000 < /data/seed; touch /data/sent; sleep 100000"
docker run -d --name buffered $DATA tiny:1 \
  sh -c "$(awaits sent); /usr/bin/dd if=/data/cold of=/data/copy bs=64k conv=fsync; touch /data/copied; sleep 100000"
docker run -d --name direct $DATA tiny:1 \
  sh -c "$(awaits copied); /usr/bin/dd if=/data/cold of=/data/again bs=256k iflag=direct oflag=direct; touch /data/done; sleep 100000"
cp /data/seed /data/cold
sync
echo 3 > /proc/sys/vm/drop_caches
sleep 3
moves() {
  sleep 2
  touch /data/go
  eventually 120 [ -e /data/done ]
  sleep 2
}
export -f moves eventually
boxtop record -o /dev/shm/bytes -- bash -c moves
check 'record ends with exit code 0' [ $? = 0 ]
for file in received copy again; do check "$file is the seed" cmp /data/seed "/data/$file"; done
cp -r /dev/shm/bytes /share/
echo $((MIB * 1048576)) > /share/expected
true
