/* The channel: all bytes arrive once and in order, in pieces of any size, while both threads wait for each
 * other; its end; a reader that goes away. */
#include "update/channel.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

enum { TOTAL = 12 * 1024 * 1024 }; /* some rings full */

/* The byte at a place. */
static char byte_at(size_t place)
{
    return (char)(place * 31 + place / 251);
}

static void *put_all(void *argument)
{
    static char data[300000];
    size_t place = 0;
    bool goes_on = true;
    for (size_t size = 1; place < TOTAL && goes_on; size = size * 3 % sizeof data + 1) {
        size_t piece = size < TOTAL - place ? size : TOTAL - place;
        for (size_t i = 0; i < piece; i++)
            data[i] = byte_at(place + i);
        goes_on = channel_put(argument, data, piece);
        place += piece;
    }
    channel_end(argument);
    return goes_on ? argument : NULL;
}

static void test_all_bytes(void)
{
    struct channel *channel = channel_new();
    pthread_t thread;
    static char data[100000];
    size_t place = 0, wrong = 0, room = 1;
    ssize_t got;
    pthread_create(&thread, NULL, put_all, channel);
    while ((got = channel_take(channel, data, room, 1000)) != 0) {
        for (ssize_t i = 0; i < got; i++)
            wrong += data[i] != byte_at(place + (size_t)i);
        place += got > 0 ? (size_t)got : 0;
        room = room * 7 % sizeof data + 1;
    }
    void *result;
    pthread_join(thread, &result);
    ok(place == TOTAL, "all bytes arrive");
    ok(wrong == 0, "in their order");
    ok(result != NULL, "the writer was not stopped");
    ok(channel_take(channel, data, 1, 1000) == 0, "the end stays");
    channel_free(channel);
}

static void test_wait(void)
{
    struct channel *channel = channel_new();
    char byte;
    ok(channel_take(channel, &byte, 1, 20) == -1, "nothing has come yet");
    ok(channel_put(channel, "x", 1), "a byte is put");
    ok(channel_take(channel, &byte, 1, 20) == 1 && byte == 'x', "and taken");
    channel_end(channel);
    ok(channel_take(channel, &byte, 1, 20) == 0, "the end");
    channel_free(channel);
}

/* The writer waits for room when the reader goes away. */
static void test_abandon(void)
{
    struct channel *channel = channel_new();
    pthread_t thread;
    void *result;
    char byte;
    pthread_create(&thread, NULL, put_all, channel);
    while (channel_take(channel, &byte, 1, 1000) != 1)
        ;
    channel_abandon(channel);
    pthread_join(thread, &result);
    ok(result == NULL, "a writer ends when the reader has gone");
    ok(!channel_put(channel, "x", 1), "and can put nothing more");
    channel_free(channel);
}

int main(void)
{
    test_all_bytes();
    test_wait();
    test_abandon();
    return done_testing();
}
