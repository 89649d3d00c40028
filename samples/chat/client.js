// Says a few lines, one after the answer to the one before, then closes with 1000.
const fs = require('fs');
const WebSocket = require('ws');

const lines = [
  ['nick 999', 1], ['大家好', 1], ['hello 👋🏽 from the client', 1],
  ['anyone here?', 2], ['/who', 1], ['👩‍👩‍👧‍👦 family emoji: one grapheme, 25 bytes', 1], ['bye', 1],
]; // [what to say, how many answers to wait for]
const log = (from, text) => fs.appendFileSync(process.env.CLIENT_LOG || '/dev/null',
  JSON.stringify({ connection: 1, from, opcode: 'text', text }) + '\n');

const socket = new WebSocket('ws://localhost:8181/', { origin: 'http://localhost', family: 4, perMessageDeflate: false });
let waiting = 0;

function next() {
  if (lines.length === 0) return socket.close(1000, 'bye');
  const [text, answers] = lines.shift();
  waiting = answers;
  log('client', text);
  socket.send(text);
}
socket.on('open', next);
socket.on('message', (data) => {
  log('server', data.toString());
  if (--waiting === 0) setTimeout(next, 150);
});
socket.on('close', (code, reason) => console.log('closed', code, reason.toString()));
