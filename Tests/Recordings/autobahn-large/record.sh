#!/usr/bin/env bash
# As ../autobahn/record.sh, for large cases: of each kind one, or those that are not too large to keep.
set -euo pipefail
cd "$(dirname "$0")"
"${PYTHON:-python3}" ../echo.py application.jsonl 9031 & server=$!
sleep 1
tcpdump -q -i lo -B 262144 -s 0 -w capture.pcap tcp port 9031 & dump=$!
sleep 1
"${WSTEST:-wstest}" -m fuzzingclient -s spec.json | sed -n 's/^Running test case ID \([0-9.]*\) .*/\1/p' > cases.txt
sleep 1
kill -INT "$dump"
wait "$dump"
kill "$server"
rm -rf reports
gzip -9nf capture.pcap
