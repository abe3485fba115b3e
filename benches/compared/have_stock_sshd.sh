#!/bin/bash
# The machines of restore_by_hand.sh, saved once more with their distribution's own configuration of sshd: what everybody has.
#
#   have_stock_sshd.sh FOLDER NEW    within `unshare --net --mount --pid --fork --kill-child --mount-proc`
#
# NEW is a folder that becomes like FOLDER, and is empty. Their disks stay as they are: sshd's configuration is in memory.
set -euo pipefail
folder=$1 new=$2

mount -t tmpfs none /run
cp --archive "$folder/lab" "$folder"/*.told "$folder"/*.words "$new"
sed -i /KexAlgorithms/d "$new/lab/ssh_config"
cp --archive "$folder/lab" /run/lab
ip link set lo up

save() {
  local node=$1 memory words monitor
  memory=$(sed -n 's/.*mem-path=\([^,]*\).*/\1/p' "$folder/$node.words")
  cp --sparse=always "$memory" "$new/$node.memory"
  sed -i "s|mem-path=$memory|mem-path=$new/$node.memory|" "$new/$node.words"
  sed -i "s|exec:cat .*|exec:cat $new/$node.state\"|" "$new/$node.told"
  mapfile -t words < <(sed 's/share=off/share=on/' "$new/$node.words")

  ip tuntap add "port-$node" mode tap
  mkfifo "/run/$node.fifo"
  "${words[@]}" <"/run/$node.fifo" >"/run/$node.said" &
  exec {monitor}>"/run/$node.fifo"
  cat "$folder/$node.told" >&"$monitor"
  until grep -q 'VM status: running' "/run/$node.said"; do
    kill -0 $! || { echo "QEMU of $node has ended" >&2; exit 1; }
    printf 'cont\ninfo status\n' >&"$monitor"
    sleep 0.1
  done
  ssh -F /run/lab/ssh_config "$node" 'mount --bind /usr/share/openssh/sshd_config /etc/ssh/sshd_config && systemctl kill --kill-who=main --signal=HUP ssh'
  # The lab's own configuration has no word of this key exchange, which is everybody's first choice.
  until ssh -F "$new/lab/ssh_config" -o KexAlgorithms=sntrup761x25519-sha512@openssh.com "$node" true 2>/dev/null; do
    kill -0 $! || { echo "QEMU of $node has ended" >&2; exit 1; }
    sleep 0.1
  done
  printf 'stop\nmigrate "exec:cat >%s"\nquit\n' "$new/$node.state" >&"$monitor"
  wait $!
}

save node-1
save node-2
