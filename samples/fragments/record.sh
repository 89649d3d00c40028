#!/bin/bash
# Records capture.pcap and application.jsonl of this story.
# Debian packages: tcpdump iproute2 python3. PyPI: websockets
set -euo pipefail
cd "$(dirname "$0")"
. ../common.sh

: > application.jsonl
start python3 server.py
wait_port 8383
capture_start lo 'tcp port 8383'
python3 client.py
capture_stop
