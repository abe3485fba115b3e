#!/bin/bash
# The machines of restore_by_hand.sh, saved once more with their distribution's own configuration of sshd: what everybody has.
#
#   have_stock_sshd.sh FOLDER NEW    within `unshare --net --mount --pid --fork --kill-child --mount-proc`
#
# NEW is a folder that becomes like FOLDER, and is empty. Their disks stay as they are: sshd's configuration is in memory.
set -euo pipefail
. "$(dirname "$0")/restored_machine.sh"
folder=$1 new=$2

mount -t tmpfs none /run
cp --archive "$folder/lab" "$folder"/*.told "$folder"/*.words "$new"
sed -i /KexAlgorithms/d "$new/lab/ssh_config"
cp --archive "$folder/lab" /run/lab
ip link set lo up

save() {
  local node=$1 memory
  memory=$(sed -n 's/.*mem-path=\([^,]*\).*/\1/p' "$folder/$node.words")
  cp --sparse=always "$memory" "$new/$node.memory"
  sed -i "s|mem-path=$memory|mem-path=$new/$node.memory|" "$new/$node.words"
  sed -i "s|exec:cat [^\"]*|exec:cat $new/$node.state|" "$new/$node.told"
  sed 's/share=off/share=on/' "$new/$node.words" >"/run/$node.words"

  restore "$node" "/run/$node.words" "$folder/$node.told"
  ssh -F /run/lab/ssh_config "$node" 'mount --bind /usr/share/openssh/sshd_config /etc/ssh/sshd_config && systemctl kill --kill-who=main --signal=HUP ssh'
  # The lab's own configuration has no word of this key exchange, which is everybody's first choice.
  until ssh -F "$new/lab/ssh_config" -o KexAlgorithms=sntrup761x25519-sha512@openssh.com "$node" true 2>/dev/null; do
    kill -0 "$QEMU_PID" || { echo "QEMU of $node has ended" >&2; exit 1; }
    sleep 0.1
  done
  local qemu=$QEMU_PID
  tell '{"execute": "stop"}'
  tell "{\"execute\": \"migrate\", \"arguments\": {\"uri\": \"exec:cat >$new/$node.state\"}}"
  until_migrated
  tell '{"execute": "quit"}'
  wait "$qemu"
}

save node-1
save node-2
