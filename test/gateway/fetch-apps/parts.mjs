/** What the applications share. */

/** Two events, the second of which the client has to wait for. */
export function events() {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      controller.enqueue(encoder.encode("data: 1\n\n"));
      setTimeout(() => {
        controller.enqueue(encoder.encode("data: 2\n\n"));
        controller.close();
      }, 20);
    },
  });
}

export function upperCase() {
  return new TransformStream({
    transform: (chunk, controller) =>
      controller.enqueue(new TextEncoder().encode(new TextDecoder().decode(chunk).toUpperCase())),
  });
}
