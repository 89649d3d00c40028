# Three connections that ask for permessage-deflate with different parameters.
import asyncio, base64, hashlib, json, os
from websockets.asyncio.client import connect
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory as Deflate

LOG = os.environ.get("CLIENT_LOG", os.devnull)


def log(connection, sender, message):
    entry = {"connection": connection, "from": sender}
    if isinstance(message, str):
        entry |= {"opcode": "text", "text": message}
    else:
        entry |= {"opcode": "binary", "base64": base64.b64encode(message).decode()}
    with open(LOG, "a") as f:
        f.write(json.dumps(entry) + "\n")


# 2400 bytes: 40 different hashes, of which the second half of the text repeats the first half.
hashes = "".join(hashlib.sha1(bytes([i])).hexdigest()[:30] for i in range(40))
long_text = hashes + hashes


async def talk(number, deflate):
    async with connect("ws://127.0.0.1:8686/", compression=None, extensions=[deflate]) as socket:
        async def ask(message):
            whole = message if isinstance(message, (str, bytes)) else "".join(message)
            log(number, "client", whole)
            await socket.send(message)
            log(number, "server", await socket.recv())

        for i in range(4):
            await ask(json.dumps({"event": "question", "n": i, "note": "how long is this?"}))
        await ask("plain")
        await ask(json.dumps({"event": "question", "n": 4, "note": "how long is this?"}))
        await ask("fragments")
        await ask(['{"event": "question", ', '"n": 5, ', '"note": "how long is this?"}'])  # sent as fragments
        await ask(bytes(range(256)) * 2)
        await ask(long_text)
        await ask(long_text)
        await ask("empty")
        await socket.close(1000, "enough")


async def main():
    await talk(1, Deflate())
    await talk(2, Deflate(server_no_context_takeover=True, client_no_context_takeover=True))
    await talk(3, Deflate(server_max_window_bits=9, client_max_window_bits=10))

asyncio.run(main())
