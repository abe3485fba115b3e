#!/bin/bash
# The tutorial's scenario as a careful person scripts it: the set-up, seven captures that are awaited, one ping, the frames looked
# at, and everything put back.
#
#   scenario_by_hand.sh ssh COUNT SSH_CONFIG KEEPER    in a lab that `lab up --bare` holds, with masters that are open already
#   scenario_by_hand.sh plain COUNT                    without SSH, in a lab made here (within `unshare --net --mount`)
set -euo pipefail
way=$1 count=$2

# Runs a script on a machine.
on() {
  case $way-$1 in
    ssh-host) nsenter --target="$keeper" --net --mount --pid sh -c "$2" ;;
    ssh-*) ssh -F "$config" -S "$folder/$1.master" "$1" "$2" ;;
    plain-host) sh -c "$2" ;;
    plain-*) nsenter --net="/run/netns/$1" sh -c "$2" ;;
  esac
}

# Makes the host's bridge and both nodes.
make_lab() {
  # No other sees the names.
  mount -t tmpfs none /run
  ip link add bridge102 type bridge mcast_snooping 0
  ip address add 192.168.245.1/24 dev bridge102
  ip link set bridge102 up
  for node in node-1:192.168.245.168 node-2:192.168.245.172; do
    ip netns add "${node%:*}"
    ip link add "port-${node%:*}" type veth peer name ens33 netns "${node%:*}"
    ip link set "port-${node%:*}" master bridge102 up
    on "${node%:*}" "sysctl -qw net.ipv6.conf.all.disable_ipv6=1
      ip address add ${node#*:}/24 dev ens33; ip link set ens33 up"
  done
}

# A container on a node.
set_up() {
  on "$1" "set -e
    ip netns add $2
    ip link add macvlan1 link ens33 type macvlan mode bridge
    ip link set macvlan1 netns $2
    ip netns exec $2 sysctl -qw net.ipv6.conf.all.disable_ipv6=1
    ip -n $2 address add $3/24 dev macvlan1
    ip -n $2 link set macvlan1 up"
}

# Captures at points (`NAME:INTERFACE` or `NAME:INTERFACE@CONTAINER`) of a machine: says when all listen, and sends the files
# when it is told to stop.
capture() {
  local machine=$1 script="set -e; folder=\$(mktemp -d); cd \$folder; pids="
  shift
  for point in "$@"; do
    local name=${point%%:*} interface=${point#*:} enter=
    [[ $interface != *@* ]] || enter="ip netns exec ${interface#*@}"
    script+="
      mkfifo $name
      $enter tcpdump -i ${interface%@*} -p -n -U --immediate-mode -Z root -w $name.pcap 2>$name & pids=\"\$pids \$!\""
  done
  # The first line is `tcpdump: listening on …`.
  for point in "$@"; do script+="
      exec 3<${point%%:*}; read -r line <&3; cat <&3 >/dev/null & exec 3<&-"; done
  script+='
    echo listening; read -r stop; kill -INT $pids; wait; tar -c -- *.pcap; cd /; rm -r "$folder"'
  mkfifo "$folder/$machine.stop" "$folder/$machine.listens"
  on "$machine" "$script" <"$folder/$machine.stop" |
    { read -r _; echo >"$folder/$machine.listens"; tar -x -C "$folder"; } &
}

# A frame that every vantage point between the containers has, and the bridge's own interface has not.
look() {
  for point in port-1 port-2 node-1 node-2 docker1 docker2; do
    tcpdump -n -r "$folder/$point.pcap" 2>/dev/null | grep -q 'ICMP echo reply'
  done
  tcpdump -n -r "$folder/bridge.pcap" 2>/dev/null | grep -q 'ARP, Request who-has 192.168.245.181'
}

scenario() {
  set_up node-1 docker1 192.168.245.180 & set_up node-2 docker2 192.168.245.181 & wait
  capture host bridge:bridge102 port-1:port-node-1 port-2:port-node-2
  capture node-1 node-1:ens33 docker1:macvlan1@docker1
  capture node-2 node-2:ens33 docker2:macvlan1@docker2
  exec {host}>"$folder/host.stop" {node_1}>"$folder/node-1.stop" {node_2}>"$folder/node-2.stop"
  for machine in host node-1 node-2; do read -r _ <"$folder/$machine.listens"; done
  on node-1 'ip netns exec docker1 ping -c 1 -W 4 192.168.245.181' >/dev/null
  echo stop >&"$host"; echo stop >&"$node_1"; echo stop >&"$node_2"
  exec {host}>&- {node_1}>&- {node_2}>&-
  wait
  look
  on node-1 'ip netns del docker1' & on node-2 'ip netns del docker2' & wait
  rm "$folder"/*.stop "$folder"/*.listens "$folder"/*.pcap
}

folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
case $way in
  ssh) config=$3 keeper=$4
    ln -s "${MASTERS:?the folder with NODE.master}"/*.master "$folder" ;;
  plain) make_lab ;;
esac
for ((done = 0; done < count; done++)); do scenario; done
