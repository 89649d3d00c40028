"""Finds places in Swift sources where a small change makes a mutant, by patterns: files may move and be renamed."""

import os
import re
from dataclasses import dataclass

# What tests cannot see, or only where a machine allows it (README.md, "What is left out").
LEFT_OUT_FILES = re.compile(
    r"(CharacterWidthTable|HuffmanTable|CRCTable|Privileges|TerminalKeys|LiveCapture|LiveInterface|LiveRing|ProgressLine"
    r"|SignalHandling|StandardDescriptors|StatusRequest|KeyLog|PacketFile|Live|AlignedSlab|PayloadPool|EvictionOrder)\.swift$"
    r"|/Threads/|/Live/")
LEFT_OUT_LINES = re.compile(
    r"prefetch|foresee|[rR]eserveCapacity|keepingCapacity|minimumCapacity|capacity|precondition|assert\(|fatalError"
    r"|@inline|@available|#if|#else|#endif|withMemoryRebound|deallocate|deinit|Unsafe|Builtin|sleep|timespec|pthread"
    r"|flushesLines|isTerminal|TIOCGWINSZ|Progress|progress|WriteBehind|readsAhead|ahead of time")

# Places where a change changes nothing that anybody can tell, each with the reason: the file, a part of the line, and what
# is changed there (anything if it is None).
EQUIVALENT = [
    # A quick way has a bound, or gives up, and the slow way after it comes to the same.
    ("PcapngInterface.swift", "private var unitsLimit", None),
    ("Base64.swift", "while index &+ 18 <= last", "18"),
    ("TerminalText.swift", "while index &+ 8 <= end", "8"),
    ("UTF8Validator.swift", "bits & 7 < 4 || bits == 4", None),
    # More room than is needed.
    ("JSONEscaping.swift", "out.room(for: (end &- start) &* 6 &+ 64)", "64"),
    # How much is copied and held between two threads, which is not in the output.
    ("EventBatch.swift", "private static let fullBytes", None),
    ("EventBatch.swift", "private static let shortestLarge", None),
    # A value that is always replaced before it is read, or a default that nobody uses.
    ("DecompressingSource.swift", "var count = 0", None),
    ("Dispatcher.swift", "midstreamBytes: Int = 32 << 20", None),
    # Addresses are compared and not shown: another number for each is as good.
    ("WirelessFrame.swift", "UInt64(uint16(at: offset)) << 32", None),
    # The same number in all keys of fragments of IPv6, which differ from those of IPv4 anyway.
    ("PacketDecoder.swift", "number: 0),", None),
    # A line feed at the first or second byte comes too early either way.
    ("FirstBytes.swift", "end > 0 && self[end - 1]", "0"),
    # An entry that is not in use is cleared as well.
    ("DynamicCodes.swift", "for index in 0..<19 { unsafe lengths[index] = 0 }", "19"),
    # `defer` says the same, and who was out of step before does not ask.
    ("HTTPDecoder.swift", "if !wasUnrecoverable { bytesBeforeLoss = taken }", None),
    # One byte more than is needed is kept.
    ("ClassicPcap.swift", "(isKept ? length : 0) + Self.alwaysKept", "0"),
    # Where a number comes from is said to the reader of the source only.
    ("IdleTimeout.swift", "source:", None),
    # Beyond the one descriptor is memory of the test's own stack.
    ("OutputBuffer.swift", "poll(&ready, 1, -1)", None),
]

MODULES_LEFT_OUT = {"CPrefetch"}


@dataclass
class Place:
    path: str
    line: int
    start: int
    end: int
    operator: str
    original: str
    changed: str
    # The whole line, by which the place is found again.
    code: str

    @property
    def module(self):
        return self.path.split("/")[1]

    @property
    def identity(self):
        """What it is, whatever line it is on, and whatever folder."""
        return (os.path.basename(self.path), self.original, self.changed, self.code)

    def text(self, number):
        """What stands in the place of the original in the build."""
        if self.operator == "statement":
            return f"if !wstapMutant({number}) {{ {self.original} }}"
        return f"(wstapMutant({number}) ? {self.changed} : {self.original})"

    def __str__(self):
        return f"{self.path}:{self.line} {self.operator}: {self.original}  →  {self.changed}"


