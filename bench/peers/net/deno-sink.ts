async function count(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  let bytes = 0;
  for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
    bytes += count;
  }
  await connection.write(new TextEncoder().encode(String(bytes)));
  connection.close();
}

for await (const connection of Deno.listen({ hostname: "127.0.0.1", port: Number(Deno.env.get("PORT")) })) {
  count(connection).catch(() => connection.close());
}
