#!/bin/bash
# Records containers of three runtimes that try what they may not. tries.c is compiled outside and named `tries` in /share.
. /share/lib.sh
set -o pipefail

start_runtimes
# Root's own file within the containers.
echo secret > /img/etc/rootonly
chmod 600 /img/etc/rootonly
tar -C /img -c . | docker import - tiny:1 > /dev/null
tar -C /img -c . | podman import - tiny:1 > /dev/null

# What is on the host alone.
mkdir -p /opt/hostonly /deny
echo secret > /opt/hostonly/secret.conf
echo secret > /etc/hostonly.conf
cp /bin/busybox /opt/hostonly/tool
cp /share/tries /deny/tries
for name in list host keeper; do ln /deny/tries /deny/$name; done
for name in $(/deny/list); do ln /deny/tries "/deny/$name"; done
ip addr add 192.0.2.1/32 dev lo
modprobe dummy && ip link add hostonly0 type dummy
mkdir /sys/fs/cgroup/hostonly.slice
mountpoint -q /dev/mqueue || { mkdir -p /dev/mqueue && mount -t mqueue mqueue /dev/mqueue; }
/deny/host &
export HOST_PID=$!

export LOOP='for name in $TRIES; do /deny/$name; sleep 0.05; done; echo done'
every=$(/deny/list | grep -v -E '^(oom|forkbomb)$' | tr '\n' ' ')
some='kill_host kill_none tgkill_host pidfd_host procfs_host ptrace_host open_hostfile open_etc open_nowhere exec_hostbin
  unix_hostsock unix_none unix_abs_host tcp_hostsvc tcp_nobody tcp_unreach bind_hostip shm_host shm_other shm_none sem_host
  msg_host mq_host mq_none shmopen_host settime settimeofday adjtime module rmmod handle dev_mem dev_none mknod_blk
  open_blk netdev_host cgroup_host mkdir_ro ok_open ok_tcp'
user='kill_host kill_none open_hostfile open_nowhere unix_hostsock unix_none tcp_hostsvc shm_host root_only write_passwd
  exec_plain chown chmod chroot setuid setgid setgroups raw_sock packet_sock nice_neg mknod_blk mlock settime ok_open'
options="-v /deny:/deny:ro -e HOST_PID=$HOST_PID"

# Who refuses sethostname with a signal, and swapon with an error.
cat > /root/killer.json <<'JSON'
{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[
 {"names":["sethostname"],"action":"SCMP_ACT_KILL_PROCESS"},{"names":["swapon"],"action":"SCMP_ACT_ERRNO","errnoRet":1}]}
JSON

made() { # ENGINE NAME TRIES OPTIONS…: a container that tries them
  local engine=$1 name=$2 tries=$3
  shift 3
  local image=tiny:1
  [ "$engine" = docker ] || image=localhost/tiny:1
  "$engine" create --name "$name" $options -e TRIES="$(echo $tries)" "$@" $image \
    sh -c "$LOOP" > /dev/null
}

docker create --name keeper --network none -v /deny:/deny:ro tiny:1 /deny/keeper > /dev/null
made docker victim "$every" --network none
made docker nonroot "$user" --network none --user 1000 --cap-drop ALL
made docker limited 'forkbomb oom usr_ro write_passwd ok_open tcp_nobody' --network none --pids-limit 20 -m 48m --read-only
made docker priv 'sethostname mount_tmpfs settime open_hostfile open_nowhere shm_host kill_host tcp_hostsvc ok_open' \
  --network none --privileged
made docker hostnet 'tcp_hostsvc tcp_nobody unix_abs_host kill_host kill_none open_hostfile bind_hostip netdev_host' \
  --network host --pid host
made docker bridged 'tcp_hidden tcp_hostsvc tcp_nobody netdev_host open_etc bind_hostip'
made docker killed 'sethostname swapon ok_open' --network none --security-opt seccomp=/root/killer.json
made podman pod-victim "$some" --network none
made podman pod-user "$user" --network none --user 1000 --cap-drop ALL
lxc-create -n jail -t busybox
printf '%s\n' 'lxc.net.0.type = empty' 'lxc.mount.entry = /deny deny none ro,bind,create=dir 0 0' >> /var/lib/lxc/jail/config
sed -i '/^lxc.net.0.type = \(veth\|none\)/d; /^lxc.net.0.\(link\|flags\|hwaddr\)/d' /var/lib/lxc/jail/config
cat /var/lib/lxc/jail/config
export SOME="$(echo $some) root_only"

echo '== a recording'
boxtop record -o /dev/shm/rec -- /share/denied.sh
check 'record ends with exit code 0' [ $? = 0 ]
check 'record leaves no session, daemon or directory' nothing_left
cp -r /dev/shm/rec /share/recording
{
  for name in victim nonroot limited priv hostnet bridged killed; do echo "# $name"; docker logs $name 2>&1; done
  for name in pod-victim pod-user; do echo "# $name"; podman logs $name 2>&1; done
  echo '# jail'
  cat /share/jail.txt
} > /share/tries.txt
cat /share/tries.txt
docker ps -aq --no-trunc | xargs docker inspect > /share/docker-inspect.json
true
