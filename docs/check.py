#!/usr/bin/env python3
"""Checks docs/json.schema.json and docs/rules.md against the tool, and the diagram in docs/architecture.md.

Usage: docs/check.py WSTAP [CAPTURE…]; without captures, every samples/*/capture.pcap.
"""
import json
import re
import runpy
import subprocess
import sys
from collections import Counter
from pathlib import Path

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = [[], ["--frames"], ["--no-inflate"], ["--max-payload", "5"], ["--max-payload", "0", "--frames"], ["--tcp"]]
problems = []


def strict(node):
    """The schema lets readers ignore new fields; here a field that is not documented is a fault."""
    if isinstance(node, dict):
        node = {key: strict(value) for key, value in node.items()}
        if node.get("type") == "object" and "properties" in node:
            node.setdefault("unevaluatedProperties", False)
    elif isinstance(node, list):
        node = [strict(item) for item in node]
    return node


def validate(validator, value, place):
    error = best_match(validator.iter_errors(value))
    if error:
        problems.append(f"{place}: {error.json_path}: {error.message[:300]}")


def check_counts(events, place):
    """Checks that session_close agrees with the events of its session."""
    messages, sizes, gaps, pings = Counter(), Counter(), Counter(), Counter()
    for event in events:
        key = (event.get("session"), event.get("from"))
        match event["event"]:
            case "message":
                messages[key] += 1
                sizes[key] += event["bytes"]
            case "gap":
                gaps[key] += event["bytes"]
            case "ping":
                pings[key] += 1
            case "session_close":
                for side in ("client", "server"):
                    key, counts = (event["session"], side), event[side]
                    seen = dict(
                        messages=messages[key], bytes=sizes[key], pings=pings[key], lost_bytes=gaps[key],
                        stream_bytes=counts["wire_bytes"] + counts["lost_bytes"] + counts["unexplained_bytes"])
                    for name, value in seen.items():
                        if counts[name] != value:
                            problems.append(f"{place}: session {key[0]}, {side}.{name} is {counts[name]}, not {value}")
    if events[-1]["event"] != "capture_end":
        problems.append(f"{place}: the last line is not capture_end")
    elif events[-1]["sessions"] != sum(event["event"] == "session_open" for event in events):
        problems.append(f"{place}: capture_end.sessions is wrong")


def rules_in_documentation():
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*) \|$", (ROOT / "docs/rules.md").read_text(), re.M)
    return {name: tuple(rest) for name, *rest in rows}


def main():
    tool, *captures = sys.argv[1:] or sys.exit(__doc__)
    captures = captures or sorted(map(str, (ROOT / "samples").glob("*/capture.pcap")))
    schema = json.loads((ROOT / "docs/json.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    schema = strict(schema)
    definitions = {"$defs": schema["$defs"]}
    lines = {name: Draft202012Validator(definitions | {"$ref": f"#/$defs/{name}"}) for name in schema["$defs"]}
    any_line = Draft202012Validator(schema)
    documented = rules_in_documentation()
    printed = subprocess.run([tool, "rules", "--markdown"], stdout=subprocess.PIPE, text=True).stdout
    if printed != (ROOT / "docs/rules.md").read_text():
        problems.append("rules.md is not what `wstap rules --markdown` prints")
    if not runpy.run_path(str(ROOT / "docs/module-graph.py"))["is_up_to_date"]():
        problems.append("the diagram in architecture.md is not that of Package.swift: docs/module-graph.py --update")

    seen = Counter()
    for capture in captures:
        for options in OPTIONS:
            place = " ".join([capture, *options])
            output = subprocess.run([tool, "--json", *options, capture], stdout=subprocess.PIPE).stdout
            events = [json.loads(line) for line in output.splitlines()]
            for number, event in enumerate(events, 1):
                seen[event["event"]] += 1
                if event["event"] in lines and event["event"] != "capture":
                    # The event's own schema gives better messages; the whole one has to agree.
                    validate(lines[event["event"]], event, f"{place}, line {number}")
                if not any_line.is_valid(event):
                    problems.append(f"{place}, line {number}: {event['event']} is not exactly one kind of event")
                if event["event"] == "anomaly" and event["rule"] not in documented:
                    problems.append(f"{place}, line {number}: rule {event['rule']} is not documented")
            check_counts(events, place)
        document = subprocess.run([tool, "export", "--to", "json", capture], stdout=subprocess.PIPE).stdout
        validate(lines["document"], json.loads(document), f"export {capture}")

    print(f"{len(captures)} captures, {sum(seen.values())} lines:", dict(seen))
    print(f"{len(documented)} rules")
    for problem in problems:
        print("✗", problem)
    sys.exit(1 if problems else 0)


main()
