// ws server with compression of every message, however small.
const fs = require('fs');
const { WebSocketServer } = require('ws');

let connections = 0;
const server = new WebSocketServer({ host: '127.0.0.1', port: 8686, perMessageDeflate: { threshold: 0 } });

server.on('connection', (socket) => {
  const number = ++connections;
  const log = (from, data, isBinary) => fs.appendFileSync('application.jsonl', JSON.stringify({
    connection: number, from,
    ...(isBinary ? { opcode: 'binary', base64: data.toString('base64') } : { opcode: 'text', text: data.toString() }),
  }) + '\n');
  const send = (data, options) => { log('server', data, typeof data !== 'string'); socket.send(data, options); };
  console.log(number, socket.extensions);

  let count = 0;
  socket.on('message', (data, isBinary) => {
    log('client', data, isBinary);
    count += 1;
    const text = data.toString();
    if (isBinary) send(Buffer.from(data).reverse());
    else if (text === 'plain') send('{"event":"answer","n":0,"note":"not compressed"}', { compress: false });
    else if (text === 'empty') send('');
    else if (text === 'fragments') {
      const parts = ['{"event":"answer",', '"n":-1,', '"note":"in three fragments, äöü"}'];
      log('server', parts.join(''));
      parts.forEach((part, i) => socket.send(part, { fin: i === 2, compress: true }));
    } else send(JSON.stringify({ event: 'answer', n: count, note: 'the length was', length: data.length }));
  });
});
