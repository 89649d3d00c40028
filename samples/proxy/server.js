// HTTP and WebSocket server behind nginx. The first frames leave together with the 101.
const fs = require('fs');
const http = require('http');
const { WebSocketServer } = require('ws');

const page = '<!DOCTYPE html><title>app</title><p>GET /not-a-request HTTP/1.1\r\n\r\n';
let connections = 0;

function log(connection, from, data, isBinary) {
  const entry = isBinary ? { opcode: 'binary', base64: Buffer.from(data).toString('base64') }
    : { opcode: 'text', text: data.toString() };
  fs.appendFileSync('application.jsonl', JSON.stringify({ connection, from, ...entry }) + '\n');
}

const server = http.createServer((request, response) => {
  if (request.url === '/page' && request.headers['if-none-match'] === '"v1"') {
    response.writeHead(304, { ETag: '"v1"' }).end();
  } else if (request.url === '/page') { // also for HEAD: Content-Length without a body
    response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': page.length, ETag: '"v1"' }).end(page);
  } else if (request.url === '/report') { // no length known: chunked
    response.writeHead(200, { 'Content-Type': 'text/plain' });
    for (let i = 1; i <= 3; i += 1) setTimeout(() => response[i < 3 ? 'write' : 'end'](`chunk ${i}\n`.repeat(i)), 30 * i);
  } else if (request.method === 'POST') {
    let length = 0;
    request.on('data', (data) => { length += data.length; });
    request.on('end', () => response.writeHead(201, { 'Content-Type': 'application/json' }).end(JSON.stringify({ length })));
  }
});

const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
server.on('upgrade', (request, socket, head) => {
  socket.cork();
  sockets.handleUpgrade(request, socket, head, (ws) => {
    const number = ++connections;
    const send = (data) => { log(number, 'server', data, typeof data !== 'string'); ws.send(data); };
    send(JSON.stringify({ event: 'welcome', via: request.headers['x-forwarded-for'] }));
    send(Buffer.from([1, 2, 3, 254, 255]));
    ws.ping('still there?');
    ws.on('message', (data, isBinary) => {
      log(number, 'client', data, isBinary);
      send(isBinary ? data : 'echo: ' + data);
    });
  });
  setImmediate(() => socket.uncork());
});
server.listen(9001, '127.0.0.1');
