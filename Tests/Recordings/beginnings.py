#!/usr/bin/env python3
"""Counts the sessions that wstap sees in captures which begin at each of their packets.

beginnings.py TOOL MOST FILE...           of other protocols: each TCP connection alone, at most MOST beginnings of each
beginnings.py --compare OLD TOOL MOST FILE...   of WebSockets: whole captures, what two builds find

Other protocols must give no session, and no build may find less than the one before. Files are classic pcap; tshark converts others.
"""
import collections
import concurrent.futures
import json
import os
import struct
import subprocess
import sys
import tempfile

# Packets after a beginning. Whatever is to be recognised is recognised in fewer.
REST = 2000


def records(path):
    """The header of a classic capture, its link type, and its records."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        with tempfile.TemporaryDirectory() as folder:
            copy = os.path.join(folder, "copy.pcap")
            subprocess.run(["tshark", "-F", "pcap", "-r", path, "-w", copy], stderr=subprocess.DEVNULL)
            if not os.path.exists(copy):
                return None
            with open(copy, "rb") as file:
                data = file.read()
    if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1"):
        order = "<"
    elif data[:4] in (b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d"):
        order = ">"
    else:
        return None
    place, found = 24, []
    while place + 16 <= len(data):
        length = struct.unpack(order + "I", data[place + 8 : place + 12])[0]
        found.append(data[place : place + 16 + length])
        place += 16 + length
    return data[:24], struct.unpack(order + "I", data[20:24])[0] & 0xFFFF, found


# Bytes before the IP header, by link type: loopback, raw IP, Linux cooked (1 and 2).
OFFSETS = {0: 4, 12: 0, 14: 0, 101: 0, 228: 0, 229: 0, 113: 16, 276: 20}


def connection(record, link):
    """The two ends of a TCP packet and the bytes that it brings; None of other packets."""
    frame = record[16:]
    try:
        if link == 1:
            place = 12
            while frame[place : place + 2] in (b"\x81\x00", b"\x88\xa8"):
                place += 4
            if frame[place : place + 2] not in (b"\x08\x00", b"\x86\xdd"):
                return None
            ip = place + 2
        else:
            ip = OFFSETS[link]
        if frame[ip] >> 4 == 4:
            header = (frame[ip] & 15) * 4
            total, fragment = struct.unpack(">HxxH", frame[ip + 2 : ip + 8])
            if frame[ip + 9] != 6 or fragment & 0x1FFF:
                return None
            ends = frame[ip + 12 : ip + 16], frame[ip + 16 : ip + 20]
            tcp, length = ip + header, total - header
        elif frame[ip] >> 4 == 6 and frame[ip + 6] == 6:
            ends = frame[ip + 8 : ip + 24], frame[ip + 24 : ip + 40]
            tcp, length = ip + 40, struct.unpack(">H", frame[ip + 4 : ip + 6])[0]
        else:
            return None
        ports = struct.unpack(">HH", frame[tcp : tcp + 4])
        return tuple(sorted(zip(ends, ports))), length - (frame[tcp + 12] >> 4) * 4
    except (IndexError, KeyError, struct.error):
        return None


def seen(tool, data):
    """Sessions, messages with pings, pongs and closes, and broken rules."""
    run = subprocess.run([tool, "--json", "-"], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if run.returncode > 1:
        sys.exit(f"status {run.returncode}")
    events = [json.loads(line) for line in run.stdout.splitlines()]
    names = collections.Counter(event["event"] for event in events)
    messages = sum(names[name] for name in ("message", "ping", "pong", "close"))
    broken = sum(1 for event in events if event.get("severity") == "violation")
    return names["session_open"], messages, broken


def spread(items, most):
    return items[:: max(1, -(-len(items) // most))]


def invented(tool, most, files, pool):
    total = [0, 0]
    for path in files:
        capture = records(path)
        if not capture:
            continue
        head, link, found = capture
        connections = collections.OrderedDict()
        for record in found:
            known = connection(record, link)
            if known:
                connections.setdefault(known[0], []).append((record, known[1]))
        beginnings = []
        for packets in connections.values():
            # A beginning at a packet without bytes is that at the next one with bytes.
            starts = [index for index in range(1, len(packets)) if packets[index][1] > 0]
            beginnings += [
                head + b"".join(record for record, _ in packets[start : start + REST])
                for start in spread(starts, most)
            ]
        beginnings = spread(beginnings, most * 3)
        sessions = sum(1 for result in pool.map(lambda data: seen(tool, data), beginnings) if result[0])
        print(f"{os.path.basename(path):40s} {len(beginnings):6d} beginnings, {sessions} with sessions", flush=True)
        total = [total[0] + len(beginnings), total[1] + sessions]
    print(f"in all {total[0]} beginnings, {total[1]} with sessions")
    return total[1] == 0


def compare(old, tool, most, files, pool):
    sums, count, isWorse = [[0] * 3, [0] * 3], 0, False
    for path in files:
        capture = records(path)
        if not capture:
            continue
        head, _, found = capture
        starts = spread(range(1, len(found)), most)
        beginnings = [head + b"".join(found[start : start + REST]) for start in starts]
        results = [list(pool.map(lambda data: seen(one, data), beginnings)) for one in (old, tool)]
        count += len(beginnings)
        for start, before, after in zip(starts, *results):
            for index in range(3):
                sums[0][index] += before[index]
                sums[1][index] += after[index]
            if before != after:
                print(f"{path} from packet {start + 1}: {before}, now {after}", flush=True)
                isWorse = isWorse or before[0] > after[0]
    print(f"{count} beginnings; sessions, messages, broken rules: {sums[0]}, now {sums[1]}")
    return not isWorse


arguments = sys.argv[1:]
with concurrent.futures.ThreadPoolExecutor(2) as threads:
    if arguments[:1] == ["--compare"]:
        isGood = compare(arguments[1], arguments[2], int(arguments[3]), arguments[4:], threads)
    else:
        isGood = invented(arguments[0], int(arguments[1]), arguments[2:], threads)
sys.exit(0 if isGood else 1)
