#!/usr/bin/env bash
# Records python websockets and ws, each as client and server of each other, with every combination of the four
# parameters of permessage-deflate. Needs: tcpdump, node; PYTHON with websockets; WS, where the module ws is.
set -euo pipefail
cd "$(dirname "$0")"
rm -f application.*
"${PYTHON:-python3}" ../echo.py application.python.jsonl 9100 combinations.json & python=$!
node server.js & node=$!
sleep 2
tcpdump -q -i lo -B 65536 -s 0 -w capture.pcap tcp portrange 9100-9299 & dump=$!
sleep 1
"${PYTHON:-python3}" client.py
node client.js
sleep 1
kill "$dump" "$python" "$node"
cat application.python.jsonl application.node.jsonl > application.jsonl
rm application.python.jsonl application.node.jsonl
