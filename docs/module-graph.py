#!/usr/bin/env python3
"""Draws the modules of Package.swift and what they import, as the Mermaid diagram in docs/architecture.md.

Usage: docs/module-graph.py            prints the diagram
       docs/module-graph.py --update   replaces it in docs/architecture.md (docs/check.py says when that is due)

Left out are C libraries, tests, and arrows that follow from others: with A → B → C, also A → C.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/architecture.md"
BLOCK = re.compile(r"```mermaid\ngraph TD\n.*?```\n", re.S)


def imports():
    """Each module of Sources/ with those that it imports, in the order of Package.swift."""
    dump = ["swift", "package", "--package-path", str(ROOT), "dump-package"]
    package = json.loads(subprocess.run(dump, stdout=subprocess.PIPE, check=True).stdout)
    kinds = ("regular", "executable")
    targets = [t for t in package["targets"] if t["type"] in kinds and not t.get("path")]
    graph = {}
    for target in targets:
        named = {d["byName"][0] for d in target["dependencies"] if "byName" in d}
        graph[target["name"]] = [t["name"] for t in targets if t["name"] in named]
    return graph


def reachable(graph, start):
    seen, waiting = set(), list(graph[start])
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += graph[name]
    return seen


def diagram():
    graph = imports()
    lines = ["```mermaid", "graph TD"]
    for name, direct in reversed(graph.items()):
        needed = [d for d in direct if not any(d in reachable(graph, other) for other in direct)]
        lines += [f"  {name} --> {d}" for d in needed] or [f"  {name}"]
    return "\n".join([*lines, "```", ""])


def is_up_to_date():
    return diagram() in PAGE.read_text()


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        new = diagram()
        PAGE.write_text(BLOCK.sub(lambda _: new, PAGE.read_text(), count=1))
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        sys.stdout.write(diagram())
