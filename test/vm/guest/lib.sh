# What the jobs share: the environment, container runtimes, and `boxtop` itself.
export HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
cd /share

boxtop() { /opt/boxtop/node /opt/boxtop/bin/boxtop.js "$@"; }

# check NAME COMMAND…: one line that the host counts.
check() {
  local name=$1
  shift
  if "$@"; then echo "pass: $name"; else echo "FAIL: $name"; fi
}

# eventually SECONDS COMMAND…: true as soon as the command is.
eventually() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.5
  done
}

nothing_left() {
  ! pgrep -x lttng-relayd > /dev/null && ! pgrep -x lttng-sessiond > /dev/null && ! ls -d /run/boxtop-* > /dev/null 2>&1
}

# A container image of busybox alone, for Docker and Podman. Where another job has started all, its containers go.
start_runtimes() {
  if [ -e /img ]; then
    docker ps -aq | xargs -r docker rm -f
    podman rm -a -f -t 0
    for name in $(lxc-ls); do lxc-destroy -f -n "$name"; done
    return
  fi
  ip link set lo up
  modprobe -a overlay veth bridge br_netfilter
  mkdir -p /etc/docker
  echo '{"iptables":false,"ip6tables":false,"storage-driver":"overlay2"}' > /etc/docker/daemon.json
  systemctl start --no-block containerd docker
  eventually 90 timeout 5 docker version > /dev/null 2>&1
  mkdir -p /img/{bin,sbin,tmp,etc,proc,sys,dev,root,usr,lib,lib64,var,run}
  cp /bin/busybox /img/bin/busybox
  for applet in $(/bin/busybox --list | grep -v '^busybox$'); do ln -sf busybox "/img/bin/$applet"; done
  echo 'root:x:0:0:root:/root:/bin/sh' > /img/etc/passwd
  echo 'root:x:0:' > /img/etc/group
  tar -C /img -c . | docker import - tiny:1 > /dev/null
}

SPIN='while :; do :; done'
# What programs of the machine itself need inside of an image of busybox alone.
LIBRARIES='-v /usr:/usr:ro -v /lib:/lib:ro -v /lib64:/lib64:ro'

podman_image() { podman image exists localhost/tiny:1 || tar -C /img -c . | podman import - tiny:1 > /dev/null; }

# lxc NAME LINE…: a container of LXC with these lines in its configuration.
lxc() {
  local name=$1
  shift
  lxc-create -n "$name" -t busybox
  printf '%s\n' 'lxc.net.0.type = none' "$@" >> "/var/lib/lxc/$name/config"
  lxc-start -n "$name"
}

# Containers of three runtimes; which of them mostly compute, and which switch and fork a lot, is what run.ts knows too.
start_containers() {
  podman_image
  docker run -d --name web --cpus 0.3 tiny:1 sh -c \
    'mkdir -p /www; echo hello > /www/index.html; exec httpd -f -p 8080 -h /www'
  docker run -d --name web-client --network container:web tiny:1 sh -c \
    'while :; do wget -q -O /dev/null http://127.0.0.1:8080/; sleep 0.2; done'
  docker run -d --name db $LIBRARIES tiny:1 /usr/bin/redis-server --save '' --port 6379
  docker run -d --name batch --network none --cpus 0.2 tiny:1 sh -c "$SPIN"
  docker run -d --name log-writer --network none tiny:1 sh -c \
    'while :; do dd if=/dev/zero of=/tmp/f bs=16k count=64 conv=fsync 2>/dev/null; sleep 0.5; done'
  podman run -d --name miner --network none --cpus 0.25 localhost/tiny:1 sh -c "$SPIN"
  lxc legacy 'lxc.cgroup2.cpu.max = 15000 100000'
  lxc-attach -n legacy -- sh -c 'while :; do i=0; while [ $i -lt 500 ]; do i=$((i+1)); done; sleep 0.1; done' &
}
