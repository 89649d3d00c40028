#!/bin/bash
# Records capture.pcap and application.jsonl of this story.
# Debian packages: tcpdump iproute2 nginx nodejs node-ws
set -euo pipefail
cd "$(dirname "$0")"
. ../common.sh

: > application.jsonl
start node server.js
start nginx -p "$scratch" -c "$PWD/nginx.conf"
wait_port 8904
wait_port 8905
capture_start lo 'tcp port 8904 or tcp port 8905' --time-stamp-precision=nano
node client.js
capture_stop
