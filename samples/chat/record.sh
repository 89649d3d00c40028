#!/bin/bash
# Records capture.pcap and application.jsonl of this story.
# Debian packages: tcpdump iproute2 nodejs node-ws
set -euo pipefail
cd "$(dirname "$0")"
. ../common.sh

: > application.jsonl
start node server.js
wait_port 8181
capture_start lo 'tcp port 8181'
node client.js
capture_stop
