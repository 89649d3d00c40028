#!/usr/bin/env bash
# Records how sessions end that go wrong, each into a capture of its own. Needs: tcpdump, node, root for network
# namespaces; PYTHON with websockets; WS, where the module ws is.
cd "$(dirname "$0")"
python=${PYTHON:-python3}

begin() { # NAME, then the server's command
  "${@:2}" & server=$!
  sleep 0.8
  tcpdump -q -i lo -s 0 -U --immediate-mode -w "$1.pcap" tcp port 9500 & dump=$!
  sleep 1.5
}
finish() {
  sleep 1.5
  kill -INT "$dump"
  wait "$dump"
  kill "$server" 2>/dev/null
  wait "$server"
}

begin server-killed "$python" server.py 127.0.0.1 0 0 0
"$python" client.py 127.0.0.1 5 9 nothing & client=$!
sleep 1.2; kill -KILL "$server"; wait "$client"; finish

begin client-killed "$python" server.py 127.0.0.1 0 0 0
"$python" client.py 127.0.0.1 1 9 nothing & client=$!
sleep 1.2; kill -KILL "$client"; finish

begin server-restarts "$python" server.py 127.0.0.1 0 0 0
"$python" client.py 127.0.0.1 12 9 nothing & client=$!
sleep 1.8; kill "$server"; wait "$client"; finish

begin invalid-utf8 "$python" server.py 127.0.0.1 0 0 0
"$python" client.py 127.0.0.1 1 1 latin1; finish

begin too-large "$python" server.py 127.0.0.1 0 0 1000
"$python" client.py 127.0.0.1 1 1 large; finish

begin websockets-ping-timeout "$python" server.py 127.0.0.1 1 1.5 0
"$python" client.py 127.0.0.1 1 9 nothing & client=$!
sleep 2.6; kill -STOP "$client"; sleep 4; kill -CONT "$client"; sleep 0.6; kill "$client"; finish

begin ws-ping-timeout node server.js
"$python" client.py 127.0.0.1 1 9 nothing & client=$!
sleep 2.6; kill -STOP "$client"; sleep 3.5; kill -CONT "$client"; sleep 0.6; kill "$client"; finish

# The client's host takes nothing in any more: its address is gone. Recorded at the server.
ip netns add wstap-a; ip netns add wstap-b
ip link add va netns wstap-a type veth peer name vb netns wstap-b
ip -n wstap-a addr add 10.77.0.1/24 dev va; ip -n wstap-b addr add 10.77.0.2/24 dev vb
ip -n wstap-a link set va up; ip -n wstap-b link set vb up
ip netns exec wstap-b "$python" server.py 10.77.0.2 1 1.5 0 & server=$!
sleep 0.8
ip netns exec wstap-b tcpdump -q -i vb -s 0 -U -w network-cut.pcap tcp port 9500 & dump=$!
sleep 0.7
ip netns exec wstap-a "$python" client.py 10.77.0.2 1 9 nothing & client=$!
sleep 2.5; ip -n wstap-a addr del 10.77.0.1/24 dev va
ip -n wstap-b neigh replace 10.77.0.1 lladdr 02:00:00:00:00:01 dev vb
sleep 16; kill "$client"; finish
ip netns del wstap-a; ip netns del wstap-b
