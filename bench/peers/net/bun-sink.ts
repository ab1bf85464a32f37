Bun.listen<{ bytes: number }>({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT),
  allowHalfOpen: true,
  socket: {
    open: (socket) => {
      socket.data = { bytes: 0 };
    },
    data: (socket, chunk) => {
      socket.data.bytes += chunk.length;
    },
    end: (socket) => {
      socket.end(String(socket.data.bytes));
    },
  },
});
