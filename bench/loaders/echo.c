/*
 * echo PORT CONNECTIONS BYTES SECONDS
 *
 * On each connection a message is sent, and the next one when it has come back whole. Counts what came back,
 * and how long each message was under way. Every message starts with its number, so that a wrong or a stale echo is seen.
 */
#include <stdint.h>
#include <sys/epoll.h>
#include "loader.h"

enum { MAX_BYTES = 65536, STEPS_PER_OCTAVE = 64, OCTAVES = 28 };

struct client {
  int fd;
  int received;
  uint64_t number;
  double sent_at;
  char answer[];
};

static char message[MAX_BYTES];
static int bytes;

/* Latencies, in a histogram whose steps are 1/64 of a power of two: within 1.6 %. Microseconds. */
static uint64_t histogram[OCTAVES * STEPS_PER_OCTAVE];

static void note_latency(double seconds) {
  double microseconds = seconds * 1e6;
  uint64_t whole = microseconds < 1 ? 1 : (uint64_t)microseconds;
  int octave = 63 - __builtin_clzll(whole);
  if (octave >= OCTAVES) octave = OCTAVES - 1;
  int step = (int)((microseconds / (double)(1ull << octave) - 1) * STEPS_PER_OCTAVE);
  if (step < 0) step = 0;
  if (step >= STEPS_PER_OCTAVE) step = STEPS_PER_OCTAVE - 1;
  histogram[octave * STEPS_PER_OCTAVE + step]++;
}

static double percentile(uint64_t count, double share) {
  uint64_t seen = 0;
  for (int i = 0; i < OCTAVES * STEPS_PER_OCTAVE; i++) {
    seen += histogram[i];
    if (seen >= count * share)
      return (double)(1ull << (i / STEPS_PER_OCTAVE)) * (1 + (i % STEPS_PER_OCTAVE + 0.5) / STEPS_PER_OCTAVE);
  }
  return 0;
}

static void send_next(struct client *client, double now) {
  client->number++;
  client->received = 0;
  client->sent_at = now;
  memcpy(message, &client->number, sizeof client->number);
  ssize_t sent = send(client->fd, message, bytes, MSG_NOSIGNAL);
  if (sent != bytes) fail("can't send: %s", sent < 0 ? strerror(errno) : "the server doesn't read");
}

/* Returns whether the message has come back whole. */
static int receive(struct client *client) {
  ssize_t received = recv(client->fd, client->answer + client->received, bytes - client->received, 0);
  if (received < 0 && errno == EAGAIN) return 0;
  if (received <= 0) fail("an echo broke off: %s", why(received));
  client->received += received;
  if (client->received < bytes) return 0;
  if (memcmp(client->answer, &client->number, sizeof client->number) != 0) fail("the echo is not what was sent");
  return 1;
}

int main(int count, char **arguments) {
  if (count != 5) fail("echo PORT CONNECTIONS BYTES SECONDS");
  int port = atoi(arguments[1]), connections = atoi(arguments[2]);
  double seconds = atof(arguments[4]);
  bytes = atoi(arguments[3]);
  if (bytes < (int)sizeof(uint64_t) || bytes > MAX_BYTES) fail("a message takes 8 to %d bytes", MAX_BYTES);
  memset(message, 'x', sizeof message);
  raise_descriptor_limit();

  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct client **clients = calloc(connections, sizeof *clients);
  for (int i = 0; i < connections; i++) {
    clients[i] = calloc(1, sizeof **clients + bytes);
    clients[i]->fd = connect_to(port);
    make_nonblocking(clients[i]->fd);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = clients[i]};
    epoll_ctl(epoll, EPOLL_CTL_ADD, clients[i]->fd, &event);
  }

  double start = now_seconds(), now = start, end = start + seconds;
  uint64_t messages = 0;
  double last = start;
  for (int i = 0; i < connections; i++) send_next(clients[i], start);
  while (now < end) {
    struct epoll_event events[256];
    int ready = epoll_wait(epoll, events, 256, 100);
    now = now_seconds();
    if (ready == 0 && now - last > PATIENCE_SECONDS) fail("the server stood still");
    for (int i = 0; i < ready; i++) {
      struct client *client = events[i].data.ptr;
      if (!receive(client)) continue;
      note_latency(now - client->sent_at);
      messages++;
      last = now;
      send_next(client, now);
    }
  }
  printf("RESULT {\"messages\":%llu,\"seconds\":%.6f,\"latency\":{\"p50\":%.1f,\"p99\":%.1f}}\n",
         (unsigned long long)messages, now - start, percentile(messages, 0.5), percentile(messages, 0.99));
  return 0;
}
