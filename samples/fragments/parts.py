# What both sides of this story share: the log, and sending a message in parts with pings between.
import base64, json


def log(path, sender, message):
    entry = {"connection": 1, "from": sender}
    if isinstance(message, str):
        entry |= {"opcode": "text", "text": message}
    else:
        entry |= {"opcode": "binary", "base64": base64.b64encode(message).decode()}
    with open(path, "a") as f:
        f.write(json.dumps(entry, ensure_ascii=False) + "\n")


def cut(data, *borders):
    borders = [0, *borders, len(data)]
    return [data[a:b] for a, b in zip(borders, borders[1:])]


async def send_parts(socket, parts, text=None, ping_before=()):
    """Sends the parts as one fragmented message; ping_before: {number of part: payload of a ping}."""
    pings = dict(ping_before)

    async def produce():
        for i, part in enumerate(parts):
            if i in pings:
                pong = await socket.ping(pings[i])
                await pong  # answered before the next fragment goes out
            yield part

    await socket.send(produce(), text=text)
