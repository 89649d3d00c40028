# Twelve clients at the same time; each ends in one of four ways.
import asyncio, base64, json, os, socket, struct
import aiohttp

LOG = os.environ.get("CLIENT_LOG", os.devnull)


def log(client, sender, message):
    entry = {"connection": client, "from": sender}
    if isinstance(message, str):
        entry |= {"opcode": "text", "text": message}
    else:
        entry |= {"opcode": "binary", "base64": base64.b64encode(message).decode()}
    with open(LOG, "a") as f:
        f.write(json.dumps(entry) + "\n")


async def client(n):
    host = "[::1]" if n % 3 == 0 else "127.0.0.1"
    session = aiohttp.ClientSession()
    ws = await session.ws_connect(f"http://{host}:8788/many?client={n}", compress=15 if n % 4 == 3 else 0,
                                  protocols=("text.example",) if n % 2 else ())
    log(n, "server", (await ws.receive()).data)
    for i in range(n % 5 + 1):
        for message in (f"client {n} says {i} – größer", bytes([n, i]) * (n * 10)):
            log(n, "client", message)
            await (ws.send_str(message) if isinstance(message, str) else ws.send_bytes(message))
            log(n, "server", (await ws.receive()).data)
            await asyncio.sleep(0.01 * (n % 4))
    await asyncio.sleep(0.05 * n)
    if n <= 4:  # an ordinary end
        await ws.close(code=1000, message=b"client done")
    elif n <= 8:  # the server leaves
        log(n, "client", "leave")
        await ws.send_str("leave")
        await ws.receive()
    elif n <= 10:  # abort: RST instead of FIN
        ws.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # 11 and 12: the TCP connection is closed without a Close frame.
    await session.close()


async def main():
    await asyncio.gather(*(client(n) for n in range(1, 13)))

asyncio.run(main())
