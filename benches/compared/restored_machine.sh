# shellcheck shell=bash
# QEMU alone, with a machine that was saved: for restore_by_hand.sh and have_stock_sshd.sh.

# Starts a machine from a file of its QEMU's words, and returns when it runs. QEMU is then the coprocess QEMU, which hears and speaks
# QMP. Whoever connects before it runs waits for its next SYN.
restore() {
  local node=$1 file=$2 told=$3 words
  mapfile -t words <"$file"
  ip tuntap add "port-$node" mode tap
  coproc QEMU { exec "${words[@]}"; }
  tell "$(<"$told")"
  until_migrated
  tell '{"execute": "cont"}'
}

tell() {
  printf '%s\n' "$1" >&"${QEMU[1]}"
}

# Until a state is read or written whole.
until_migrated() {
  local line=
  until [[ $line == *'"status": "completed"'* ]]; do
    read -r line <&"${QEMU[0]}" || { echo "a QEMU has ended" >&2; exit 1; }
  done
}
