// Answers what it hears; on /pinged it sends a ping every two seconds, on /silent nothing.
const fs = require('fs');
const { WebSocketServer } = require('ws');

let connections = 0;
const server = new WebSocketServer({ host: '127.0.0.1', port: 8905, perMessageDeflate: false });

server.on('connection', (socket, request) => {
  const number = ++connections;
  const log = (from, text) => fs.appendFileSync('application.jsonl',
    JSON.stringify({ connection: number, from, opcode: 'text', text }) + '\n');
  const pings = request.url === '/pinged' && setInterval(() => socket.ping('alive'), 2000);

  socket.on('message', (data) => {
    log('client', data.toString());
    log('server', 'you said ' + data);
    socket.send('you said ' + data);
  });
  socket.on('close', (code) => { clearInterval(pings); console.log('server:', request.url, 'closed', code); });
});
