Bun.listen({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT),
  socket: {
    data: (socket, chunk) => {
      socket.write(chunk);
    },
  },
});
