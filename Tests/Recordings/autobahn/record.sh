#!/usr/bin/env bash
# Records the fuzzing client of Autobahn|Testsuite 0.8.2 (Python 2.7) against a server of python websockets.
# Needs: tcpdump; PYTHON with websockets; WSTEST, the suite's wstest. Runs in this folder.
set -euo pipefail
cd "$(dirname "$0")"
"${PYTHON:-python3}" ../echo.py application.jsonl 9031 & server=$!
sleep 1
tcpdump -q -i lo -B 65536 -s 0 -w capture.pcap tcp port 9031 & dump=$!
sleep 1
"${WSTEST:-wstest}" -m fuzzingclient -s spec.json | sed -n 's/^Running test case ID \([0-9.]*\) .*/\1/p' > cases.txt
sleep 1
kill "$dump" "$server"
rm -rf reports