def candidates(tree, files):
    """All places."""
    found = []
    for name in sorted(files):
        if not name.endswith(".swift") or LEFT_OUT_FILES.search(name) or name.split("/")[1] in MODULES_LEFT_OUT:
            continue
        with open(os.path.join(tree, name), encoding="utf-8") as file:
            text = file.read()
        code = blanked(text)
        lines, code_lines = text.split("\n"), code.split("\n")
        for index, (line, clean) in enumerate(zip(lines, code_lines)):
            if not clean.strip() or LEFT_OUT_LINES.search(line):
                continue
            context = Context(lines, code_lines, index)
            for find in FINDERS:
                for start, end, operator, changed in find(context, name):
                    if is_equivalent(name, line, line[start:end]):
                        continue
                    # Columns count characters; nothing of the original may be blanked but strings.
                    found.append(Place(name, index + 1, start, end, operator, line[start:end], changed, line.strip()))
    return found


def is_equivalent(name, line, original):
    """Whether a change here is in the list of those that nobody can tell."""
    return any(
        os.path.basename(name) == file and part in line and text in (None, original)
        for file, part, text in EQUIVALENT)


def blanked(text):
    """The text with comments gone and the insides of strings as underscores, at the same places."""
    out, index, depth = [], 0, 0
    while index < len(text):
        if depth:
            if text.startswith("/*", index):
                depth += 1
                out.append("  ")
                index += 2
            elif text.startswith("*/", index):
                depth -= 1
                out.append("  ")
                index += 2
            else:
                out.append("\n" if text[index] == "\n" else " ")
                index += 1
        elif text.startswith("//", index):
            end = text.find("\n", index)
            end = len(text) if end < 0 else end
            out.append(" " * (end - index))
            index = end
        elif text.startswith("/*", index):
            depth, index = 1, index + 2
            out.append("  ")
        elif text.startswith('"""', index):
            end = text.find('"""', index + 3)
            end = len(text) if end < 0 else end + 3
            out.append(re.sub(r"[^\n]", "_", text[index:end]))
            index = end
        elif text[index] == '"':
            end = string_end(text, index)
            out.append('"' + "_" * (end - index - 2) + '"')
            index = end
        else:
            out.append(text[index])
            index += 1
    return "".join(out)


def string_end(text, index):
    """The place after a string on one line; interpolations may hold strings."""
    index += 1
    while index < len(text) and text[index] not in '"\n':
        if text.startswith("\\(", index):
            depth, index = 1, index + 2
            while index < len(text) and depth:
                if text[index] == '"':
                    index = string_end(text, index)
                    continue
                depth += {"(": 1, ")": -1}.get(text[index], 0)
                index += 1
        else:
            index += 2 if text[index] == "\\" else 1
    return index + 1


class Context:
    """A line, with those around it."""

    def __init__(self, lines, code, index):
        self.line, self.code, self.lines = lines[index], code[index], lines
        self.before = next((line.rstrip() for line in reversed(code[:index]) if line.strip()), "")
        self.after = next((line.strip() for line in code[index + 1:] if line.strip()), "")
        self.stripped = self.code.strip()
        # The declaration that the line is in, as far as indentation says.
        self.declaration = ""
        indent = len(self.code) - len(self.code.lstrip())
        for line in reversed(code[:index]):
            if line.strip() and len(line) - len(line.lstrip()) < indent and re.search(r"\b(func|init|enum|struct|class|extension|var|subscript)\b", line):
                self.declaration = line.strip()
                break

    @property
    def is_pattern(self):
        return re.match(r"(case|default|@|import|func|init|enum|struct|class|extension|protocol|typealias|indirect|public enum"
                        r"|public struct|package struct|package enum|private enum|operator|#)\b", self.stripped) is not None \
            or re.search(r"\b(func|init\(|typealias|associatedtype|enum|struct|class|protocol|extension|subscript)\b", self.code) is not None

    @property
    def begins_expression(self):
        """Whether nothing of an expression that this line goes on with is on the line before."""
        return not self.before or self.before[-1] in ",({[}" or self.before.endswith(("&&", "||", " =", "return", "in", ":"))

    @property
    def ends_expression(self):
        return not re.match(r"[.+\-*/%?<>=&|^]", self.after) or self.after.startswith(("&&", "||"))


