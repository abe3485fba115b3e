#!/bin/bash
# A command that is measured until it is ready, and not while it is torn down.
#
#   left_running.sh FOLDER COMMAND…    starts it, and returns when it has written a line to its descriptor 3
#   left_running.sh FOLDER             kills it, and waits until it is gone
set -euo pipefail
folder=$1
shift

if (($# > 0)); then
  rm -f "$folder"/{ready,process}
  mkfifo "$folder/ready"
  "$@" 3>"$folder/ready" &
  echo $! >"$folder/process"
  # There is no line where all that have the descriptor have ended.
  read -r _ <"$folder/ready"
else
  process=$(<"$folder/process")
  kill -KILL "$process" 2>/dev/null || exit 0
  tail --pid="$process" --follow /dev/null
fi
