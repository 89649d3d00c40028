// A proxy that is a WebSocket endpoint on both sides: it accepts the client first, then asks the server with a key of
// its own. It keeps telemetry to itself, and hides card numbers on the way to the client.
const { WebSocketServer, WebSocket } = require('ws');

const front = new WebSocketServer({ host: '127.0.0.1', port: 8911, perMessageDeflate: { threshold: 0 } });

front.on('connection', (client, request) => {
  const waiting = [];
  const server = new WebSocket('ws://127.0.0.1:8912' + request.url, { perMessageDeflate: false });
  client.on('message', (data, isBinary) => {
    if (data.toString().startsWith('telemetry')) return;
    if (server.readyState === WebSocket.OPEN) server.send(data, { binary: isBinary });
    else waiting.push([data, isBinary]);
  });
  server.on('open', () => { for (const [data, isBinary] of waiting) server.send(data, { binary: isBinary }); });
  server.on('message', (data, isBinary) => {
    const hidden = data.toString().replace(/\d{4} \d{4} \d{4} (?=\d{4})/, '**** **** **** ');
    client.send(isBinary ? data : hidden, { binary: isBinary });
  });
  client.on('close', (code, reason) => server.close(code === 1005 ? 1000 : code, reason));
  server.on('close', (code, reason) => client.close(code === 1005 ? 1000 : code, reason));
});
