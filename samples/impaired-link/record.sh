#!/bin/bash
# Records capture.pcap and application.jsonl of this story, as root: two network namespaces, each with one end of a veth
# pair, and between the other two ends bridge.py, which loses, doubles and delays frames. The retransmissions are the kernel's.
# Debian packages: tcpdump iproute2 ethtool python3. PyPI: websockets
set -euo pipefail
cd "$(dirname "$0")"
. ../common.sh

near=wstap-near-$$ far=wstap-far-$$
tidy() {
    cleanup
    ip netns del "$near" 2>/dev/null || true
    ip netns del "$far" 2>/dev/null || true
}
trap tidy EXIT
for end in "$near 1" "$far 2"; do
    set -- $end
    ip netns add "$1"
    ip link add "wstap$2" type veth peer name eth0 netns "$1"
    ip -n "$1" addr add "10.77.0.$2/24" dev eth0
    ip -n "$1" link set eth0 mtu 700 up
    ip -n "$1" link set lo up
    ip link set "wstap$2" up
    # What goes over the link are segments as TCP made them, with their checksums.
    ip netns exec "$1" ethtool -K eth0 tx off rx off tso off gso off gro off > /dev/null
    ethtool -K "wstap$2" tx off rx off tso off gso off gro off > /dev/null
done
: > application.jsonl
start python3 bridge.py wstap1 wstap2
start ip netns exec "$far" python3 server.py
sleep 2
tcpdump() { exec ip netns exec "$near" /usr/bin/tcpdump "$@"; }
capture_start eth0 'tcp port 8799' --time-stamp-precision=nano
ip netns exec "$near" python3 client.py
sleep 1
capture_stop
