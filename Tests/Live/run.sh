#!/usr/bin/env bash
# Live capture between two network namespaces, as root: what is shown live is what the file shows, nothing is lost
# unreported at 50,000 messages a second, root's rights are gone, Ctrl-C ends it within a second; and how long it
# takes from a packet to its printed line.
#   Tests/Live/run.sh [SECONDS] [MESSAGES A SECOND]
set -euo pipefail
cd "$(dirname "$0")"
wstap=${WSTAP:-../../.build/release/wstap}
seconds=${1:-10} rate=${2:-50000}
folder=$(mktemp -d)
here=wstap-here-$$ there=wstap-there-$$
tidy() {
  ip netns del "$here" 2>/dev/null || true
  ip netns del "$there" 2>/dev/null || true
  rm -rf "$folder"
}
trap tidy EXIT
chmod 755 "$folder"

ip netns add "$here"
ip netns add "$there"
ip -n "$here" link add veth0 type veth peer name veth0 netns "$there"
for side in "$here 10.9.0.1" "$there 10.9.0.2"; do
  set -- $side
  ip -n "$1" addr add "$2/24" dev veth0
  ip -n "$1" link set veth0 up
  ip -n "$1" link set lo up
done

# capture NAME NAMESPACE INTERFACE ADDRESS MESSAGES RATE [OPTION…]: captures a conversation; leaves NAME.*
capture() {
  local name=$1 space=$2 interface=$3 address=$4 messages=$5 rate=$6 wstap_pid server client=$2
  shift 6
  [ "$interface" = lo ] || client=$there
  ip netns exec "$space" "$wstap" live -i "$interface" -f 'tcp port 9191' -w "$folder/$name.pcapng" --json "$@" \
    > "$folder/$name.jsonl" 2> "$folder/$name.err" &
  wstap_pid=$!
  sleep 1
  ip netns exec "$space" python3 conversation.py server "$address" 9191 > "$folder/$name.server" &
  server=$!
  until grep -q ready "$folder/$name.server"; do sleep 0.1; done
  ip netns exec "$client" python3 conversation.py client "$address" 9191 "$messages" "$rate"
  wait $server
  grep -q '^Uid:\s*0' "/proc/$wstap_pid/status" && { echo "✗ $name: still root"; exit 1; }
  kill -USR1 $wstap_pid
  sleep 1
  local before; before=$(date +%s%N)
  kill -INT $wstap_pid
  wait $wstap_pid || { echo "✗ $name: status $?"; cat "$folder/$name.err"; exit 1; }
  local took=$((($(date +%s%N) - before) / 1000000))
  [ $took -lt 1000 ] || { echo "✗ $name: $took ms after Ctrl-C"; exit 1; }
  "$wstap" --json "$folder/$name.pcapng" > "$folder/$name.file.jsonl"
  diff <(grep -v capture_end "$folder/$name.jsonl") <(grep -v capture_end "$folder/$name.file.jsonl") > /dev/null ||
    { echo "✗ $name: the file shows something else"; exit 1; }
  python3 - "$folder/$name.jsonl" "$messages" "$name" "$took" <<'CHECK'
import json, sys
path, messages, name, took = sys.argv[1:]
found, dropped = 0, None
for line in open(path):
    event = json.loads(line)
    found += event["event"] == "message" and event.get("complete", True)
    if event["event"] == "capture_end": dropped = event["drops"]
print(f"{name}: {found} of {messages} messages, drops {dropped}, ended after {took} ms")
if found != int(messages) and not dropped["system"] and not dropped["interface"]:
    sys.exit(f"✗ {name}: messages are missing, and no drop is reported")
CHECK
  tail -n 1 "$folder/$name.err"
}

capture veth "$here" veth0 10.9.0.1 $((seconds * rate)) "$rate" --color never
capture loopback "$here" lo 127.0.0.1 20000 5000

# From the sending of a message to the line about it, as the pipe's reader sees it.
for mode in "" --immediate; do
  ip netns exec "$here" "$wstap" live -i lo -f 'tcp port 9191' --json $mode 2> /dev/null |
    python3 -u -c '
import re, sys, time
took = []
for line in sys.stdin:
    sent = re.search(r"ns\\\":(\d+)", line)
    if sent: took.append(time.time_ns() - int(sent[1]))
    if len(took) == 2000: break
took.sort()
print(f"latency: median {took[1000] / 1e6:.2f} ms, 99th percentile {took[1980] / 1e6:.2f} ms", sys.argv[1:])' $mode &
  reader=$!
  sleep 1
  ip netns exec "$here" python3 conversation.py server 127.0.0.1 9191 > "$folder/latency" &
  until grep -q ready "$folder/latency"; do sleep 0.1; done
  ip netns exec "$here" python3 conversation.py client 127.0.0.1 9191 2000 1000 > /dev/null
  wait $reader
done
# What terminals of 20 to 200 columns show of hostile captures and file names.
python3 screen.py "$wstap"

echo "✓ live"
