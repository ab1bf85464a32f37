/*
 * idle PORT CONNECTIONS ANSWER_BYTES REQUEST
 *
 * Opens connections; on each sends REQUEST, unless that is empty, and reads ANSWER_BYTES bytes. Then says READY and
 * holds them until its standard input ends, and counts those that the server has closed meanwhile.
 */
#define _GNU_SOURCE
#include <poll.h>
#include "loader.h"

static void ask(int fd, const char *request, int answer_bytes) {
  char answer[65536];
  size_t length = strlen(request);
  if (length == 0) return;
  if (send(fd, request, length, MSG_NOSIGNAL) != (ssize_t)length) fail("can't send: %s", strerror(errno));
  for (int left = answer_bytes; left > 0;) {
    ssize_t received = recv(fd, answer, sizeof answer, 0);
    if (received <= 0) fail("no whole answer: %s", why(received));
    left -= received;
  }
}

int main(int count, char **arguments) {
  if (count != 5) fail("idle PORT CONNECTIONS ANSWER_BYTES REQUEST");
  int port = atoi(arguments[1]), connections = atoi(arguments[2]), answer_bytes = atoi(arguments[3]);
  raise_descriptor_limit();

  struct pollfd *open_ones = calloc(connections, sizeof *open_ones);
  for (int i = 0; i < connections; i++) {
    open_ones[i] = (struct pollfd){.fd = connect_to(port), .events = POLLIN | POLLRDHUP};
    ask(open_ones[i].fd, arguments[4], answer_bytes);
  }
  puts("READY");
  fflush(stdout);

  char nothing[64];
  while (read(STDIN_FILENO, nothing, sizeof nothing) > 0) continue;
  int closed = poll(open_ones, connections, 0);
  printf("RESULT {\"connections\":%d,\"closed\":%d}\n", connections, closed);
  return 0;
}