LEFT = re.compile(r"(,|\(|\[|\{|&&|\|\|| = |\breturn |\bguard |\bif |\bwhile |\bwhere |\? | : |: |\bin |\?\? | \?\?|\belse )$")
RIGHT = re.compile(r"\s*(,|\)|\]|\}|\{|&&|\|\||\?\?| \? | : |\belse\b|\bwhere\b|$)")


def clause(context, place):
    """The bounds of the smallest whole clause around a place: what stands between commas, brackets and keywords."""
    code = context.code
    left, depth = place, 0
    while True:
        if depth == 0 and LEFT.search(code[:left]):
            break
        if left == 0 or not code[:left].strip():
            if not context.begins_expression or re.match(r"[.+\-*/%?<>=]", context.stripped):
                return None
            if re.match(r"(&&|\|\|)", context.stripped):
                return None
            break
        left -= 1
        if code[left] in ")]}":
            depth += 1
        elif code[left] in "([{":
            depth -= 1
            if depth < 0:
                return None
    right, depth = place, 0
    while right < len(code):
        if depth == 0 and RIGHT.match(code[right:]):
            break
        if code[right] in "([{":
            depth += 1
        elif code[right] in ")]}":
            depth -= 1
        right += 1
    if depth != 0:
        return None
    if right >= len(code.rstrip()) and not context.ends_expression:
        return None
    while left < right and code[left] == " ":
        left += 1
    while right > left and code[right - 1] == " ":
        right -= 1
    text = code[left:right]
    if re.search(r"(^|[^=!<>&+\-*|])=([^=]|$)|\blet\b|\bvar\b|\bcase\b|\btry\b|\bawait\b|->|\bis\b|\bas\b|\breturn\b|\bin\b|\belse\b|\bif\b|\bguard\b|\bwhile\b|\bwhere\b", text):
        return None
    return left, right


def comparisons(context, name):
    if context.is_pattern and not re.match(r"\s*case .* where ", context.code):
        return
    flips = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
    for match in re.finditer(r" (<|<=|>|>=|==|!=) ", context.code):
        bounds = clause(context, match.start() + 1)
        if not bounds:
            continue
        start, end = bounds
        original = context.line[start:end]
        place = match.start(1) - start
        if len(re.findall(r" (<|<=|>|>=|==|!=) ", context.code[start:end])) != 1:
            continue
        changed = original[:place] + flips[match.group(1)] + original[place + len(match.group(1)):]
        yield start, end, "comparison", changed


def negations(context, name):
    """`!x` becomes `x`, and a clause that is one word about something becomes its opposite."""
    if context.is_pattern:
        return
    for match in re.finditer(r"(?<![\w)\]!=])!(?=[a-z(])", context.code):
        bounds = clause(context, match.start() + 1)
        if bounds and bounds[0] == match.start() and not re.search(r" (<|<=|>|>=|==|!=|&&|\|\|) ", context.code[bounds[0]:bounds[1]]):
            yield bounds[0], bounds[1], "negation", context.line[bounds[0] + 1:bounds[1]]
    for match in re.finditer(r"(?<![\w.!])([a-z]\w*(\[[\w ]+\])?(\.\w+(\[[^\]]*\])?)*\.)?(is|has|saw|may|can|shows|takes|needs|was|does|hides|reports|observes|inflates)[A-Z]\w*\b(?![(\w:.=])",
                             context.code):
        bounds = clause(context, match.start())
        if bounds and bounds == (match.start(), match.end()) and not re.search(r"[:=]\s*$", context.code[:match.start()]) \
                and re.search(r"(\bif |\bguard |\bwhile |\bwhere |&& |\|\| |, |return )$", context.code[:match.start()]) \
                and re.search(r"\b(if|guard|while|return|where|&&|\|\|)", context.code):
            yield match.start(), match.end(), "negation", "!" + context.line[match.start():match.end()]


