#!/bin/bash
# Two machines restored by QEMU alone, and a command on each: what nobody who uses SSH gets below.
#
#   restore_by_hand.sh FOLDER    within `unshare --net --mount --pid --fork --kill-child --mount-proc`
#
# Both are left running (left_running.sh) until their namespaces end.
#
# FOLDER has a lab's files (`lab`), and of each machine the words of its QEMU (`node-1.words`), and what its monitor is told there
# (`node-1.told`).
set -euo pipefail
. "$(dirname "$0")/restored_machine.sh"
folder=$1

mount -t tmpfs none /run
cp --archive "$folder/lab" /run/lab
ip link set lo up

restore_and_run() {
  restore "$1" "$folder/$1.words" "$folder/$1.told"
  ssh -F /run/lab/ssh_config "$1" true
}

restore_and_run node-1 &
first=$!
restore_and_run node-2
wait "$first"
echo ready >&3
exec tail --follow /dev/null
