// Two clients that say something once; the second closes after seven seconds.
const fs = require('fs');
const WebSocket = require('ws');

function client(connection, path) {
  const log = (from, text) => fs.appendFileSync(process.env.CLIENT_LOG || '/dev/null',
    JSON.stringify({ connection, from, opcode: 'text', text }) + '\n');
  const socket = new WebSocket('ws://127.0.0.1:8904' + path, { perMessageDeflate: false });
  socket.on('open', () => { log('client', 'hello'); socket.send('hello'); });
  socket.on('message', (data) => log('server', data.toString()));
  socket.on('close', (code) => console.log('client:', path, 'closed', code));
  return socket;
}

client(1, '/silent');
setTimeout(() => {
  const pinged = client(2, '/pinged');
  setTimeout(() => pinged.close(1000, 'enough'), 7000);
}, 500);
