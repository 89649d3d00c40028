// A server of ws for each combination of the parameters, from port 9200 on; some messages are not compressed.
const WebSocket = require(process.env.WS || "ws");
const fs = require("fs");

class Digest {
  constructor() { this.count = 0; this.value = 0xcbf29ce484222325n; }
  add(message, isBinary) {
    this.count += 1;
    const bytes = Buffer.concat([Buffer.from((isBinary ? "b" : "t") + message.length), message]);
    for (const byte of bytes) this.value = ((this.value ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  }
}

JSON.parse(fs.readFileSync(__dirname + "/combinations.json")).forEach((combination, index) => {
  const options = {
    threshold: 0,
    serverNoContextTakeover: combination.server_no_context_takeover,
    clientNoContextTakeover: combination.client_no_context_takeover,
  };
  if (combination.server_max_window_bits) options.serverMaxWindowBits = combination.server_max_window_bits;
  if (combination.client_max_window_bits) options.clientMaxWindowBits = combination.client_max_window_bits;
  const server = new WebSocket.Server({ port: 9200 + index, host: "127.0.0.1", perMessageDeflate: options });
  server.on("connection", (socket, request) => {
    const port = request.socket.remotePort;
    const [given, sent] = [new Digest(), new Digest()];
    socket.on("message", (message, isBinary) => {
      given.add(message, isBinary);
      sent.add(message, isBinary);
      socket.send(message, { binary: isBinary, compress: message.length !== 7 });
    });
    socket.on("close", () => {
      for (const [from, digest] of [["client", given], ["server", sent]]) {
        const line = { port, from, messages: digest.count, digest: digest.value.toString(16).padStart(16, "0") };
        fs.appendFileSync("application.node.jsonl", JSON.stringify(line) + "\n");
      }
    });
  });
});
