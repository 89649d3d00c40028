#!/bin/bash
# Records capture.pcap and application.jsonl of this story.
# Debian packages: tcpdump iproute2 nodejs node-ws python3. PyPI: websockets
set -euo pipefail
cd "$(dirname "$0")"
. ../common.sh

: > application.jsonl
start python3 server.py
wait_port 8909
capture_start lo 'tcp port 8909'
python3 client.py
node client.js
capture_stop
