/* Stands in for a long line: a TCP proxy on loopback that holds back every byte for a fixed time,
 * each way.  It delays, it does not slow down: any number of bytes may be under way.
 *
 *   latency-proxy MILLISECONDS PORT
 *
 * Listens on a free port of 127.0.0.1 and prints it; connects to PORT of 127.0.0.1.  A new
 * connection also waits for the two delays that its TCP handshake would take.  Ends when standard
 * input does. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK_SIZE = 64 * 1024, UNDER_WAY_MAX = 8 << 20, EVENT_COUNT = 256 };

/* Bytes on their way, or the end of the stream (size 0). */
struct chunk {
    struct chunk *next;
    uint64_t due; /* nanoseconds of CLOCK_MONOTONIC */
    size_t size, sent;
    char data[];
};

/* One direction of a connection: what is read from one socket and written to its peer. */
struct way {
    struct way *peer; /* the other direction */
    struct link *link;
    int fd; /* read from here; the peer's fd is written to */
    struct chunk *first, *last;
    size_t under_way; /* bytes */
    uint64_t not_before;
    bool read_ended, write_ended;
    bool is_readable; /* fd may have more to read */
    bool is_blocked;  /* the peer's socket takes no more for now */
};

struct link {
    struct link *next, **previous;
    struct way way[2]; /* from the client, from the server */
    bool is_dead;
};

static int poller = -1, timer = -1, server_port;
static uint64_t delay;
static struct link *links;
static char scratch[CHUNK_SIZE];

static void die(const char *what)
{
    fprintf(stderr, "latency-proxy: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void link_close(struct link *link)
{
    for (int i = 0; i < 2; i++) {
        struct way *way = &link->way[i];
        close(way->fd);
        while (way->first) {
            struct chunk *chunk = way->first;
            way->first = chunk->next;
            free(chunk);
        }
    }
    *link->previous = link->next;
    if (link->next)
        link->next->previous = link->previous;
    free(link);
}

static void put_under_way(struct way *way, size_t size)
{
    struct chunk *chunk = malloc(sizeof *chunk + size);
    if (!chunk)
        die("memory");
    uint64_t time = now();
    *chunk = (struct chunk){.due = (time > way->not_before ? time : way->not_before) + delay,
                            .size = size};
    memcpy(chunk->data, scratch, size);
    if (way->last && way->first)
        way->last->next = chunk;
    else
        way->first = chunk;
    way->last = chunk;
    way->under_way += size;
}

static void read_way(struct way *way)
{
    while (way->is_readable && !way->read_ended && way->under_way < UNDER_WAY_MAX) {
        ssize_t size = read(way->fd, scratch, sizeof scratch);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && errno == EAGAIN) {
            way->is_readable = false;
            return;
        }
        way->read_ended = size <= 0;
        put_under_way(way, size > 0 ? (size_t)size : 0);
    }
}

/* Hands on what has been held back long enough. */
static void write_way(struct way *way, uint64_t time)
{
    struct chunk *chunk;
    while (!way->is_blocked && (chunk = way->first) && chunk->due <= time) {
        if (!chunk->size) {
            way->write_ended = true;
            shutdown(way->peer->fd, SHUT_WR);
        }
        while (chunk->sent < chunk->size && !way->link->is_dead) {
            ssize_t size = send(way->peer->fd, chunk->data + chunk->sent, chunk->size - chunk->sent,
                                MSG_NOSIGNAL);
            if (size < 0 && errno == EINTR)
                continue;
            if (size < 0 && errno == EAGAIN) {
                way->is_blocked = true;
                return;
            }
            if (size < 0)
                way->link->is_dead = true;
            else
                chunk->sent += (size_t)size;
        }
        way->under_way -= chunk->size;
        way->first = chunk->next;
        free(chunk);
    }
}

static int stream_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        die("socket");
    return fd;
}

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void link_open(int client)
{
    struct link *link = calloc(1, sizeof *link);
    struct sockaddr_in address = loopback(server_port);
    int server = stream_socket(), on = 1;
    if (!link)
        die("memory");
    if (connect(server, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS)
        die("connect");
    link->way[0] = (struct way){.peer = &link->way[1], .link = link, .fd = client};
    link->way[1] = (struct way){.peer = &link->way[0], .link = link, .fd = server};
    link->way[0].not_before = now() + 2 * delay;
    link->next = links;
    link->previous = &links;
    if (links)
        links->previous = &link->next;
    links = link;
    for (int i = 0; i < 2; i++) {
        struct way *way = &link->way[i];
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                    .data.ptr = way};
        setsockopt(way->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (epoll_ctl(poller, EPOLL_CTL_ADD, way->fd, &event))
            die("epoll_ctl");
    }
}

static void accept_all(int listener)
{
    int client;
    while ((client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
        link_open(client);
}

/* Hands on all that is due, reads all that has come, closes what is done, and sets the timer to
 * what is due next. */
static void serve_links(void)
{
    uint64_t time = now(), next_due = 0;
    for (struct link *link = links, *next; link; link = next) {
        next = link->next;
        for (int i = 0; i < 2; i++) {
            write_way(&link->way[i], time);
            read_way(&link->way[i]);
        }
        if (link->is_dead || (link->way[0].write_ended && link->way[1].write_ended)) {
            link_close(link);
            continue;
        }
        for (int i = 0; i < 2; i++) {
            const struct way *way = &link->way[i];
            if (way->first && !way->is_blocked && (!next_due || way->first->due < next_due))
                next_due = way->first->due;
        }
    }
    struct itimerspec at = {.it_value = {.tv_sec = (time_t)(next_due / 1000000000),
                                         .tv_nsec = (long)(next_due % 1000000000)}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
}

static void add_to_poller(int fd, int *self)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = self};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event))
        die("epoll_ctl");
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: latency-proxy MILLISECONDS PORT\n");
        return 2;
    }
    delay = strtoull(argv[1], NULL, 10) * 1000000;
    server_port = atoi(argv[2]);
    signal(SIGPIPE, SIG_IGN);

    int listener = stream_socket(), input = STDIN_FILENO;
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1024) ||
        getsockname(listener, (struct sockaddr *)&address, &size))
        die("listen");
    poller = epoll_create1(EPOLL_CLOEXEC);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (poller < 0 || timer < 0)
        die("epoll");
    add_to_poller(listener, &listener);
    add_to_poller(timer, &timer);
    add_to_poller(input, &input);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);

    for (;;) {
        struct epoll_event events[EVENT_COUNT];
        int count = epoll_wait(poller, events, EVENT_COUNT, -1);
        for (int i = 0; i < count; i++) {
            void *who = events[i].data.ptr;
            if (who == &input) {
                if (read(input, scratch, sizeof scratch) <= 0)
                    return 0;
            } else if (who == &timer) {
                uint64_t expired;
                if (read(timer, &expired, sizeof expired) < 0 && errno != EAGAIN)
                    die("timer");
            } else if (who == &listener) {
                accept_all(listener);
            } else {
                struct way *way = who;
                way->is_readable = true;
                if (events[i].events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
                    way->peer->is_blocked = false;
            }
        }
        serve_links();
    }
}
