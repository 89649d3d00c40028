// Chat server: "nick NAME" registers, "/who" lists, everything else is sent to all.
const fs = require('fs');
const { WebSocketServer } = require('ws');

let connections = 0;
const log = (connection, from, text) => fs.appendFileSync('application.jsonl',
  JSON.stringify({ connection, from, opcode: 'text', text }) + '\n');

const server = new WebSocketServer({ host: '127.0.0.1', port: 8181, path: '/', perMessageDeflate: false });

server.on('connection', (socket) => {
  socket.number = ++connections;
  socket.say = (object) => {
    const text = JSON.stringify(object);
    log(socket.number, 'server', text);
    socket.send(text);
  };
  const all = (object) => server.clients.forEach((s) => s.say(object));

  socket.on('message', (data) => {
    const text = data.toString();
    log(socket.number, 'client', text);
    if (text.startsWith('nick ')) {
      socket.nick = text.slice(5);
      all({ type: 'nick', message: '新用户:' + socket.nick });
    } else if (text === '/who') {
      socket.say({ type: 'who', message: [...server.clients].map((s) => s.nick) });
    } else {
      all({ type: 'chat', nick: socket.nick, message: text });
      if (text.endsWith('?')) all({ type: 'chat', nick: 'bot', message: '好问题 🤔' });
    }
  });
});
