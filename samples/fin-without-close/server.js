// Ends its connections without a Close frame, in three ways; the path says which.
const fs = require('fs');
const { WebSocketServer } = require('ws');

let connections = 0;
const server = new WebSocketServer({ host: '127.0.0.1', port: 8903, perMessageDeflate: false });

server.on('connection', (socket, request) => {
  const number = ++connections;
  const log = (from, text) => fs.appendFileSync('application.jsonl',
    JSON.stringify({ connection: number, from, opcode: 'text', text }) + '\n');

  socket.on('message', (data) => {
    log('client', data.toString());
    log('server', 'heard');
    socket.send('heard');
    setTimeout(() => {
      if (request.url === '/terminate') { // only the TCP connection is closed
        socket.terminate();
      } else if (request.url === '/message-incomplete') { // two fragments of a message that never ends
        socket.send('The first part, ', { fin: false });
        socket.send('the second part', { fin: false });
      } else if (request.url === '/frame-incomplete') { // 100 of 1000 bytes of a frame, then the process dies
        socket._socket.write(Buffer.concat([Buffer.from([0x81, 126, 1000 >> 8, 1000 & 255]), Buffer.alloc(100, 'x')]));
        setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100);
      }
    }, 200);
  });
});
