#!/usr/bin/env python3
"""Changes the sources on purpose, one place at a time, and counts which changes the tests notice.

All changes are compiled into one build of a copy of the tree, each behind a switch that an environment variable throws,
so that a verdict costs a run of tests and no build. README.md says how the places are found and what is left out.

    python3 Tests/Mutation/mutate.py --work /tmp/wstap-mutants
"""

import argparse
import concurrent.futures
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

from places import Place, candidates
from handpicked import HANDPICKED

SWITCH = "WSTAP_MUTANT"

HEADER = """#include <stdbool.h>
#include <stdlib.h>
// Whether this change is the one that the environment asks for.
static inline bool wstapMutant(int number) {
  static int chosen = -2;
  if (chosen == -2) {
    const char *text = getenv("%s");
    chosen = text ? atoi(text) : -1;
  }
  return chosen == number;
}
""" % SWITCH

MODULE_MAP = 'module CMutant [system] { header "CMutant.h" export * }\n'

# The tests of a module, by the folder of its sources.
OWN_TESTS = {
    "Output": ["OutputTests", "SessionAnalysisTests"],
    "Sessions": ["SessionsTests", "SessionAnalysisTests"],
    "Pipeline": ["PipelineTests", "SessionAnalysisTests"],
    "wstap": [],
}

# Tests through the command line, quick ones first. What waits for real time or goes over all damaged samples is left
# out: a verdict must not take minutes.
COMMAND_LINE = [
    "SampleTests.(OptionTests|TotalsTests|SecretsInOutputsTests|RefusalTests|TwoTroublesTests|LineWidthTests|ArgumentTests"
    "|LimitTests|UnusableInputTests)",
    "SampleTests.(GoldenTests|AccountingTests|ApplicationLogTests|TsharkFramesTests|TransportOutputTests|HandshakePairTests"
    "|CutCaptureTests|ContainerTests/(kinds|encapsulations|links|rotated|filtered)|TimeTests|SnapLengthTests|FileKindTests"
    "/(variants|links)|OutputTests/fullDevice|CutHeadTests|MidstreamSampleTests)",
    "WebSocketCaptureTests",
]


