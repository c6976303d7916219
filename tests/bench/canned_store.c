/* A bucket behind a long line, for measuring clients: it responds to ListObjectsV2, GET and HEAD from memory, and each
 * response begins a fixed time after its request.  A new connection's first response waits for twice that time, as
 * the handshake of TCP takes it once.  It checks no signature, and sends as fast as it can.
 *
 *   canned-store MILLISECONDS INDEX CONTENT...
 *
 * INDEX has a line for each object, in the order of the keys: KEY ETAG NUMBER, where NUMBER tells which CONTENT, from
 * 0, the object has.  The store listens on a free port of 127.0.0.1, prints the port, and ends when standard input
 * does. */
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
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
    PAGE = 1000, /* objects of a listing, as S3 has it */
    EVENT_COUNT = 256,
    REQUEST_MAX = 16 * 1024,
    KEY_MAX = 1024,
    CONTENTS_MAX = 64,
    COPIED_MAX = 64 * 1024 /* bytes of a content; a larger one is sent from its file */
};

struct content {
    const char *data;
    int fd;
    size_t size;
};

struct object {
    char *key, *etag;
    const struct content *content;
    size_t listed; /* where its entry begins in the text of the whole list */
};

/* A connection, with the one request that it has under way. */
struct client {
    struct client *next, *before; /* of those whose responses wait for their time */
    int fd;
    bool is_old, is_waiting, is_blocked;
    uint64_t due; /* nanoseconds of CLOCK_MONOTONIC */
    char request[REQUEST_MAX];
    size_t received;
    char *head; /* the response: its own bytes, and then those of a content or of the list */
    size_t head_size, body_size, sent;
    const char *body;
    int body_fd;
};

static struct content contents[CONTENTS_MAX];
static struct object *objects;
static size_t object_count, list_size;
static char *list_text;
static uint64_t delay;
static struct client *first_due, *last_due;
static int poller = -1, timer = -1;

