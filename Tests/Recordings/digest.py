"""What an application was given or sent, in a line of application.jsonl."""
import json


class Digest:
    """FNV-1a, 64 bits, over opcode, length and payload of each message."""

    def __init__(self):
        self.count, self.value = 0, 0xCBF29CE484222325

    def add(self, message):
        payload = message.encode() if isinstance(message, str) else message
        self.count += 1
        for byte in (b"t" if isinstance(message, str) else b"b") + str(len(payload)).encode() + payload:
            self.value = (self.value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF

    def line(self, port, side):
        return json.dumps({"port": port, "from": side, "messages": self.count, "digest": f"{self.value:016x}"})
