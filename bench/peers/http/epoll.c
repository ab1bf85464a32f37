/*
 * Not a server, but the floor under every one: one thread, one epoll loop, fixed bytes for whatever arrives, unread.
 * With CLOSE in its environment it closes each connection behind its answer.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER(fields)                         \
  "HTTP/1.1 200 OK\r\n"                        \
  "content-type: text/plain; charset=utf-8\r\n" \
  "content-length: 14\r\n"                     \
  "date: Thu, 01 Jan 1970 00:00:00 GMT\r\n" fields "\r\nHello, World!\n"

static const char lasting_answer[] = ANSWER("");
static const char closing_answer[] = ANSWER("connection: close\r\n");

static void accept_all(int listener, int epoll) {
  for (;;) {
    int on = 1;
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }
}

int main(void) {
  static char buffer[65536];
  int on = 1, closes = getenv("CLOSE") != NULL, port = atoi(getenv("PORT"));
  const char *answer = closes ? closing_answer : lasting_answer;
  size_t length = (closes ? sizeof closing_answer : sizeof lasting_answer) - 1;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 511) < 0) {
    perror("can't listen");
    return 1;
  }
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);

  for (;;) {
    struct epoll_event events[256];
    int ready = epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) {
        accept_all(listener, epoll);
        continue;
      }
      ssize_t received = read(fd, buffer, sizeof buffer);
      if (received > 0) {
        if (write(fd, answer, length) < 0) received = 0;
        if (closes) received = 0;
      }
      if (received <= 0) close(fd);
    }
  }
}
