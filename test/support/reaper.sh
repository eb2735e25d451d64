#!/usr/bin/env bash
# Removes one lab: reaper.sh PREFIX RUN_DIR. It waits on its standard input, which the lab's maker holds open: a
# line there means "remove it now", end of file means that the maker is gone, however it went (exit, Ctrl-C, kill -9).
# It ends only processes inside namespaces called PREFIX-*, all of which the lab made.
set -uo pipefail
trap '' INT TERM HUP
export PATH="$PATH:/usr/sbin:/sbin"
prefix=$1 run_dir=$2

# A maker that died may have left a command running that still adds a namespace: look again for a while.
sweeps=1
read -r _ || sweeps=5

lab_namespaces() { ip netns list | cut -d' ' -f1 | grep "^$prefix-" || true; }

remove_namespace() {
  local pids
  for _ in 1 2 3; do
    pids=$(ip netns pids "$1")
    [ -n "$pids" ] || break
    # shellcheck disable=SC2086  # a list of numbers
    kill -KILL $pids 2>/dev/null
  done
  ip netns del "$1"
}

for ((i = 0; i < sweeps; i++)); do
  [ "$i" = 0 ] || sleep 0.1
  for namespace in $(lab_namespaces); do remove_namespace "$namespace"; done
done
rm -rf "$run_dir"
