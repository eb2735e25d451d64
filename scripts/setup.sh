#!/usr/bin/env bash
# Makes a bare Debian machine with Node.js, git and root ready to build, test and demonstrate: Open vSwitch and the
# network tools from Debian's packages, the npm packages, the built program. Does only what is still to be done.
#
#   setup.sh           installs what is missing
#   setup.sh --check   installs nothing; says what is missing (the build is made afresh all the same)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

say() { echo "setup: $*" >&2; }
die() { say "$@"; exit 1; }

mode=${1:-install}
case $mode in install | --check) ;; *) die "unknown argument '$mode'. Use --check or nothing." ;; esac

# Command and the Debian package that has it.
needed='
  ovsdb-server   openvswitch-switch
  ovs-vswitchd   openvswitch-switch
  ovs-vsctl      openvswitch-switch
  ovs-ofctl      openvswitch-switch
  ovs-appctl     openvswitch-switch
  ovsdb-tool     openvswitch-switch
  ip             iproute2
  ping           iputils-ping
  ethtool        ethtool
  tcpdump        tcpdump
  ps             procps
  python3        python3
  git            git
  etcd           etcd-server
'

missing_packages() {
  local command package
  while read -r command package; do
    [ -z "$command" ] || command -v "$command" >/dev/null || echo "$package"
  done <<<"$needed" | sort -u
}

# Installing openvswitch-switch starts a system daemon, unless the policy for services forbids it. We forbid it for
# the time of the installation; a policy that is there already is the machine owner's and stays as it is.
policy=/usr/sbin/policy-rc.d
own_policy='' log=''
clean_up() {
  [ -z "$own_policy" ] || rm -f "$policy"
  [ -z "$log" ] || rm -f "$log"
}
trap clean_up EXIT

forbid_daemons() {
  [ ! -e "$policy" ] || return 0
  own_policy=yes
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
}

quietly() { # runs a command; its output is shown only if it fails
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null || { cat "$log" >&2; die "'$*' failed."; }
  rm -f "$log"
  log=''
}

install_packages() {
  local apt=(apt-get -o DPkg::Lock::Timeout=120 -y)
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  say "installing from Debian's packages: $*"
  forbid_daemons
  quietly "${apt[@]}" update
  quietly "${apt[@]}" install --no-install-recommends "$@"
}

ensure_root() {
  [ "$(id -u)" = 0 ] || die "network namespaces need root. Use 'sudo npm run demo' or 'sudo npm test'."
  unshare --net --mount true 2>/dev/null ||
    die "this machine does not let root make network namespaces. Use a virtual machine or a privileged container."
}

ensure_packages() {
  local missing
  missing=$(missing_packages | xargs)
  [ -n "$missing" ] || return 0
  if [ "$mode" = --check ]; then die "missing: $missing. Use 'npm run setup' to install."; fi
  command -v apt-get >/dev/null ||
    die "missing: $missing (names of Debian packages), and there is no apt-get here. Install them, then run this again."
  # shellcheck disable=SC2086  # a list of names
  install_packages $missing
  missing=$(missing_packages | xargs)
  [ -z "$missing" ] || die "still missing after the installation: $missing."
}

ensure_modules() {
  local installed=node_modules/.package-lock.json # npm's own record of what it installed
  [ ! -e "$installed" ] || [ package-lock.json -nt "$installed" ] || return 0
  if [ "$mode" = --check ]; then die "node_modules is absent or out of date. Use 'npm ci'."; fi
  say 'installing the npm packages ...'
  npm ci --no-audit --no-fund --loglevel=error >&2 </dev/null || die "'npm ci' failed."
}

ensure_build() {
  local built=dist/reconcile.js
  [ -e "$built" ] && [ -z "$(find src schemas scripts/build.ts package.json -newer "$built" -print -quit)" ] && return
  say 'building dist/reconcile.js ...'
  node --import tsx scripts/build.ts >&2 || die 'the build failed.'
}

ensure_root
ensure_packages
ensure_modules
ensure_build
