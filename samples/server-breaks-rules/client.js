// Connects with ws to each path of the server, one after the other (connections 7 to 12).
const fs = require('fs');
const WebSocket = require('ws');

const paths = ['/masked', '/length-16', '/length-64', '/length-top-bit', '/close-1005', '/after-close'];

function visit(i) {
  if (i === paths.length) return;
  const log = (from, text) => fs.appendFileSync(process.env.CLIENT_LOG || '/dev/null',
    JSON.stringify({ connection: 7 + i, from, opcode: 'text', text }) + '\n');
  const socket = new WebSocket('ws://127.0.0.1:8909' + paths[i], { perMessageDeflate: false });
  let heard = 0;
  socket.on('open', () => { log('client', 'hello'); socket.send('hello'); });
  socket.on('message', (data) => {
    log('server', data.toString());
    heard += 1;
    if (heard === 2) { console.log('ws:', paths[i], 'took it as a message'); socket.close(1000, 'fine'); }
  });
  socket.on('error', (error) => console.log('ws:', paths[i], error.code, '-', error.message));
  socket.on('close', (code) => { console.log('ws:', paths[i], 'closed', code); visit(i + 1); });
}
visit(0);
