#!/bin/bash
# Records capture.pcap and application.jsonl of this story.
# Debian packages: tcpdump iproute2 python3. PyPI: websockets
set -euo pipefail
cd "$(dirname "$0")"
. ../common.sh

: > application.jsonl
start python3 server.py
server=$started
wait_port 8901
capture_start lo 'tcp port 8901'
start python3 client.py
client=$started
sleep 2.2                  # one ping is answered by now, and three messages
kill -STOP "$server"
wait "$client"             # it gave up
sleep 1
kill -CONT "$server"       # reads now what has waited in its socket
sleep 0.5
capture_stop
