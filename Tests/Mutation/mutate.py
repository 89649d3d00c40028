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
import tempfile
import threading
import time

from places import Place, candidates
from handpicked import HANDPICKED

SWITCH = "WSTAP_MUTANT"
REACHED = "WSTAP_MUTANT_REACHED"

HEADER = """#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
// Whether this change is the one that the environment asks for. Its place was reached: a file of bytes says that, one for
// each place, which tests and the tools that they start have mapped into their memory.
static inline bool wstapMutant(int number) {
  static int chosen = -2;
  static char *reached;
  if (chosen == -2) {
    const char *path = getenv("%s");
    int file = path ? open(path, O_RDWR) : -1;
    if (file >= 0) {
      void *bytes = mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
      close(file);
      if (bytes != MAP_FAILED) reached = (char *)bytes;
    }
    const char *text = getenv("%s");
    chosen = text ? atoi(text) : -1;
  }
  if (reached && number > 0 && number < 65536) reached[number] = 1;
  return chosen == number;
}
""" % (REACHED, SWITCH)

MODULE_MAP = 'module CMutant [system] { header "CMutant.h" export * }\n'

# The tests that look at a module most, by the folder of its sources, where they are not called after it.
OWN_TESTS = {
    "Output": ["OutputTests.", "SessionAnalysisTests."],
    "Sessions": ["SessionsTests.", "SessionAnalysisTests."],
    "Pipeline": ["PipelineTests.", "SessionAnalysisTests."],
    "wstap": [
        "SampleTests.OptionTests", "SampleTests.RefusalTests", "SampleTests.ArgumentTests", "SampleTests.OutputTests",
        "SampleTests.UnusableInputTests"],
}

# Tests that say nothing of a change within seconds: they wait for real time, go over all damaged samples, need privileges or
# a terminal, or test the tests.
LEFT_OUT_TESTS = re.compile(
    r"^SampleTests\.(MutationTests|LiveCaptureTests|FollowTests|WriteBehindTests|RecordingTests|CommandLineTests/progress)"
    r"|^CaptureInputTests\.(LiveCaptureTests|LiveRingTests)")
# One that takes longer is left out, too, in seconds.
LONGEST_TEST = 60
# So many seconds of tests are run at once.
BATCH = 6


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


def select_again(tree, results):
    """The changes of an earlier run, wherever they are now."""
    found = candidates(tree, [name for name in list_files(tree) if name.startswith("Sources/")])
    by_identity = {}
    for place in found + handpicked_places(tree)[0]:
        by_identity.setdefault(place.identity, []).append(place)
    chosen = []
    for result in results:
        same = by_identity.get(identity_of(result), [])
        if same:
            place = min(same, key=lambda place: abs(place.line - result["line"]))
            same.remove(place)
            chosen.append(place)
        else:
            print(f"is gone: {result['path']}:{result['line']} {result['original']}  →  {result['changed']}")
    chosen.sort(key=lambda place: (place.path, place.line))
    return dict(enumerate(chosen, 1))


def identity_of(result):
    return (os.path.basename(result["path"]), result["original"], result["changed"], result["code"])


def split_known(places, results):
    """Which verdicts of an earlier run stand, and which places are to be judged: what was not noticed, or only by the time
    limit, or not judged at all."""
    known, known_places = {}, {}
    for result in results:
        known.setdefault(identity_of(result), []).append(result)
    for number, place in places.items():
        same = known.get(place.identity, [])
        if same and all(result["noticed"] and result["by"] != "time limit" for result in same):
            known_places[number] = min(same, key=lambda result: abs(place.line - result["line"]))
    stand = [{**result, "number": number, "path": places[number].path, "line": places[number].line}
             for number, result in known_places.items()]
    return stand, {number: place for number, place in places.items() if number not in known_places}


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
        code = text.split("\n")[line - 1].strip()
        places.append(Place(name, line, column, column + len(original), operator, original, changed or "(nothing)", code))
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


