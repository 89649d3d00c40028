#!/usr/bin/env bash
# Signals during a live capture, as root: an orderly end with whole files, also when a signal comes twice within a second; one that comes
# later kills; nohup's stay ignored; a reader that does not read is waited for.
#   Tests/Live/signals.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")"
wstap=$(realpath "${WSTAP:-../../.build/release/wstap}")
here=$PWD rounds=${1:-10}
folder=$(mktemp -d)
space=wstap-signals-$$
tidy() {
  ip netns del "$space" 2>/dev/null || true
  rm -rf "$folder"
}
trap tidy EXIT
ip netns add "$space"
ip -n "$space" link set lo up
cd "$folder"

fail() { echo "✗ $*"; cat err; exit 1; }
live() { exec ip netns exec "$space" "$@" live -i lo -Z root --json -w capture.pcapng; }
# ready: waits until it captures.
ready() {
  for wait in $(seq 100); do
    [ -s capture.pcapng ] && break
    sleep 0.05
  done
}
# whole NAME: the output has its last line, and the file can be read.
whole() {
  tail -n 1 out | grep -q '"event":"capture_end"' || fail "$1: no capture_end"
  file "$1"
}
file() {
  "$wstap" -q capture.pcapng > read || fail "$1: the file cannot be read"
  [ "$(stat -c %s capture.pcapng)" -ge 80 ] || fail "$1: the file is empty"
}

# GNU timeout sends a signal to its child, and again to its group; a busy processor makes the second come late.
for how in "" --foreground "-s INT" "-s HUP"; do
  for round in $(seq "$rounds"); do
    rm -f out capture.pcapng
    (live timeout $how 1.2 "$wstap" > out 2> err) || [ $? = 124 ] || fail "timeout $how: status $?"
    whole "timeout $how"
  done
  echo "✓ timeout $how: $rounds times in order"
done

for signal in INT TERM HUP; do
  rm -f capture.pcapng
  live "$wstap" > out 2> err & capture=$!
  ready
  kill -$signal $capture; sleep 0.02; kill -$signal $capture 2> /dev/null || true
  wait $capture || fail "$signal twice: status $?"
  whole "$signal twice"
  echo "✓ $signal twice within a second: in order"
done

trap '' HUP
rm -f capture.pcapng
live "$wstap" > out 2> err & capture=$!
trap - HUP
ready
kill -HUP $capture; sleep 0.3
kill -0 $capture || fail "SIGHUP ended what had ignored it"
kill -TERM $capture
wait $capture || fail "after an ignored SIGHUP: status $?"
whole "an ignored SIGHUP"
echo "✓ SIGHUP stays ignored"

# talk: more messages than fit into the pipe.
talk() {
  rm -f server
  ip netns exec "$space" python3 "$here/conversation.py" server 127.0.0.1 9191 > server & local server=$!
  until grep -q ready server 2> /dev/null; do sleep 0.1; done
  ip netns exec "$space" python3 "$here/conversation.py" client 127.0.0.1 9191 2000 20000 > client
  wait $server
}

# The reader sleeps and reads on: nothing is lost. It does not read on: a second signal, more than a second later, kills.
mkfifo pipe
(exec 3< pipe; sleep 4; cat <&3 > out) & reader=$!
rm -f capture.pcapng
live "$wstap" > pipe 2> err & capture=$!
ready
talk
kill -TERM $capture
wait $capture || fail "a sleeping reader: status $?"
wait $reader
whole "a sleeping reader"
[ "$(grep -c '"event":"message"' out)" = 2000 ] || fail "a sleeping reader: $(grep -c '"event":"message"' out) of 2000 messages"
echo "✓ a sleeping reader gets everything"

(exec 3< pipe; exec sleep 6) & reader=$!
rm -f capture.pcapng
live "$wstap" > pipe 2> err & capture=$!
ready
talk
kill -TERM $capture; sleep 0.2; kill -TERM $capture; sleep 0.3
kill -0 $capture || fail "a reader that sleeps: two signals within a second killed"
sleep 0.8
kill -TERM $capture
status=0
wait $capture || status=$?
[ $status = 143 ] || fail "a reader that sleeps: status $status after three signals"
kill $reader
file "a reader that sleeps"
echo "✓ a second signal later than a second kills, and the file is whole"
echo "✓ signals"
