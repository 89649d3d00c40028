#!/usr/bin/env bash
# What a live capture may still do, as root: no capability is left in any thread, also with file capabilities and with -Z root; it cannot
# write, connect or send (RightsTests try each); a ring, a key log that is replaced, the drops of the interface and promiscuous mode work.
#   Tests/Live/rights.sh
set -euo pipefail
cd "$(dirname "$0")"
wstap=$(realpath "${WSTAP:-../../.build/release/wstap}")
folder=$(mktemp -d)
space=wstap-rights-$$
tidy() {
  ip netns del "$space" 2>/dev/null || true
  rm -rf "$folder"
}
trap tidy EXIT
chmod 755 "$folder"
ip netns add "$space"
ip -n "$space" link set lo up
ip -n "$space" link add wire0 type veth peer name wire1
for wire in wire0 wire1; do ip -n "$space" link set $wire up; done
ip -n "$space" addr add 10.9.1.1/24 dev wire0
ip -n "$space" neigh add 10.9.1.2 lladdr 02:00:00:00:00:02 dev wire0

fail() { echo "✗ $*"; cat "$folder/err"; exit 1; }

# start PREFIX… -- OPTION…: starts a capture; its process is $capture.
start() {
  local prefix=()
  while [ "$1" != -- ]; do prefix+=("$1"); shift; done
  shift
  (cd "$folder" && exec ip netns exec "$space" "${prefix[@]}" "${tool:-$wstap}" live -i "${interface:-lo}" "$@") \
    > "$folder/out" 2> "$folder/err" &
  capture=$!
  for wait in $(seq 50); do
    grep -q "capturing as user" "$folder/err" && break
    sleep 0.1
  done
  sleep 0.3
}

# bare NAME [SETS]: no thread has anything in these sets of capabilities; all five by default.
bare() {
  local name=$1 sets=${2:-Inh Prm Eff Bnd Amb} status
  [ "$(ls "/proc/$capture/task" | wc -l)" -ge 2 ] || fail "$name: there is only one thread"
  for status in /proc/"$capture"/task/*/status; do
    for set in $sets; do
      grep -qP "^Cap$set:\t0+$" "$status" || fail "$name: $(grep "^Cap$set" "$status")"
    done
    grep -qP '^NoNewPrivs:\t1$' "$status" || fail "$name: programs may get privileges"
    grep -qP '^Seccomp:\t2$' "$status" || fail "$name: system calls are not filtered"
  done
  echo "✓ $name: no rights in $(ls "/proc/$capture/task" | wc -l) threads"
}

# stop NAME: ends the capture in order.
stop() {
  kill -TERM "$capture"
  wait "$capture" || fail "$1: status $?"
}

send() { # PORT: a packet on the loopback interface
  ip netns exec "$space" python3 -c '
import socket, sys
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x" * 400, ("127.0.0.1", int(sys.argv[1])))' "$1"
}

start -- -v -q -w nobody.pcapng
bare "as nobody"
stop "as nobody"
start -- -v -q -Z root -w root.pcapng
bare "as root with -Z root"
stop "as root with -Z root"

# The executable has the capability, and whoever starts it is nobody special. The bounding set is not theirs to change; no new privileges
# makes it meaningless.
tool=$folder/wstap
cp "$wstap" "$tool"
mkdir -m 777 "$folder/open"
setcap cap_net_raw,cap_net_admin=ep "$tool"
start setpriv --reuid=65534 --regid=65534 --clear-groups -- -v -q -w open/file.pcapng
bare "with file capabilities" "Inh Prm Eff Amb"
stop "with file capabilities"
setcap cap_net_raw,cap_dac_override=eip "$tool"
if (cd "$folder" && ip netns exec "$space" setpriv --reuid=65534 --regid=65534 --clear-groups "$tool" live -i lo -q -a duration:1 \
  -w override.pcapng 2> err); then
  fail "a file was created with the executable's CAP_DAC_OVERRIDE"
fi
unset tool

# A ring begins its further files within the confinement, and removes the oldest.
start -- -v -q -Z root -w ring.pcapng -b filesize:2 -b files:2
for number in $(seq 40); do send 9; done
sleep 0.5
bare "with a ring"
stop "with a ring"
[ "$(ls "$folder"/ring_* | wc -l)" = 2 ] || fail "the ring has $(ls "$folder"/ring_* | wc -l) files"
[ -e "$folder"/ring_00001_* ] && fail "the first file of the ring is still there"
for file in "$folder"/ring_*; do "$wstap" -q "$file" > /dev/null || fail "$file cannot be read"; done

# A key log that is created later, elsewhere, and then replaced.
mkdir "$folder/keys"
secret="CLIENT_RANDOM $(printf '52%.0s' {1..32}) $(printf '9b%.0s' {1..48})"
start -- -v -q -Z root -w keyed.pcapng --keylog keys/log
echo "$secret" > "$folder/keys/log"
sleep 0.4
echo "${secret/52/53}" > "$folder/keys/new"
mv "$folder/keys/new" "$folder/keys/log"
sleep 0.4
stop "with a key log"
grep -q "2 secrets from keys/log" "$folder/err" || fail "the key log was not read"

# What libpcap asks for while and after it captures.
interface=wire0
trace=$folder/trace
start strace -f -o "$trace" -- -v -q
[ "$(ip -n "$space" -d link show wire0 | grep -o 'promiscuity [0-9]*')" = "promiscuity 1" ] || fail "not promiscuous"
sleep 0.3
pid=$(pgrep -P "$capture" | head -1)
kill -USR1 "${pid:-$capture}"
sleep 0.3
kill -TERM "${pid:-$capture}"
wait "$capture" || fail "promiscuous: status $?"
[ "$(ip -n "$space" -d link show wire0 | grep -o 'promiscuity [0-9]*')" = "promiscuity 0" ] || fail "still promiscuous"
grep -q 'statistics/.*= [0-9]' "$trace" || fail "the drops of the interface were not read"
sed '1,/seccomp(SECCOMP_SET_MODE_FILTER/d' "$trace" | grep -E '= -1 (EPERM|EACCES)' && fail "a call that is needed was refused"
echo "✓ rights"
