/*
 * stall reader PORT SECONDS BYTES    reads one MiB of what the server sends, then nothing for SECONDS, then the rest of BYTES
 * stall writer PORT SECONDS          sends for SECONDS all that a server takes which doesn't read
 *
 * Says how many bytes were under way while one side stood still: those that a writer got rid of.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <stdint.h>
#include "loader.h"

enum { PIECE = 1 << 20 };

static uint64_t drop(int fd, uint64_t most) {
  uint64_t total = 0;
  while (total < most) {
    ssize_t received = recv(fd, NULL, most - total < PIECE ? most - total : PIECE, MSG_TRUNC);
    if (received < 0) fail("no content: %s", why(received));
    if (received == 0) break;
    total += received;
  }
  return total;
}

static uint64_t stalled_reader(int fd, double seconds, uint64_t bytes) {
  uint64_t total = drop(fd, PIECE);
  usleep(seconds * 1e6);
  puts("STALLED");
  fflush(stdout);
  char nothing[64];
  while (read(STDIN_FILENO, nothing, sizeof nothing) > 0) continue;
  total += drop(fd, UINT64_MAX);
  if (total != bytes) fail("sent %llu bytes and not %llu", (unsigned long long)total, (unsigned long long)bytes);
  return total;
}

static uint64_t stalled_writer(int fd, double seconds) {
  static char piece[PIECE];
  uint64_t total = 0;
  make_nonblocking(fd);
  for (double end = now_seconds() + seconds; now_seconds() < end;) {
    ssize_t sent = send(fd, piece, sizeof piece, MSG_NOSIGNAL);
    if (sent > 0) {
      total += sent;
      continue;
    }
    if (errno != EAGAIN) fail("can't send: %s", strerror(errno));
    struct pollfd writable = {.fd = fd, .events = POLLOUT};
    poll(&writable, 1, 50);
  }
  puts("STALLED");
  fflush(stdout);
  char nothing[64];
  while (read(STDIN_FILENO, nothing, sizeof nothing) > 0) continue;
  return total;
}

int main(int count, char **arguments) {
  int reads = count == 5 && strcmp(arguments[1], "reader") == 0;
  if (!reads && (count != 4 || strcmp(arguments[1], "writer") != 0)) fail("stall reader|writer PORT SECONDS [BYTES]");
  int fd = connect_to(atoi(arguments[2]));
  double seconds = atof(arguments[3]);
  uint64_t total = reads ? stalled_reader(fd, seconds, strtoull(arguments[4], NULL, 10)) : stalled_writer(fd, seconds);
  printf("RESULT {\"bytes\":%llu}\n", (unsigned long long)total);
  return 0;
}
