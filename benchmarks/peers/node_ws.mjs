// A chat room is a URL, as in Lobby; what is said goes to every socket of the room through Redis. It stores nothing.
// Usage: node node_ws.mjs <port> <redis url>
import { Redis } from "ioredis";
import { WebSocketServer } from "ws";

const [port, redisUrl] = process.argv.slice(2);
const publisher = new Redis(redisUrl);
const subscriber = new Redis(redisUrl);
const rooms = new Map();

subscriber.on("messageBuffer", (channel, frame) => {
  for (const socket of rooms.get(channel.toString()) ?? []) socket.send(frame, { binary: false });
});

async function enter(room, socket) {
  if (!rooms.has(room)) {
    rooms.set(room, new Set());
    await subscriber.subscribe(room);
  }
  rooms.get(room).add(socket);
}

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(port) });
server.on("connection", (socket, request) => {
  const room = request.url;
  enter(room, socket);
  socket.on("message", (frame) => {
    const { message } = JSON.parse(frame);
    publisher.publish(room, JSON.stringify({ message }));
  });
  socket.on("close", () => rooms.get(room)?.delete(socket));
});
