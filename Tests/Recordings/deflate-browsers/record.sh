#!/usr/bin/env bash
# Records Chromium and Firefox as clients of python websockets, of ws, and of the former behind nginx, with every
# combination of the four parameters of permessage-deflate that the servers can agree on with them; and of uWSGI, which
# agrees to none. Needs: tcpdump, node, nginx, uwsgi-core, uwsgi-plugin-python3, chromium, firefox; PYTHON with websockets; WS, where the module ws is.
set -euo pipefail
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$scratch" application.*.jsonl' EXIT
rm -f application.*
"${PYTHON:-python3}" ../echo.py application.python.jsonl 9100 ../deflate-matrix/combinations.json &
node ../deflate-matrix/server.js &
uwsgi_python3 --http-socket 127.0.0.1:9400 --wsgi-file uwsgi_app.py --pythonpath .. --processes 2 --die-on-term \
  2> "$scratch/uwsgi.txt" & uwsgi=$!
nginx -p "$scratch" -c "$PWD/nginx.conf" &
sleep 2
tcpdump -q -i lo -B 65536 -s 0 -w capture.pcap tcp portrange 9100-9400 & dump=$!
sleep 1
for browser in chromium firefox; do
  node control.js & control=$!
  sleep 0.5
  mkdir "$scratch/$browser"
  case $browser in
    chromium) chromium --headless --no-sandbox --disable-gpu --user-data-dir="$scratch/chromium" \
      --remote-debugging-port=0 http://127.0.0.1:9099/ 2> "$scratch/chromium.txt" & ;;
    firefox) firefox --headless --no-remote --profile "$scratch/firefox" http://127.0.0.1:9099/ \
      2> "$scratch/firefox.txt" & ;;
  esac
  client=$!
  wait "$control"
  kill "$client" || true
done
sleep 1
kill -INT "$dump"
wait "$dump"
kill "$uwsgi" || cat "$scratch/uwsgi.txt"
wait "$uwsgi" || true
cat application.*.jsonl > application.jsonl
