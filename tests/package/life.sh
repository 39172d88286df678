#!/usr/bin/env bash
# The life of the package on a Debian of its own: an overlay of this machine that nothing leaves.
# usage: life.sh FIRST.deb SECOND.deb ; in namespaces of its own (unshare --mount --net --pid --fork)
set -euo pipefail
first=$1 second=$2
step() { printf 'step: %s\n' "$*"; }
fail() { printf 'failed: %s\n' "$*" >&2; exit 1; }

mount --make-rprivate /
house=$(mktemp -d)
mount -t tmpfs tmpfs "$house"
mkdir "$house"/{up,work,root}
mount -t overlay overlay -o "lowerdir=/,upperdir=$house/up,workdir=$house/work" "$house/root" || { echo "skipped: no overlay here"; exit 77; }
root=$house/root
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
cp "$first" "$root/tmp/first.deb"
cp "$second" "$root/tmp/second.deb"
within() { DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"; }

step install
within dpkg -i /tmp/first.deb
within getent passwd bulkhead >/dev/null || fail "no user"
[ "$(within stat -c '%U:%G %a' /var/lib/bulkhead)" = "bulkhead:bulkhead 750" ] || fail "state folder"
[ "$(within stat -c '%G %a' /etc/bulkhead/bulkhead.yaml)" = "bulkhead 640" ] || fail "configuration"
for manual in bulkhead bulkhead-run bulkhead-doctor bulkhead-replay; do
  within gzip -t /usr/share/man/man1/$manual.1.gz || fail "no manual of $manual"
done
for completion in bash-completion/completions/bulkhead zsh/vendor-completions/_bulkhead fish/vendor_completions.d/bulkhead.fish; do
  within grep -q doctor /usr/share/$completion || fail "no completion: $completion"
done
# bash itself completes by what was installed
offered=$(within bash -c '. /usr/share/bash-completion/completions/bulkhead
  COMP_WORDS=(bulkhead doc) COMP_CWORD=1; _bulkhead bulkhead doc bulkhead; echo "${COMPREPLY[@]}"')
[ "$offered" = doctor ] || fail "bash offers: $offered"
within test -s /lib/systemd/system/bulkhead.service || fail "no unit"
within bulkhead --version
within bulkhead run --config /etc/bulkhead/bulkhead.yaml --check-config || fail "the configuration that comes with it is refused"

step configure
within sed -i 's/^sensor: .*/sensor: of-the-test/' /etc/bulkhead/bulkhead.yaml
ip link set lo up
ip link add mirror type veth peer name plant
ip link set mirror up; ip link set plant up

start() {
  # no function here: what is stopped must be the sensor itself
  chroot "$root" setpriv --reuid bulkhead --regid bulkhead --init-groups --inh-caps +net_raw --ambient-caps +net_raw \
    --bounding-set=-all,+net_raw,+setpcap bulkhead run --config /etc/bulkhead/bulkhead.yaml 2>"$root/tmp/log" &
  sensor=$!
  for _ in $(seq 600); do
    grep -q 'watching mirror' "$root/tmp/log" && return
    kill -0 $sensor 2>/dev/null || { cat "$root/tmp/log" >&2; fail "the sensor ended"; }
    sleep 0.1
  done
  fail "the sensor does not watch"
}
stop() { kill -TERM $sensor; wait $sensor || fail "the sensor ended with $?"; }

step start
start
kill -HUP $sensor
for _ in $(seq 600); do grep -q 'reloaded: policy version' "$root/tmp/log" && break; sleep 0.1; done
grep -q 'reloaded: policy version' "$root/tmp/log" || fail "no reload"
stop
[ "$(within stat -c %U /var/lib/bulkhead/sensor.db)" = bulkhead ] || fail "store of somebody else"

step upgrade
start
within dpkg -i /tmp/second.deb </dev/null
kill -0 $sensor || fail "the upgrade took the sensor away"
stop
within grep -q 'sensor: of-the-test' /etc/bulkhead/bulkhead.yaml || fail "the configuration is gone"
start; stop

step remove
within dpkg -r bulkhead
within test ! -e /usr/bin/bulkhead || fail "the program is still there"
within test -e /var/lib/bulkhead/sensor.db || fail "the store is gone"
within test -e /etc/bulkhead/bulkhead.yaml || fail "the configuration is gone"

step purge
within dpkg -P bulkhead
for left in /etc/bulkhead/bulkhead.yaml /var/lib/bulkhead /var/log/bulkhead; do
  within test ! -e "$left" || fail "$left is still there"
done
within getent passwd bulkhead >/dev/null && fail "the user is still there"
step done