def list_files(tree):
    """The files under version control, and new ones that are not ignored."""
    out = subprocess.run(
        ["git", "-C", tree, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True)
    return [name for name in out.stdout.splitlines() if os.path.isfile(os.path.join(tree, name))]


def copy_tree(tree, work):
    """Copies the tree, without touching files that are the same already: a build of before stays valid."""
    wanted = set()
    for name in list_files(tree):
        wanted.add(name)
        source, target = os.path.join(tree, name), os.path.join(work, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(source, "rb") as file:
            content = file.read()
        write_if_changed(target, content, source)
    for folder in ["Sources", "Tests"]:
        for path, _, names in os.walk(os.path.join(work, folder)):
            for name in names:
                if os.path.relpath(os.path.join(path, name), work) not in wanted:
                    os.remove(os.path.join(path, name))
    resolved = os.path.join(tree, "Package.resolved")
    if os.path.exists(resolved):
        shutil.copy(resolved, work)


def write_if_changed(target, content, mode_of=None):
    try:
        with open(target, "rb") as file:
            if file.read() == content:
                return
    except FileNotFoundError:
        pass
    with open(target, "wb") as file:
        file.write(content)
    if mode_of:
        shutil.copymode(mode_of, target)


def choose(found, count, seed):
    """Takes `count` of the places that patterns found: every operator gets its share, every module within it too."""
    random.seed(seed)
    groups = {}
    for place in found:
        groups.setdefault(place.operator, {}).setdefault(place.module, []).append(place)
    for modules in groups.values():
        for places in modules.values():
            random.shuffle(places)
    chosen, taken = [], set()
    while len(chosen) < count:
        before = len(chosen)
        for operator in sorted(groups):
            modules = {name: places for name, places in groups[operator].items() if places}
            if not modules or len(chosen) >= count:
                continue
            # In proportion to how many places a module has.
            name = random.choices(sorted(modules), [len(modules[name]) ** 0.7 for name in sorted(modules)])[0]
            place = modules[name].pop()
            if (place.path, place.line) not in taken:
                taken.add((place.path, place.line))
                chosen.append(place)
        if len(chosen) == before and not any(places for modules in groups.values() for places in modules.values()):
            break
    return chosen


def select(tree, work, arguments):
    """The changes of this run by their numbers, without those that did not compile before."""
    found = candidates(tree, [name for name in list_files(tree) if name.startswith("Sources/")])
    picked, lost = handpicked_places(tree)
    for original, hits in lost:
        print(f"hand-picked, found {hits} times instead of once: {original}")
    lines = {(place.path, place.line) for place in picked}
    wrong = excluded(work)
    found = [p for p in found if (p.path, p.line) not in lines and p.identity not in wrong]
    chosen = choose(found, arguments.count, arguments.seed) + [p for p in picked if p.identity not in wrong]
    chosen.sort(key=lambda place: (place.path, place.line))
    return dict(enumerate(chosen, 1))


def excluded(work):
    """Changes that did not compile in an earlier run."""
    try:
        with open(os.path.join(work, "excluded.json"), encoding="utf-8") as file:
            return {tuple(identity) for identity in json.load(file)}
    except FileNotFoundError:
        return set()


def exclude(work, places):
    wrong = excluded(work) | {place.identity for place in places}
    with open(os.path.join(work, "excluded.json"), "w", encoding="utf-8") as file:
        json.dump(sorted(wrong), file, indent=1)


def handpicked_places(tree):
    """Finds the hand-picked changes by their text, wherever it is now."""
    sources = {}
    for name in list_files(tree):
        if name.startswith("Sources/") and name.endswith(".swift"):
            with open(os.path.join(tree, name), encoding="utf-8") as file:
                sources[name] = file.read()
    places, lost = [], []
    for original, changed in HANDPICKED:
        hits = [(name, match.start()) for name, text in sources.items() for match in re.finditer(re.escape(original), text)]
        if len(hits) != 1:
            lost.append((original, len(hits)))
            continue
        name, start = hits[0]
        text = sources[name]
        line = text.count("\n", 0, start) + 1
        column = start - (text.rfind("\n", 0, start) + 1)
        # Without a change it is a statement that is left out.
        operator = "picked" if changed else "statement"
        places.append(Place(name, line, column, column + len(original), operator, original, changed or "(nothing)"))
    return places, lost


def apply(tree, work, places):
    """Writes the changed sources: each change as the other side of a question for the switch."""
    by_path = {}
    for number, place in places.items():
        by_path.setdefault(place.path, []).append((number, place))
    for name in list_files(tree):
        if not (name.startswith("Sources/") and name.endswith(".swift")):
            continue
        with open(os.path.join(tree, name), encoding="utf-8") as file:
            lines = file.read().split("\n")
        for number, place in by_path.get(name, []):
            text = lines[place.line - 1]
            lines[place.line - 1] = text[:place.start] + place.text(number) + text[place.end:]
        if by_path.get(name):
            # On the line of another import, or before the first comment: lines keep their numbers.
            imports = (index for index, line in enumerate(lines) if re.match(r"(public |package |@\w+ )?import ", line))
            first = next(imports, 0)
            lines[first] = "import CMutant; " + lines[first]
        write_if_changed(os.path.join(work, name), "\n".join(lines).encode())


def build(work, command, places, tree):
    """Builds the copy; changes that do not compile are taken out until it does."""
    switch = os.path.join(work, "mutant-switch")
    os.makedirs(switch, exist_ok=True)
    write_if_changed(os.path.join(switch, "CMutant.h"), HEADER.encode())
    write_if_changed(os.path.join(switch, "module.modulemap"), MODULE_MAP.encode())
    environment = dict(os.environ)
    environment.pop(SWITCH, None)
    for round in range(40):
        apply(tree, work, places)
        result = subprocess.run(
            command.split() + ["-Xswiftc", "-I" + switch, "-Xswiftc", "-suppress-warnings"], cwd=work,
            capture_output=True, text=True, env=environment)
        with open(os.path.join(work, "build.log"), "a", encoding="utf-8") as file:
            file.write(result.stdout + result.stderr)
        if result.returncode == 0:
            return
        wrong = set()
        for path, line in re.findall(r"^(\S+\.swift):(\d+):\d+: error:", result.stdout + result.stderr, re.M):
            wrong |= blame(os.path.relpath(path, work), int(line), places)
        if not wrong:
            print((result.stdout + result.stderr)[-3000:])
            sys.exit("the build fails, and no change is to blame")
        print(f"{len(wrong)} changes do not compile and are left out", flush=True)
        exclude(work, [places[number] for number in wrong])
        for number in wrong:
            print(f"  {places.pop(number)}", flush=True)
    sys.exit("too many rounds of building")


def blame(path, line, places):
    """The changes that an error is about: those of its line, otherwise the nearest ones around it."""
    near = [(abs(place.line - line), number) for number, place in places.items() if place.path == path]
    exact = {number for distance, number in near if distance == 0}
    if exact:
        return exact
    near = sorted(near)
    return {near[0][1]} if near else set()


class Runner:
    def __init__(self, work, limit):
        self.work, self.limit, self.times = work, limit, {}
        # Tests that fail without a change, by their titles: they say nothing of one.
        self.failing = set()
        products = os.path.join(work, ".build", "debug")
        self.bundle = os.path.join(products, next(n for n in os.listdir(products) if n.endswith(".xctest")))

    def measure(self, patterns):
        """Runs everything without a change: to know how long it takes, and what fails anyway."""
        for pattern in patterns:
            start = time.monotonic()
            while failure := self.run(pattern, None, 20 * self.limit):
                title = self.title(failure)
                if not title:
                    sys.exit(f"without a change {pattern} fails: {failure}")
                print(f"fails without a change, and does not count: {title}", flush=True)
                self.failing.add(title)
                start = time.monotonic()
            self.times[pattern] = time.monotonic() - start
            print(f"{self.times[pattern]:6.1f} s for {pattern[:100]}", flush=True)

    def run(self, pattern, number, limit=None):
        """Runs some tests with a change; returns what noticed it, or None. One that takes five times as long as without a
        change, and `limit` seconds at least, hangs."""
        limit = limit or max(self.limit, 5 * self.times.get(pattern, 0))
        environment = dict(os.environ)
        environment.pop(SWITCH, None)
        if number is not None:
            environment[SWITCH] = str(number)
        process = subprocess.Popen(
            [self.bundle, "--testing-library", "swift-testing", "--filter", pattern], cwd=self.work, env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            errors="replace", text=True)
        timed_out = threading.Event()

        def stop():
            timed_out.set()
            self.kill(process)

        timer = threading.Timer(limit, stop)
        timer.start()
        noticed, ran, last = None, False, ""
        try:
            for text in process.stdout:
                if " started." not in text:
                    last = text.strip() or last
                ran = ran or "started." in text
                if "recorded an issue" in text and self.title(text) not in self.failing or "Fatal error" in text:
                    noticed = re.sub(r"\x1b\[[0-9;]*m", "", text.strip())
                    break
        finally:
            self.kill(process)
            timer.cancel()
            process.stdout.close()
            status = process.wait()
        if noticed:
            return noticed
        if timed_out.is_set():
            return "time limit"
        if status != 0 and not (status == 1 and self.failing):
            return f"status {status}: {last}"
        if not ran:
            sys.exit(f"no test was found by {pattern}")
        return None

    @staticmethod
    def title(text):
        """The test that a line about an issue names."""
        found = re.search(r"Test (.+?) recorded an issue", text)
        return found and found.group(1)

    @staticmethod
    def kill(process):
        """Ends the tests and the tools that they started: they are a process group of their own."""
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def stages(place, test_targets):
    """Which tests look at a change, in which order."""
    own = OWN_TESTS.get(place.module, [place.module + "Tests"])
    own = [f"^({'|'.join(target for target in own if target in test_targets)})\\."] if own else []
    return [pattern for pattern in own if "()" not in pattern] + COMMAND_LINE


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--tree", default=os.path.dirname(os.path.dirname(here)), help="the package; this one by default")
    parser.add_argument("--work", default="/tmp/wstap-mutants", help="where the copy is made and built")
    parser.add_argument("--count", type=int, default=240, help="changes found by patterns, besides the hand-picked ones")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=max(1, os.cpu_count() or 1))
    parser.add_argument("--limit", type=float, default=60, help="seconds that the tests of a stage may take at least")
    parser.add_argument("--build", default="swift build --build-tests", help="the command that builds")
    parser.add_argument("--list", action="store_true", help="print the places and end")
    parser.add_argument("--again", metavar="RESULTS", help="only what was not noticed according to this file")
    parser.add_argument("--build-only", action="store_true", help="build the changes into the copy, and run no tests")
    parser.add_argument("--no-build", action="store_true", help="run the tests with the changes that are built already")
    arguments = parser.parse_args()
    tree, work = os.path.abspath(arguments.tree), os.path.abspath(arguments.work)

    kept = os.path.join(work, "places.json")
    if arguments.no_build:
        with open(kept, encoding="utf-8") as file:
            places = {int(number): Place(**fields) for number, fields in json.load(file).items()}
    else:
        places = select(tree, work, arguments)
    if arguments.again:
        with open(arguments.again, encoding="utf-8") as file:
            before = {(r["path"], r["original"], r["changed"]) for r in json.load(file) if not r["noticed"]}
        places = {number: place for number, place in places.items() if place.identity in before}
    print(f"{len(places)} changes", flush=True)
    if arguments.list:
        for number, place in places.items():
            print(number, place)
        return
    if not arguments.no_build:
        os.makedirs(work, exist_ok=True)
        copy_tree(tree, work)
        build(work, arguments.build, places, tree)
        with open(kept, "w", encoding="utf-8") as file:
            json.dump({number: vars(place) for number, place in places.items()}, file, indent=1)
    if arguments.build_only:
        return

    runner = Runner(work, arguments.limit)
    test_targets = [name for name in os.listdir(os.path.join(tree, "Tests")) if name.endswith("Tests")]
    runner.measure(sorted({stage for place in places.values() for stage in stages(place, test_targets)}))
    results = judge_all(runner, places, test_targets, arguments, os.path.join(work, "results.json"))
    report(results)


def judge_all(runner, places, test_targets, arguments, path):
    """The verdicts, in an order of chance: those of a run that is broken off are a fair sample. Kept as they come."""
    results, lock = [], threading.Lock()

    def judge(item):
        number, place = item
        start = time.monotonic()
        by = next((by for stage in stages(place, test_targets) if (by := runner.run(stage, number))), None)
        with lock:
            results.append({
                "number": number, "path": place.path, "line": place.line, "operator": place.operator,
                "original": place.original, "changed": place.changed, "noticed": by is not None, "by": by})
            mark = "noticed  " if by else "UNNOTICED"
            print(f"{len(results):4}/{len(places)} {mark} {time.monotonic() - start:5.1f} s  {place}", flush=True)
            with open(path, "w", encoding="utf-8") as file:
                json.dump(sorted(results, key=lambda result: result["number"]), file, indent=1)

    order = list(places.items())
    random.Random(arguments.seed).shuffle(order)
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        list(pool.map(judge, order))
    return sorted(results, key=lambda result: result["number"])


def report(results):
    print("\nNot noticed:")
    for result in results:
        if not result["noticed"]:
            print(f"  {result['path']}:{result['line']}  {result['operator']}: {result['original']}  →  {result['changed']}")
    for key, name in [(lambda r: r["operator"], "operator"), (lambda r: r["path"].split("/")[1], "module")]:
        print(f"\nBy {name}:")
        for group in sorted({key(result) for result in results}):
            own = [result for result in results if key(result) == group]
            print(f"  {group:20} {sum(r['noticed'] for r in own):4} of {len(own)}")
    hung = sum(result["by"] == "time limit" for result in results)
    print(f"\n{hung} of those noticed by the time limit: under load look at them again")
    noticed = sum(result["noticed"] for result in results)
    print(f"\n{noticed} of {len(results)} changes noticed: {100 * noticed / max(1, len(results)):.1f} %")


if __name__ == "__main__":
    main()
