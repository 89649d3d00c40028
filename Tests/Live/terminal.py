#!/usr/bin/env python3
"""Drives wstap on a terminal of its own and checks what a person would see.

    terminal.py WSTAP keys         the key i gives the status at once; the terminal is put back at every end
    terminal.py WSTAP progress CAPTURE
                                   a long reading, of a pcap file over and over, shows how far it is, and takes that away again
"""
import os, pty, re, resource, select, signal, struct, subprocess, sys, tempfile, termios, time

wstap, part, *rest = sys.argv[1:]


class Terminal:
    """A program on a pseudoterminal that controls it, as in a window."""

    def __init__(self, *arguments, **environment):
        self.controller, terminal = pty.openpty()
        self.before = termios.tcgetattr(terminal)
        self.terminal = terminal
        self.said = b""

        def own():
            os.setsid()
            import fcntl
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        self.process = subprocess.Popen(
            arguments, stdin=terminal, stdout=environment.pop("stdout", terminal), stderr=terminal,
            preexec_fn=own, env={**os.environ, **environment})

    @property
    def is_changed(self):
        return termios.tcgetattr(self.terminal)[3] & termios.ICANON == 0

    def read(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self.controller], [], [], left)[0]:
                self.said += os.read(self.controller, 65536)
                return

    def until(self, condition, what, seconds=10):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                sys.exit(f"{what}: not after {seconds} s; said {self.said!r}, status {self.process.poll()}")
            self.read(0.02)

    def shows(self, pattern, what, seconds=10):
        self.until(lambda: re.search(pattern, self.said), what, seconds)

    def expect_end(self, what, status):
        self.until(lambda: self.process.poll() is not None, what, 60)
        self.read(0.1)
        if self.process.returncode != status:
            sys.exit(f"{what}: status {self.process.returncode}, not {status}; said {self.said!r}")
        if termios.tcgetattr(self.terminal) != self.before:
            sys.exit(f"{what}: the terminal is not as it was")


def live(*options):
    terminal = Terminal(wstap, "live", "-i", "lo", "-f", "tcp port 1", *options)
    terminal.until(lambda: terminal.is_changed, "reading keys")
    return terminal


def keys():
    terminal = live()
    start = time.monotonic()
    os.write(terminal.controller, b"i")
    terminal.shows(rb"0 packets.*dropped 0 by the kernel", "the key i", 1)
    if b"i\r\n" in terminal.said or terminal.said.startswith(b"i"):
        sys.exit(f"the key is echoed: {terminal.said!r}")
    print(f"the key i: {(time.monotonic() - start) * 1000:.0f} ms")
    terminal.said = b""
    terminal.process.send_signal(signal.SIGUSR1)
    terminal.shows(rb"0 packets.*dropped 0 by the kernel", "SIGUSR1", 1)
    # Ctrl-Z gives the terminal back, and going on takes it again.
    os.write(terminal.controller, b"\x1a")
    terminal.until(lambda: not terminal.is_changed, "Ctrl-Z")
    terminal.process.send_signal(signal.SIGCONT)
    terminal.until(lambda: terminal.is_changed, "SIGCONT")
    os.write(terminal.controller, b"\x03")
    terminal.expect_end("Ctrl-C", 0)
    if b"dropped" not in terminal.said:
        sys.exit("the end does not say what was dropped")

    for number, status in [
        (signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGQUIT, -3), (signal.SIGSEGV, -11),
        (signal.SIGABRT, -6), (signal.SIGILL, -4),
    ]:
        terminal = live()
        terminal.process.send_signal(number)
        terminal.expect_end(number.name, status)
    terminal = live("-a", "duration:0.3")
    terminal.expect_end("the end by itself", 0)
    with tempfile.TemporaryDirectory() as folder:
        # The file has its header then; what follows fails as on a full disk.
        terminal = live("-a", "duration:1", "-Z", "root", "-w", folder + "/full")
        resource.prlimit(terminal.process.pid, resource.RLIMIT_FSIZE, (110, 110))
        terminal.expect_end("a full disk", 2)

    # Behind a pipe the keys are the pager's.
    reading, writing = os.pipe()
    terminal = Terminal(wstap, "live", "-i", "lo", "-f", "tcp port 1", "-a", "duration:0.5", stdout=writing)
    end = time.monotonic() + 0.4
    while time.monotonic() < end:
        if terminal.is_changed:
            sys.exit("a pager's terminal is changed")
        time.sleep(0.02)
    terminal.expect_end("before a pager", 0)

    # In the background neither the setting nor the reading of the terminal may stop it.
    terminal = Terminal("sh", "-c", f"set -m; '{wstap}' live -i lo -f 'tcp port 1' -a duration:0.5 & wait $!")
    time.sleep(0.2)
    os.write(terminal.controller, b"i\n")
    terminal.expect_end("in the background", 0)


def write_repeated(sample, times, path):
    content = open(sample, "rb").read()
    order = "<" if content[0] in (0xD4, 0x4D) else ">"
    records, offset, places = bytearray(content[24:]), 0, []
    while offset < len(records):
        places.append((offset, struct.unpack_from(order + "I", records, offset)[0]))
        offset += 16 + struct.unpack_from(order + "I", records, offset + 8)[0]
    with open(path, "wb") as file:
        file.write(content[:24])
        for number in range(times):
            # In the order of time, or there would be something to say about that.
            for place, second in places:
                struct.pack_into(order + "I", records, place, second + 10 * number)
            file.write(records)


def progress(sample):
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "wb") as null:
        path, times = os.path.join(folder, "long.pcap"), 300
        while True:
            # How long is long depends on the machine, and on what else it does.
            write_repeated(sample, times, path)
            terminal = Terminal(wstap, "--json", path, stdout=null)
            terminal.until(lambda: terminal.process.poll() is not None, "the end", 100)
            if b"left" in terminal.said or times > 100_000:
                break
            times *= 3
        terminal.shows(rb"\d+ of \d+ MB, \d+ %, \d+ MB/s, \d+ s left", "the line", 1)
        terminal.expect_end("the end", 0)
        if not terminal.said.endswith(b"\r\x1b[K"):
            sys.exit(f"the line stays: {terminal.said[-200:]!r}")
        percent = [int(number) for number in re.findall(rb"(\d+) %", terminal.said)]
        if percent != sorted(percent) or percent[-1] > 100:
            sys.exit(f"it goes back: {percent}")
        print(f"{len(percent)} pictures, up to {percent[-1]} %")

        # On the terminal itself the conversations are shown, and nothing disturbs them.
        terminal = Terminal(wstap, "--max-payload", "0", path)
        terminal.expect_end("the text", 0)
        if b"s left" in terminal.said:
            sys.exit("the line is among the text")

        # Not on a terminal nothing is said.
        outcome = subprocess.run([wstap, "-q", path], capture_output=True)
        if outcome.stderr or outcome.returncode:
            sys.exit(f"not on a terminal: {outcome.stderr!r}")


{"keys": keys, "progress": progress}[part](*rest)
