/* Connections that are opened ahead: libcurl takes them, but none that the store has closed, and those that nobody takes
 * are closed. */
#include "http/ahead.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

static char url[64];

/* Returns a listening socket whose accept() does not wait. */
static int listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 16) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) < 0)
        return -1;
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", ntohs(address.sin_port));
    return listener;
}

/* Returns a handle that has connected and sent nothing, or NULL. */
static CURL *connect_handle(struct http_ahead *ahead)
{
    CURL *easy = curl_easy_init();
    http_ahead_set_up(ahead, easy);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    if (curl_easy_perform(easy) == CURLE_OK)
        return easy;
    curl_easy_cleanup(easy);
    return NULL;
}

/* Returns how many connections have come to the listener; the last one is in *FD. */
static unsigned count_new(int listener, int *fd)
{
    unsigned count = 0;
    int accepted;
    while ((accepted = accept(listener, NULL, NULL)) >= 0) {
        *fd = accepted;
        count++;
    }
    return count;
}

int main(void)
{
    struct http_ahead ahead = {0};
    int listener = listen_on_loopback(), first = -1, second = -1, third = -1;
    char byte = 0;
    size_t sent;
    setenv("no_proxy", "*", 1);
    if (!ok(listener >= 0, "a listener"))
        return done_testing();

    http_ahead_open(&ahead, 3, 0);
    ok(ahead.count == 0, "no address is known: nothing is opened");
    CURL *a = connect_handle(&ahead);
    ok(a && ahead.given == 1 && count_new(listener, &first) == 1, "a connection of libcurl");

    http_ahead_open(&ahead, 2, 0);
    ok(ahead.count == 1 && count_new(listener, &second) == 1, "one is opened ahead");
    http_ahead_open(&ahead, 2, 0);
    ok(ahead.count == 1, "which is enough");
    CURL *b = connect_handle(&ahead);
    ok(b && ahead.given == 2 && ahead.count == 0 && count_new(listener, &third) == 0,
       "libcurl takes it");
    struct pollfd state = {.fd = second, .events = POLLIN};
    ok(curl_easy_send(b, "x", 1, &sent) == CURLE_OK && poll(&state, 1, 5000) == 1 &&
           read(second, &byte, 1) == 1 && byte == 'x',
       "and sends on it");

    http_ahead_open(&ahead, 3, 0);
    ok(ahead.count == 1 && count_new(listener, &third) == 1, "another one");
    close(third);
    CURL *c = connect_handle(&ahead);
    ok(c && ahead.given == 3 && ahead.count == 0 && count_new(listener, &third) == 1,
       "the store has closed it: libcurl gets a new one");

    http_ahead_open(&ahead, 5, 0);
    http_ahead_open(&ahead, 5, 1000);
    ok(ahead.count == 2, "connections that wait for a second");
    http_ahead_open(&ahead, 0, 1001);
    ok(ahead.count == 0, "are closed");

    close(listener);
    http_ahead_open(&ahead, 4, 0);
    ok(!connect_handle(&ahead) && ahead.count == 0, "a store that is gone: no connection is left");
    curl_easy_cleanup(a);
    curl_easy_cleanup(b);
    curl_easy_cleanup(c);
    ok(ahead.given == 0, "libcurl has given all back");
    http_ahead_open(&ahead, 1, 0);
    http_ahead_close(&ahead);
    return done_testing();
}