static void die(const char *what)
{
    fprintf(stderr, "canned-store: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* ---- what the store has ---------------------------------------------------------------------- */

static void read_content(const char *path, struct content *content)
{
    struct stat status;
    content->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (content->fd < 0 || fstat(content->fd, &status))
        die(path);
    content->size = (size_t)status.st_size;
    content->data = mmap(NULL, content->size, PROT_READ, MAP_SHARED, content->fd, 0);
    if (content->data == MAP_FAILED)
        die(path);
}

static void read_index(const char *path)
{
    char key[KEY_MAX + 1], etag[KEY_MAX + 1];
    unsigned number;
    FILE *index = fopen(path, "re"), *list = open_memstream(&list_text, &list_size);
    if (!index || !list)
        die(path);
    while (fscanf(index, "%1024s %1024s %u", key, etag, &number) == 3) {
        if (object_count % PAGE == 0) {
            struct object *more = realloc(objects, (object_count + PAGE) * sizeof *objects);
            if (!more)
                die("memory");
            objects = more;
        }
        if (number >= CONTENTS_MAX)
            die("index");
        objects[object_count++] = (struct object){.key = strdup(key),
                                                  .etag = strdup(etag),
                                                  .content = &contents[number],
                                                  .listed = (size_t)ftell(list)};
        fprintf(list,
                "<Contents><Key>%s</Key><LastModified>2026-11-01T00:00:00.000Z</LastModified>"
                "<ETag>&quot;%s&quot;</ETag><Size>%zu</Size>"
                "<StorageClass>STANDARD</StorageClass></Contents>",
                key, etag, contents[number].size);
    }
    fclose(index);
    if (fclose(list))
        die("memory");
}

/* Returns the number of the first object whose key is not below KEY, or, with BEHIND, is above it. */
static size_t find(const char *key, bool behind)
{
    size_t low = 0, high = object_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(objects[middle].key, key);
        if (order > 0 || (!order && !behind))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* ---- a response ------------------------------------------------------------------------------- */

/* Finds a value of a query, and undoes its percent-encoding. */
static bool find_value(const char *query, const char *name, char value[KEY_MAX + 1])
{
    size_t size = strlen(name), count = 0;
    while (query && (strncmp(query, name, size) || query[size] != '=')) {
        query = strchr(query, '&');
        query += query != NULL;
    }
    if (!query)
        return false;
    for (const char *p = query + size + 1; *p && *p != '&' && count < KEY_MAX; p++) {
        unsigned byte;
        if (*p == '%' && sscanf(p + 1, "%2x", &byte) == 1) {
            value[count++] = (char)byte;
            p += 2;
        } else {
            value[count++] = *p;
        }
    }
    value[count] = '\0';
    return true;
}

/* Gives the client a response, with MORE headers, of LENGTH bytes that follow. */
static void set_response(struct client *client, const char *status, const char *more, size_t length)
{
    int size = asprintf(&client->head, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n", status,
                        length, more);
    if (size < 0)
        die("memory");
    client->head_size = (size_t)size;
}

/* The page behind the key that the query names; the token of a page is the last key before it. */
static void respond_with_list(struct client *client, const char *query)
{
    char key[KEY_MAX + 1], *begin;
    size_t first =
        find_value(query, "continuation-token", key) || find_value(query, "start-after", key)
            ? find(key, true)
            : 0;
    size_t end = object_count - first > PAGE ? first + PAGE : object_count;
    size_t from = first < object_count ? objects[first].listed : list_size;
    size_t to = end < object_count ? objects[end].listed : list_size;
    int size = asprintf(&begin,
                        "<ListBucketResult><EncodingType>url</EncodingType><KeyCount>%zu</KeyCount>"
                        "<IsTruncated>%s</IsTruncated>%s%s%s",
                        end - first, end < object_count ? "true" : "false",
                        end < object_count ? "<NextContinuationToken>" : "",
                        end < object_count ? objects[end - 1].key : "",
                        end < object_count ? "</NextContinuationToken>" : "");
    static const char tail[] = "</ListBucketResult>";
    size_t length = (size_t)size + to - from + sizeof tail - 1;
    set_response(client, "200 OK", "Content-Type: application/xml\r\n", length);
    char *head = realloc(client->head, client->head_size + length);
    if (size < 0 || !head)
        die("memory");
    client->head = head;
    memcpy(client->head + client->head_size, begin, (size_t)size);
    memcpy(client->head + client->head_size + size, list_text + from, to - from);
    memcpy(client->head + client->head_size + length - (sizeof tail - 1), tail, sizeof tail - 1);
    client->head_size += length;
    free(begin);
}

static void respond_with_object(struct client *client, const char *key, bool is_head)
{
    size_t number = find(key, false);
    if (number == object_count || strcmp(objects[number].key, key) != 0) {
        set_response(client, "404 Not Found", "", 0);
        return;
    }
    const struct object *object = &objects[number];
    char more[256];
    snprintf(more, sizeof more,
             "Content-Type: binary/octet-stream\r\nETag: \"%s\"\r\nAccept-Ranges: bytes\r\n"
             "Last-Modified: Sun, 01 Nov 2026 00:00:00 GMT\r\n",
             object->etag);
    set_response(client, "200 OK", more, object->content->size);
    if (is_head)
        return;
    client->body_size = object->content->size;
    client->body = client->body_size <= COPIED_MAX ? object->content->data : NULL;
    client->body_fd = object->content->fd;
}

/* Responds to "METHOD /BUCKET/KEY?QUERY". */
static void respond(struct client *client)
{
    char *line = client->request, *path = strchr(line, ' ');
    if (!path)
        die("a request without a path");
    *path++ = '\0';
    path[strcspn(path, " \r\n")] = '\0';
    char *query = strchr(path, '?');
    if (query)
        *query++ = '\0';
    char *key = *path ? strchr(path + 1, '/') : NULL;
    client->head_size = client->body_size = client->sent = 0;
    client->body = NULL;
    if (key && key[1])
        respond_with_object(client, key + 1, !strcmp(line, "HEAD"));
    else
        respond_with_list(client, query);
}

/* ---- connections ----------------------------------------------------------------------------- */

static void take_out(struct client *client)
{
    if (!client->is_waiting)
        return;
    *(client->before ? &client->before->next : &first_due) = client->next;
    *(client->next ? &client->next->before : &last_due) = client->before;
    client->is_waiting = false;
}

/* Lets the response wait for its time. */
static void put_in(struct client *client)
{
    client->due = now() + (client->is_old ? delay : 2 * delay);
    client->is_old = client->is_waiting = true;
    client->before = last_due;
    while (client->before && client->before->due > client->due)
        client->before = client->before->before;
    client->next = client->before ? client->before->next : first_due;
    *(client->before ? &client->before->next : &first_due) = client;
    *(client->next ? &client->next->before : &last_due) = client;
}

static void end(struct client *client)
{
    take_out(client);
    close(client->fd);
    free(client->head);
    free(client);
}

/* Sends what the socket takes.  Returns -1 when the connection has failed. */
static int send_some(struct client *client)
{
    while (client->sent < client->head_size + client->body_size) {
        ssize_t size;
        if (client->sent < client->head_size || client->body) {
            bool is_head = client->sent < client->head_size;
            size_t in_body = is_head ? 0 : client->sent - client->head_size;
            struct iovec pieces[2] = {
                {client->head + client->sent, is_head ? client->head_size - client->sent : 0},
                {(char *)client->body + in_body, client->body ? client->body_size - in_body : 0}};
            struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
            size = sendmsg(client->fd, &message,
                           MSG_NOSIGNAL | (client->body_size && !client->body ? (int)MSG_MORE : 0));
        } else {
            off_t at = (off_t)(client->sent - client->head_size);
            size = sendfile(client->fd, client->body_fd, &at, client->body_size - (size_t)at);
        }
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && errno == EAGAIN)
            return 0;
        if (size < 0)
            return -1;
        client->sent += (size_t)size;
    }
    free(client->head);
    client->head = NULL;
    return 0;
}

/* Reads a request, which has no body.  Returns -1 at the end of the connection. */
static int read_request(struct client *client)
{
    ssize_t size = recv(client->fd, client->request + client->received,
                        sizeof client->request - 1 - client->received, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (size <= 0)
        return -1;
    client->received += (size_t)size;
    client->request[client->received] = '\0';
    if (client->received < 4 || strcmp(client->request + client->received - 4, "\r\n\r\n") != 0)
        return client->received < sizeof client->request - 1 ? 0 : -1;
    client->received = 0;
    respond(client);
    put_in(client);
    return 0;
}

static void accept_all(int listener)
{
    int fd, on = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct client *client = calloc(1, sizeof *client);
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                    .data.ptr = client};
        if (!client)
            die("memory");
        client->fd = fd;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event))
            die("epoll_ctl");
    }
}

