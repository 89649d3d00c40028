# websockets: accepts one Origin only (403 otherwise), asks for a password below /private (401).
import asyncio
from websockets.asyncio.server import basic_auth, serve

authenticate = basic_auth(realm="rejected", credentials=("alice", "secret"))


async def process_request(connection, request):
    if request.path.startswith("/private"):
        return await authenticate(connection, request)


async def handler(socket):
    raise SystemExit("nobody should get here")


async def main():
    async with serve(handler, "127.0.0.1", 8451, origins=["https://app.example"], process_request=process_request) as server:
        await server.serve_forever()

asyncio.run(main())
