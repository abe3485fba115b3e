#!/bin/bash
# Two machines restored by QEMU alone, and a command on each: what nobody who uses SSH gets below.
#
#   restore_by_hand.sh FOLDER    within `unshare --net --mount --pid --fork --kill-child --mount-proc`
#
# FOLDER has a lab's files (`lab`), and of each machine the words of its QEMU (`node-1.words`), and what its monitor is told there
# (`node-1.told`).
set -euo pipefail
folder=$1

mount -t tmpfs none /run
cp --archive "$folder/lab" /run/lab
ip link set lo up

# It was saved standing still, and goes on when it is told so with its state in place. Whoever connects before waits for its
# next SYN.
restore() {
  local node=$1 words
  mapfile -t words <"$folder/$node.words"
  ip tuntap add "port-$node" mode tap
  { cat "$folder/$node.told"; while printf 'cont\ninfo status\n'; do sleep 0.01; done; } 2>/dev/null |
    "${words[@]}" >"/run/$node.said" &
  until grep -q 'VM status: running' "/run/$node.said" 2>/dev/null; do
    kill -0 $! || { echo "QEMU of $node has ended" >&2; exit 1; }
    sleep 0.01
  done
  ssh -F /run/lab/ssh_config "$node" true
}

restore node-1 &
first=$!
restore node-2
wait "$first"