/* Begins the responses that are due, and sets the timer to the next one. */
static void begin_due(void)
{
    uint64_t time = now();
    while (first_due && first_due->due <= time) {
        struct client *client = first_due;
        take_out(client);
        if (send_some(client) < 0)
            end(client);
    }
    uint64_t due = first_due ? first_due->due : 0;
    struct itimerspec at = {
        .it_value = {.tv_sec = (time_t)(due / 1000000000), .tv_nsec = (long)(due % 1000000000)}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
}

static void serve(struct client *client, uint32_t events)
{
    bool has_failed = false;
    if (client->head && !client->is_waiting && events & EPOLLOUT)
        has_failed = send_some(client) < 0;
    if (!has_failed && events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        has_failed = read_request(client) < 0;
    if (has_failed)
        end(client);
}

static void watch(int fd, int *who)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = who};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event))
        die("epoll_ctl");
}

static int listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) || listen(fd, 1024) ||
        getsockname(fd, (struct sockaddr *)&address, &size))
        die("listen");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

int main(int argc, char **argv)
{
    if (argc < 4 || argc > 3 + CONTENTS_MAX) {
        fprintf(stderr, "usage: canned-store MILLISECONDS INDEX CONTENT...\n");
        return 2;
    }
    delay = strtoull(argv[1], NULL, 10) * 1000000;
    for (int i = 3; i < argc; i++)
        read_content(argv[i], &contents[i - 3]);
    read_index(argv[2]);
    signal(SIGPIPE, SIG_IGN);
    poller = epoll_create1(EPOLL_CLOEXEC);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (poller < 0 || timer < 0)
        die("epoll");
    int listener = listen_on_loopback(), input = STDIN_FILENO;
    watch(listener, &listener);
    watch(timer, &timer);
    watch(input, &input);
    for (;;) {
        struct epoll_event events[EVENT_COUNT];
        int count = epoll_wait(poller, events, EVENT_COUNT, -1);
        for (int i = 0; i < count; i++) {
            void *who = events[i].data.ptr;
            uint64_t expired;
            if (who == &input)
                return 0;
            if (who == &listener)
                accept_all(listener);
            else if (who != &timer)
                serve(who, events[i].events);
            else if (read(timer, &expired, sizeof expired) < 0 && errno != EAGAIN)
                die("timer");
        }
        begin_due();
    }
}
