// Echoes with ws, and ends connections that did not answer a ping, as its documentation shows.
const { WebSocketServer } = require(process.env.WS || "ws");
const server = new WebSocketServer({ host: "127.0.0.1", port: 9500 });
server.on("connection", (socket) => {
  socket.isAlive = true;
  socket.on("pong", () => { socket.isAlive = true; });
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on("error", () => {});
});
setInterval(() => server.clients.forEach((socket) => {
  if (!socket.isAlive) return socket.terminate();
  socket.isAlive = false;
  socket.ping();
}), 1000);