def connectors(context, name):
    if context.is_pattern:
        return
    for match in re.finditer(r" (&&|\|\|) ", context.code):
        # The operands on both sides, in one line and without another connector.
        left, right = clause(context, match.start() - 1 if match.start() else 0), clause(context, match.end())
        if not left or not right or left[1] != match.start() or right[0] != match.end():
            continue
        around = context.code[:left[0]].rstrip(), context.code[right[1]:].lstrip()
        if around[0].endswith(("&&", "||", "!")) or around[1].startswith(("&&", "||")):
            continue
        if right[1] >= len(context.code.rstrip()) and context.after.startswith(("&&", "||")):
            continue
        if not around[0] and context.before.endswith(("&&", "||")):
            continue
        other = "||" if match.group(1) == "&&" else "&&"
        text = context.line[left[0]:right[1]]
        place = match.start(1) - left[0]
        yield left[0], right[1], "connector", text[:place] + other + text[place + 2:]


def numbers(context, name):
    """A number becomes the next one: off by one, or another constant."""
    if context.is_pattern or re.search(r"\bcase\b|#|\bOpcode\b|InlineArray|@", context.code):
        return
    for match in re.finditer(r"(?<![\w.\"'_$#])(\d[\d_]*)(?![\w.xX\"]|\s*x\s)", context.code):
        before = context.code[:match.start()]
        if re.search(r"(<|\.\.\.|\bUInt8\(ascii: )$", before) and not before.endswith("..<"):
            continue
        # The length of a tuple's or generic's argument, and a negative number's sign.
        if before.endswith("-") and not before.endswith(" -"):
            continue
        value = match.group(1).replace("_", "")
        kind = "off by one" if int(value) < 10 else "constant"
        yield match.start(1), match.end(1), kind, str(int(value) + 1)


def sides(context, name):
    """The client for the server, the initiator for the responder: as a value, or as a member of two."""
    if context.is_pattern or re.search(r"\bcase\b", context.code):
        return
    swaps = {"client": "server", "server": "client", "fromInitiator": "fromResponder", "fromResponder": "fromInitiator"}
    for match in re.finditer(r"(?<![\w)\]>?!.])\.(client|server|fromInitiator|fromResponder)\b(?![(\w:])", context.code):
        yield match.start(), match.end(), "side", "." + swaps[match.group(1)]
    for match in re.finditer(r"(?<![\w.&!])[a-z]\w*(?:\.\w+)*\.(client|server)((?:\.\w+)*)\b(?!\s*[(=\w:\[]|\s[&+\-|]*=[^=]|\?)", context.code):
        if re.search(r"(&|inout |\bvar |\blet |func )$", context.code[:match.start()]):
            continue
        text = context.line[match.start():match.end()]
        place = match.start(1) - match.start()
        yield match.start(), match.end(), "side", text[:place] + swaps[match.group(1)] + text[place + len(match.group(1)):]


SAME_KIND = [
    ("messages", "frames"), ("bytes", "wireBytes"), ("pings", "pongs"), ("lostBytes", "unexplainedBytes"),
    ("minimum", "maximum"), ("first", "last"), ("toServer", "toClient"), ("firstTime", "lastTime"),
    ("connections", "sessions"), ("headerBytes", "payloadBytes"), ("fin", "rsv1"), ("rsv2", "rsv3"),
    ("clientCompression", "serverCompression"), ("subprotocolsOffered", "subprotocolsSelected"),
    ("extensionsOffered", "extensionsSelected"), ("key", "accept"), ("accept", "expectedAccept"), ("start", "end"),
]
PRINTS_OR_ADDS = re.compile(r"Sources/(Output|Session\w*|Pipeline|WebSocketCapture)/")


