# Sourced by every record.sh, after it changed to its own folder.
# Debian packages: tcpdump iproute2. tcpdump needs root (or CAP_NET_RAW).
export NODE_PATH=${NODE_PATH:-/usr/share/nodejs}    # where Debian's node-ws lives
export PYTHONDONTWRITEBYTECODE=1
scratch=$(mktemp -d)
export CLIENT_LOG=${CLIENT_LOG:-$scratch/client.jsonl} # what the client saw, to compare with application.jsonl
pids=()

cleanup() {
    local p
    for p in "${pids[@]}"; do kill -CONT "$p" 2>/dev/null || true; kill "$p" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$scratch"
}
trap cleanup EXIT

# start COMMAND…: runs it in the background; its process id is in $started.
start() { "$@" & started=$!; pids+=("$started"); }

# wait_port PORT: until something listens there (looks at the socket table, sends nothing).
wait_port() {
    local i
    for i in $(seq 100); do
        if ss -Hltn "sport = :$1" | grep -q .; then return; fi
        sleep 0.1
    done
    echo "nothing listens on port $1" >&2; return 1
}

# capture_start INTERFACE FILTER [more tcpdump options]: records into capture.pcap.
capture_start() {
    local i; : > "$scratch/tcpdump.txt"
    tcpdump -i "$1" -s 0 -B 65536 -U --immediate-mode -Z "$(id -un)" -w capture.pcap "${@:3}" "$2" 2>"$scratch/tcpdump.txt" &
    capture=$!; pids+=("$capture")
    for i in $(seq 100); do
        if grep -q 'listening on' "$scratch/tcpdump.txt"; then return; fi
        sleep 0.1
    done
    cat "$scratch/tcpdump.txt" >&2; return 1
}

# capture_stop: lets the last packets arrive, then ends tcpdump.
capture_stop() {
    sleep 1
    kill -INT "$capture"; wait "$capture" || true
    cat "$scratch/tcpdump.txt" >&2
    grep -q '^0 packets dropped by kernel' "$scratch/tcpdump.txt" # or else the recording is incomplete
}
