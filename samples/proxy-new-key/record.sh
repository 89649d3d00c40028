#!/bin/bash
# Records capture.pcap and application.jsonl of this story.
# Debian packages: tcpdump iproute2 nodejs node-ws. PyPI: websockets
set -euo pipefail
cd "$(dirname "$0")"
. ../common.sh

: > application.jsonl
start python3 server.py
start node proxy.js
wait_port 8912
wait_port 8911
capture_start lo 'tcp port 8911 or tcp port 8912'
python3 client.py
capture_stop
