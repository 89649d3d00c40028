#!/bin/bash
# Records capture.pcap and application.jsonl of this story.
# Debian packages: tcpdump iproute2 python3. PyPI: aiohttp
set -euo pipefail
cd "$(dirname "$0")"
. ../common.sh

: > application.jsonl
start python3 server.py
wait_port 8788
capture_start any 'tcp port 8788' -y LINUX_SLL2 --time-stamp-precision=nano
python3 client.py
capture_stop
