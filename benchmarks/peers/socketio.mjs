// The same with Socket.IO and its Redis adapter. It stores nothing.
// Usage: node socketio.mjs <port> <redis url>
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import { Server } from "socket.io";

const [port, redisUrl] = process.argv.slice(2);
const publisher = new Redis(redisUrl);
const http = createServer();
const io = new Server(http, { transports: ["websocket"], adapter: createAdapter(publisher, publisher.duplicate()) });

io.on("connection", (socket) => {
  const room = socket.handshake.query.room;
  socket.join(room);
  socket.on("chat", (message) => io.to(room).emit("chat", { message }));
});
http.listen(Number(port), "127.0.0.1");
