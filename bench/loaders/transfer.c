/*
 * transfer send    PORT SECONDS BYTES HEAD REPLY    sends HEAD and BYTES bytes; the last of the answer must be REPLY
 * transfer receive PORT SECONDS BYTES HEAD          sends HEAD, and must be sent BYTES bytes and no more than a head besides
 *
 * Without a HEAD it is no request that is sent, and the end of the bytes is the end of the sender's side.
 * One transfer after the other, each on a connection of its own that the server ends, until the time is over;
 * one that is under way is finished. Costs the loader little: what it sends comes from the page cache and goes by
 * sendfile(2), what it receives is dropped in the kernel.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include "loader.h"

enum { PIECE = 1 << 20, MOST_HEAD_BYTES = 4096 };

static void send_head(int fd, const char *head) {
  size_t length = strlen(head);
  if (length > 0 && send(fd, head, length, MSG_NOSIGNAL) != (ssize_t)length) fail("can't send: %s", strerror(errno));
}

/* The content to send from: one piece in memory, sent again and again. */
static int make_content(void) {
  int content = memfd_create("content", MFD_CLOEXEC);
  char *piece = malloc(PIECE);
  for (int i = 0; i < PIECE; i++) piece[i] = "0123456789abcdef"[i * 7 % 16];
  if (content < 0 || write(content, piece, PIECE) != PIECE) fail("no memory for what to send");
  free(piece);
  return content;
}

static void send_content(int fd, int content, uint64_t bytes) {
  while (bytes > 0) {
    off_t offset = 0;
    ssize_t sent = sendfile(fd, content, &offset, bytes < PIECE ? bytes : PIECE);
    if (sent <= 0) fail("can't send: %s", why(sent));
    bytes -= sent;
  }
}

static void expect_reply(int fd, const char *reply) {
  char answer[MOST_HEAD_BYTES + 1];
  size_t length = 0;
  for (;;) {
    ssize_t received = recv(fd, answer + length, MOST_HEAD_BYTES - length, 0);
    if (received < 0) fail("no answer: %s", why(received));
    if (received == 0) break;
    length += received;
  }
  answer[length] = 0;
  size_t wanted = strlen(reply);
  if (length < wanted || strcmp(answer + length - wanted, reply) != 0)
    fail("answered \"%s\" and not \"%s\"", answer, reply);
}

static void receive_content(int fd, uint64_t bytes) {
  uint64_t total = 0;
  for (;;) {
    ssize_t received = recv(fd, NULL, PIECE, MSG_TRUNC);
    if (received < 0) fail("no content: %s", why(received));
    if (received == 0) break;
    total += received;
  }
  /* Chunked content carries a few bytes more for each chunk. */
  if (total < bytes || total > bytes + bytes / 100 + MOST_HEAD_BYTES)
    fail("sent %llu bytes and not %llu", (unsigned long long)total, (unsigned long long)bytes);
}

int main(int count, char **arguments) {
  int sends = count == 7 && strcmp(arguments[1], "send") == 0;
  if (!sends && (count != 6 || strcmp(arguments[1], "receive") != 0)) fail("transfer send|receive PORT SECONDS BYTES HEAD [REPLY]");
  int port = atoi(arguments[2]);
  double seconds = atof(arguments[3]);
  uint64_t bytes = strtoull(arguments[4], NULL, 10);
  const char *head = arguments[5];
  int content = sends ? make_content() : -1;

  uint64_t transfers = 0;
  double start = now_seconds(), now;
  do {
    int fd = connect_to(port);
    send_head(fd, head);
    if (sends) {
      send_content(fd, content, bytes);
      if (head[0] == 0) shutdown(fd, SHUT_WR);
      expect_reply(fd, arguments[6]);
    } else {
      receive_content(fd, bytes);
    }
    close(fd);
    transfers++;
    now = now_seconds();
  } while (now - start < seconds);
  printf("RESULT {\"transfers\":%llu,\"seconds\":%.6f}\n", (unsigned long long)transfers, now - start);
  return 0;
}
