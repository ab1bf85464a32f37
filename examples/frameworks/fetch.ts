export default {
  port: 3000,
  fetch(request: Request): Response {
    return new Response(`Hello from ${new URL(request.url).pathname}!`);
  },
};
