#!/bin/bash
# Records capture.pcap and application.jsonl of this story.
# Debian packages: tcpdump iproute2 nodejs node-ws python3. PyPI: websockets
set -euo pipefail
cd "$(dirname "$0")"
. ../common.sh

: > application.jsonl
start python3 server.py
start node server.js
wait_port 8907
wait_port 8908
capture_start lo 'tcp port 8907 or tcp port 8908' --time-stamp-precision=nano
python3 client.py
capture_stop
