#!/bin/bash
# Records capture.pcap and application.jsonl of this story.
# Debian packages: tcpdump iproute2 nodejs node-ws python3. PyPI: websockets
set -euo pipefail
cd "$(dirname "$0")"
. ../common.sh

: > application.jsonl
start node server.js
wait_port 8903
capture_start lo 'tcp port 8903'
python3 client.py
capture_stop
