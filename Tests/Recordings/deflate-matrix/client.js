// A client of ws with each combination of the parameters, to both servers; long texts in two fragments.
const WebSocket = require(process.env.WS || "ws");
const fs = require("fs");

function messages(seed) {
  let state = seed * 7919 + 13;
  const random = (below) => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
  const words = Array.from({ length: 150 }, () =>
    Array.from({ length: 3 + random(27) }, () => String.fromCharCode(97 + random(16))).join(""));
  const texts = [1, 20, 20, 60, 150].map((count) => Array.from({ length: count }, () => words[random(150)]).join(" "));
  return ["hello", "hello", "", "seven77", ...texts, Buffer.from(texts[4]), "größer 新用户 ".repeat(8), "hello"];
}

function talk(port, combination, seed) {
  return new Promise((resolve, reject) => {
    const options = {
      threshold: 0,
      serverNoContextTakeover: combination.server_no_context_takeover,
      clientNoContextTakeover: combination.client_no_context_takeover,
      clientMaxWindowBits: combination.client_max_window_bits || true,
    };
    if (combination.server_max_window_bits) options.serverMaxWindowBits = combination.server_max_window_bits;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: options });
    const waiting = messages(seed);
    const next = () => {
      const message = waiting.shift();
      if (message === undefined) return socket.close(1000);
      if (typeof message === "string" && message.length > 200) {
        socket.send(message.slice(0, 100), { fin: false });
        socket.ping("between");
        socket.send(message.slice(100), { fin: true });
      } else {
        socket.send(message, { compress: waiting.length % 5 !== 3 });
      }
    };
    socket.on("open", next);
    socket.on("message", next);
    socket.on("close", resolve);
    socket.on("error", reject);
  });
}

(async () => {
  const combinations = JSON.parse(fs.readFileSync("combinations.json"));
  for (const base of [9100, 9200])
    for (const [index, combination] of combinations.entries()) await talk(base + index, combination, index);
})();
