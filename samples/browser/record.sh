#!/bin/bash
# Records capture.pcap and application.jsonl of this story.
# Debian packages: tcpdump iproute2 chromium python3. PyPI: websockets
set -euo pipefail
cd "$(dirname "$0")"
. ../common.sh

: > application.jsonl
start python3 server.py
server=$started
wait_port 8282
capture_start lo 'tcp port 8282' --time-stamp-precision=nano
# The page ends by writing what it said and heard into a <pre>.
chromium --headless --no-sandbox --disable-gpu --user-data-dir="$scratch/profile" \
    --dump-dom http://localhost:8282/ 2>"$scratch/chromium.txt" >"$scratch/dom.html"
python3 - "$scratch/dom.html" >"$CLIENT_LOG" <<'PY'
import html, re, sys
body = re.search(r"<pre>(.*?)</pre>", open(sys.argv[1]).read(), re.S).group(1)
print(html.unescape(body))
PY
wait "$server"
capture_stop
