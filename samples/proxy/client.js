// Ordinary requests and then the upgrade, all on one connection to nginx.
const fs = require('fs');
const http = require('http');
const WebSocket = require('ws');

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
function log(from, data, isBinary) {
  const entry = isBinary ? { opcode: 'binary', base64: Buffer.from(data).toString('base64') }
    : { opcode: 'text', text: data.toString() };
  fs.appendFileSync(process.env.CLIENT_LOG || '/dev/null', JSON.stringify({ connection: 1, from, ...entry }) + '\n');
}

const ask = (method, path, headers, body) => new Promise((done) => {
  http.request({ host: '127.0.0.1', port: 8080, agent, method, path, headers }, (response) => {
    let length = 0;
    response.on('data', (data) => { length += data.length; });
    response.on('end', () => { console.log(method, path, response.statusCode, length); setTimeout(done, 50); });
  }).end(body);
});

async function main() {
  await ask('GET', '/page');
  await ask('HEAD', '/page');
  await ask('GET', '/page', { 'If-None-Match': '"v1"' });
  await ask('GET', '/empty');
  await ask('GET', '/report');
  await ask('POST', '/login', { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': 29 }, 'user=alice&password=%C3%BC123');
  await ask('POST', '/upload', { 'Transfer-Encoding': 'chunked' }, Buffer.alloc(3000, 'upload '));

  const ws = new WebSocket('ws://127.0.0.1:8080/live', { agent, perMessageDeflate: false, origin: 'http://127.0.0.1:8080' });
  const say = (data) => { log('client', data, typeof data !== 'string'); ws.send(data); };
  const answers = [
    () => {}, // welcome
    () => say('through the proxy'), // the binary greeting
    () => say(Buffer.from(Array.from({ length: 200 }, (_, i) => 255 - i))),
    () => ws.close(4001, 'logout'),
  ];
  ws.on('message', (data, isBinary) => { log('server', data, isBinary); setTimeout(answers.shift(), 50); });
  ws.on('close', (code, reason) => { console.log('closed', code, reason.toString()); agent.destroy(); });
}
main();
