#!/bin/bash
# A command that is measured until it is ready, and not while it is torn down.
#
#   left_running.sh FOLDER COMMAND…    starts it, and returns when it has written a line to its descriptor 3
#   left_running.sh FOLDER             lets it end, by opening FOLDER/end, and waits for that
set -euo pipefail
folder=$1
shift

if (($# > 0)); then
  rm -f "$folder"/{ready,end,process}
  mkfifo "$folder"/{ready,end}
  "$@" 3>"$folder/ready" &
  echo $! >"$folder/process"
  # Nothing comes of one that fails.
  read -r _ <"$folder/ready"
else
  process=$(<"$folder/process")
  kill -0 "$process" 2>/dev/null || exit 0
  : >"$folder/end"
  tail --pid="$process" --follow /dev/null
fi
