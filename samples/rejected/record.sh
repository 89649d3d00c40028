#!/bin/bash
# Records capture.pcap of this story; there are no messages, so application.jsonl stays empty.
# Debian packages: tcpdump iproute2 nginx nodejs node-ws python3.
# PyPI: websockets aiohttp websocket-client wsproto
set -euo pipefail
cd "$(dirname "$0")"
. ../common.sh

: > application.jsonl
start python3 server_websockets.py
start python3 server_wsproto.py
start nginx -p "$scratch" -c "$PWD/nginx.conf"
for port in 8451 8452 8453; do wait_port $port; done
capture_start lo 'tcp portrange 8451-8453'
python3 client.py
node redirect.js
capture_stop