BUILDS = {
    "debug": "swift build --build-tests",
    # It takes longer to build, but the tests run many times as fast.
    "release": "swift build --build-tests -c release -Xswiftc -enable-testing",
}


class Runner:
    def __init__(self, work, configuration, limit, jobs, most_seconds):
        self.work, self.limit, self.jobs, self.most_seconds = work, limit, jobs, most_seconds
        # Tests that fail without a change, by their titles: they say nothing of one.
        self.failing = set()
        # Of each test how long it takes, and which changes' places it reaches.
        self.tests = {}
        products = os.path.join(work, ".build", configuration)
        self.bundle = os.path.join(products, next(n for n in os.listdir(products) if n.endswith(".xctest")))
        self.tool = os.path.join(products, "wstap")

    def measure(self):
        """Runs each test by itself, without a change: how long it takes, what it reaches, and whether it fails anyway."""
        kept = os.path.join(self.work, "tests.json")
        stamp = [os.path.getmtime(self.bundle), os.path.getmtime(self.tool)]
        try:
            with open(kept, encoding="utf-8") as file:
                found = json.load(file)
            if found["stamp"] == stamp:
                self.tests, self.failing = found["tests"], set(found["failing"])
        except FileNotFoundError:
            pass
        listed = subprocess.run(
            [self.bundle, "--testing-library", "swift-testing", "--list-tests"], cwd=self.work, check=True,
            capture_output=True, text=True).stdout.split("\n")
        names = [
            name for name in listed
            if name.endswith(")") and not LEFT_OUT_TESTS.search(name)
            and name not in self.tests and name not in self.failing]

        def look(name):
            with tempfile.NamedTemporaryFile() as file:
                file.write(bytes(65536))
                file.flush()
                start = time.monotonic()
                failure = self.run([name], None, 4 * self.limit, {REACHED: file.name})
                seconds = time.monotonic() - start
                with open(file.name, "rb") as again:
                    reached = [number for number, byte in enumerate(again.read()) if byte]
            return name, failure, seconds, reached

        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            for name, failure, seconds, reached in pool.map(look, names):
                if failure:
                    print(f"fails without a change, and does not count: {name}: {failure}", flush=True)
                    self.failing.add(name)
                else:
                    self.tests[name] = {"seconds": seconds, "reached": reached}
        with open(kept, "w", encoding="utf-8") as file:
            json.dump({"stamp": stamp, "tests": self.tests, "failing": sorted(self.failing)}, file)
        for name in [name for name, test in self.tests.items() if test["seconds"] > LONGEST_TEST]:
            print(f"takes {self.tests.pop(name)['seconds']:.0f} s, and is left out: {name}", flush=True)
        print(f"{len(self.tests)} tests, {sum(t['seconds'] for t in self.tests.values()):.0f} s", flush=True)

    def batches(self, number, place):
        """The tests that reach a change's place, those of its module first and quick ones before slow ones. What does not
        reach it cannot notice it."""
        own = tuple(OWN_TESTS.get(place.module, [place.module + "Tests."]))
        names = [name for name, test in self.tests.items() if number in test["reached"]]
        names.sort(key=lambda name: (not name.startswith(own), self.tests[name]["seconds"]))
        others = 0
        for name in list(names):
            if not name.startswith(own):
                others += self.tests[name]["seconds"]
                if others > self.most_seconds:
                    names.remove(name)
        batch, seconds = [], 0
        for name in names:
            if batch and (seconds + self.tests[name]["seconds"] > BATCH or len(batch) == 40):
                yield batch, seconds
                batch, seconds = [], 0
            batch.append(name)
            seconds += self.tests[name]["seconds"]
        if batch:
            yield batch, seconds

    def run(self, names, number, limit, more=None):
        """Runs some tests with a change; returns what noticed it, or None."""
        environment = dict(os.environ)
        environment.pop(SWITCH, None)
        environment.update(more or {})
        if number is not None:
            environment[SWITCH] = str(number)
        pattern = "^(" + "|".join(re.escape(name) for name in names) + ")"
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
                if "recorded an issue" in text or "Fatal error" in text:
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
        if status != 0:
            return f"status {status}: {last}"
        if not ran:
            sys.exit(f"no test was found by {pattern}")
        return None

    @staticmethod
    def kill(process):
        """Ends the tests and the tools that they started: they are a process group of their own."""
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--tree", default=os.path.dirname(os.path.dirname(here)), help="the package; this one by default")
    parser.add_argument("--work", default="/tmp/wstap-mutants", help="where the copy is made and built")
    parser.add_argument("--count", type=int, default=240, help="changes found by patterns, besides the hand-picked ones")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=max(1, os.cpu_count() or 1))
    parser.add_argument("--limit", type=float, default=60, help="seconds that tests may take before they are said to hang")
    parser.add_argument("--seconds", type=float, default=150, help="how long tests of other modules may take for a change")
    parser.add_argument("--configuration", choices=["debug", "release"], default="debug", help="of the build")
    parser.add_argument("--build", help="the command that builds; one for the configuration by default")
    parser.add_argument("--list", action="store_true", help="print the places and end")
    parser.add_argument("--again", metavar="RESULTS", help="only what was not noticed, or hung, according to this file")
    parser.add_argument("--build-only", action="store_true", help="build the changes into the copy, and run no tests")
    parser.add_argument("--no-build", action="store_true", help="run the tests with the changes that are built already")
    arguments = parser.parse_args()
    command = arguments.build or BUILDS[arguments.configuration]
    tree, work = os.path.abspath(arguments.tree), os.path.abspath(arguments.work)

    kept = os.path.join(work, "places.json")
    before = []
    if arguments.again:
        with open(arguments.again, encoding="utf-8") as file:
            before = json.load(file)
    if arguments.no_build:
        with open(kept, encoding="utf-8") as file:
            places = {int(number): Place(**fields) for number, fields in json.load(file).items()}
    else:
        places = select_again(tree, before) if before else select(tree, work, arguments)
    print(f"{len(places)} changes", flush=True)
    if arguments.list:
        for number, place in places.items():
            print(number, place)
        return
    if not arguments.no_build:
        os.makedirs(work, exist_ok=True)
        copy_tree(tree, work)
        build(work, command, places, tree)
        with open(kept, "w", encoding="utf-8") as file:
            json.dump({number: vars(place) for number, place in places.items()}, file, indent=1)
    if arguments.build_only:
        return

    known, places = split_known(places, before)
    print(f"{len(places)} to judge", flush=True)
    runner = Runner(work, arguments.configuration, arguments.limit, arguments.jobs, arguments.seconds)
    runner.measure()
    results = judge_all(runner, places, arguments, os.path.join(work, "results.json"), known)
    report(results)


def judge_all(runner, places, arguments, path, known):
    """The verdicts, in an order of chance: those of a run that is broken off are a fair sample. Kept as they come, together
    with those that are known already."""
    results, lock = list(known), threading.Lock()

    def judge(item):
        number, place = item
        start = time.monotonic()
        by, tests = None, 0
        for batch, seconds in runner.batches(number, place):
            tests += len(batch)
            by = runner.run(batch, number, max(arguments.limit, 5 * seconds))
            if by:
                break
        with lock:
            results.append({
                "number": number, "path": place.path, "line": place.line, "operator": place.operator,
                "original": place.original, "changed": place.changed, "code": place.code,
                "noticed": by is not None, "by": by, "tests": tests})
            mark = "noticed  " if by else "UNNOTICED"
            done, seconds = f"{len(results):4}/{len(known) + len(places)}", time.monotonic() - start
            print(f"{done} {mark} {tests:3} tests {seconds:5.1f} s  {place}", flush=True)
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