def fields(context, name):
    """Another field of the same kind, in what is printed or added up."""
    if not PRINTS_OR_ADDS.match(name) or context.is_pattern or re.search(r"\bcase\b|\blet\b|\bvar\b", context.code):
        return
    others = {}
    for one, other in SAME_KIND:
        others.setdefault(one, other)
        others.setdefault(other, one)
    for match in re.finditer(r"(?<![\w.&!$])[a-z]\w*(?:\.\w+)*\.(\w+)\b(?!\s*[(=\w:\[.?{]|\s[&+\-|]*=[^=])", context.code):
        if match.group(1) in others and "(" in context.code[:match.start()]:
            text = context.line[match.start():match.end()]
            place = match.start(1) - match.start()
            changed = text[:place] + others[match.group(1)]
            # Somebody near asks for it, so that it is a field of the same type.
            if any(changed in line for line in context.lines):
                yield match.start(), match.end(), "field", changed


def strings(context, name):
    """A text that is printed, a little different."""
    if not re.match(r"Sources/(Output|wstap|Session\w*|Pipeline|HTTP1|WebSocketDecoding)/", name):
        return
    if context.is_pattern or re.search(r"\bcase\b|appending\(|\bstatic let\b|commandName|abstract|\bhelp\b|valueName|\bname:", context.code):
        return
    for match in re.finditer(r'(?<=[(\[ ])"_+"', context.code):
        text = context.line[match.start():match.end()]
        # One character that is a byte or a scalar cannot become two.
        if "\\" in text or len(text) < 3 or context.code[:match.start()].endswith("ascii: "):
            continue
        yield match.start(), match.end(), "text", text[:-1] + '~"'


def statements(context, name):
    """A call or an assignment that stands by itself is left out."""
    code = context.stripped
    if context.is_pattern or not context.begins_statement if hasattr(context, "begins_statement") else False:
        return
    if not re.match(r"(self\.|unsafe )?[a-z_][\w.]*(\[[^=]*?\])?(\.[\w.]+)*(\(.*\)| ([&+\-|]*=) .+)$", code):
        return
    if re.match(r"(let|var|return|case|if|guard|for|while|switch|defer|throw|break|continue|try|else|do|super|init|self\.init|import|repeat|func|get|set|where|yield|in|package|public|private|static|nonmutating|mutating|lazy|weak)\b", code):
        return
    if code.count("(") != code.count(")") or code.count("[") != code.count("]") or "{" in code or "}" in code:
        return
    if context.before[-1:] not in "{};)" and not re.search(r"[\w\"\])!?]$", context.before):
        return
    # What goes on with a statement of the line before, or is gone on with.
    if re.search(r"(\breturn|[,(\[:?+\-*/=<>&|.]|\b(?:else|in|where|guard|if|while|for))$", context.before) and not context.before.endswith(" in"):
        return
    if re.match(r"[.?:+*/&|<>=]|- |else\b|\)", context.after):
        return
    # A single expression is what a function gives back; a first assignment makes what it assigns to.
    if context.before.endswith("{") and context.after.startswith("}") and not re.search(r" [&+\-|]*= ", code):
        if "->" in context.before or re.search(r"\b(var|get)\b|\{ .* in$", context.before):
            return
    if "init(" in context.declaration or "init?(" in context.declaration:
        return
    start = len(context.code) - len(context.code.lstrip())
    yield start, start + len(context.line.strip().split("  //")[0].rstrip()), "statement", "(nothing)"


FINDERS = [comparisons, negations, connectors, numbers, sides, fields, strings, statements]
