// Sends two questions, each after the last answer, and then three more messages without waiting.
const fs = require('fs');
const WebSocket = require('ws');

const log = (from, text) => fs.appendFileSync(process.env.CLIENT_LOG || '/dev/null',
  JSON.stringify({ connection: 1, from, opcode: 'text', text }) + '\n');
const socket = new WebSocket('ws://127.0.0.1:8902/', { perMessageDeflate: false });
const say = (text) => { log('client', text); socket.send(text); };

let answers = 0;
socket.on('open', () => say('question 1'));
socket.on('message', (data) => {
  log('server', data.toString());
  answers += 1;
  if (answers === 1) say('question 2');
  else for (let i = 1; i <= 3; i += 1) setTimeout(say, 200 * i, `never read ${i}`);
});
socket.on('error', (error) => console.log('client:', error.message));
socket.on('close', (code) => console.log('client: closed', code));
