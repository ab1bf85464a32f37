async function echo(connection: Deno.TcpConn): Promise<void> {
  connection.setNoDelay();
  const buffer = new Uint8Array(4096);
  for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
    await connection.write(buffer.subarray(0, count)); // 64 bytes go at once
  }
  connection.close();
}

for await (const connection of Deno.listen({ hostname: "127.0.0.1", port: Number(Deno.env.get("PORT")) })) {
  echo(connection).catch(() => connection.close());
}
