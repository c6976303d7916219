/* An HTTP server on loopback, in a thread of the test. */
#ifndef LOOPBACK_SERVER_H
#define LOOPBACK_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct loopback_server {
    int listener;
    pthread_t thread;
    char origin[64]; /* "http://127.0.0.1:PORT" */
};

/* Starts SERVE in a thread.  Its argument points to the listening socket; it must return when accept() fails.
 * Removes the settings of a proxy.  Returns false when the machine has no loopback. */
static inline bool loopback_server_start(struct loopback_server *server, void *(*serve)(void *))
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(server->listener, (struct sockaddr *)&address, size) < 0 ||
        listen(server->listener, 16) < 0 ||
        getsockname(server->listener, (struct sockaddr *)&address, &size) < 0 ||
        pthread_create(&server->thread, NULL, serve, &server->listener))
        return false;
    snprintf(server->origin, sizeof server->origin, "http://127.0.0.1:%d", ntohs(address.sin_port));
    setenv("no_proxy", "*", 1);
    return true;
}

/* Reads the head of a request, up to SIZE - 1 bytes, into HEAD, and ends it with NUL. */
static inline void loopback_server_read_head(int fd, char *head, size_t size)
{
    size_t used = 0;
    ssize_t got;
    *head = '\0';
    while (!strstr(head, "\r\n\r\n") && used < size - 1 &&
           (got = read(fd, head + used, size - 1 - used)) > 0) {
        used += (size_t)got;
        head[used] = '\0';
    }
}

static inline void loopback_server_stop(struct loopback_server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    close(server->listener);
    pthread_join(server->thread, NULL);
}

#endif
