// ws server, connections 11 to 20 of the log: answers "hello".
const fs = require('fs');
const { WebSocketServer } = require('ws');

let connections = 10;
const server = new WebSocketServer({ host: '127.0.0.1', port: 8908, perMessageDeflate: false });

server.on('connection', (socket, request) => {
  const number = ++connections;
  const log = (from, text) => fs.appendFileSync('application.jsonl',
    JSON.stringify({ connection: number, from, opcode: 'text', text }) + '\n');
  socket.on('message', (data) => {
    log('client', data.toString());
    log('server', 'hello from ws');
    socket.send('hello from ws');
  });
  socket.on('error', (error) => console.log('ws:', request.url, error.code, '-', error.message));
});
