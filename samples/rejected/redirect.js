// ws does not follow redirects unless told so.
const WebSocket = require('ws');

const socket = new WebSocket('ws://127.0.0.1:8453/moved', 'chat');
socket.on('error', (error) => console.log('ws:', error.message));
