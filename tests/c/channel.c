/* The channel: all lines arrive once and in order, in blocks of any size, with their records split, while both
 * threads wait for each other; a reader that splits the lines itself; the end of the lines; a reader that stops. */
#include "update/channel.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "feed_stream.h"
#include "tap.h"

enum {
    BLOCKS = 200, /* several times what the channel has room for */
    LINES_MAX = 1500,
    LINE_ROOM = 1024,
    ROOM = 16, /* blocks that the channel has at most */
};

/* Writes line NUMBER: by turns a header line, a record, and a line that is neither.  Returns its size. */
static size_t put_line(char *out, size_t number)
{
    static const char *const form[] = {"#%06zu\n", RECORD("2026-10-31", "%03zu", "-"),
                                       "%zu\tno record\n"};
    return (size_t)snprintf(out, LINE_ROOM, form[number % 3], number % 1000);
}

static size_t lines_of_block(size_t block)
{
    return block * 37 % LINES_MAX + 1;
}

static void *put_all(void *argument)
{
    char *lines = malloc((size_t)LINES_MAX * LINE_ROOM);
    bool goes_on = true;
    for (size_t block = 0, number = 0; block < BLOCKS && goes_on; block++) {
        size_t size = 0;
        for (size_t i = 0; i < lines_of_block(block); i++)
            size += put_line(lines + size, number++);
        goes_on = channel_put(argument, lines, size);
    }
    free(lines);
    channel_end(argument);
    return goes_on ? argument : NULL;
}

/* Whether a block has the lines from *NUMBER on, and its records are split; or else, it has no records. */
static bool is_right(const struct normalized_block *block, size_t *number, bool is_split)
{
    size_t at = 0, record = 0;
    bool is = true;
    while (at < block->size && is) {
        char want[LINE_ROOM];
        size_t size = put_line(want, *number);
        is = block->size - at >= size && memcmp(block->text + at, want, size) == 0;
        if (*number % 3 == 1 && is_split) {
            is = is && record < block->records && block->record[record].line == block->text + at &&
                 block->record[record].size == size &&
                 block->record[record].status == *number % 1000;
            record++;
        }
        at += size;
        ++*number;
    }
    return is && record == block->records;
}

static void test_all_lines(void)
{
    struct channel *channel = channel_new();
    pthread_t thread;
    struct normalized_block block;
    size_t number = 0, want = 0, wrong = 0;
    int got;
    pthread_create(&thread, NULL, put_all, channel);
    while ((got = channel_take(channel, &block, 1000)) != 0)
        wrong += got > 0 && !is_right(&block, &number, true);
    void *result;
    pthread_join(thread, &result);
    for (size_t i = 0; i < BLOCKS; i++)
        want += lines_of_block(i);
    ok(number == want, "all lines arrive");
    ok(wrong == 0, "in their order, and the records are split");
    ok(result != NULL, "the writer was not stopped");
    ok(channel_take(channel, &block, 1000) == 0, "the end stays");
    channel_free(channel);
}

static void test_wait(void)
{
    struct channel *channel = channel_new();
    struct normalized_block block;
    ok(channel_take(channel, &block, 20) == -1, "nothing has come yet");
    ok(channel_put(channel, "x\n", 2) && channel_put(channel, "", 0), "a line is put, and nothing");
    ok(channel_take(channel, &block, 20) == 1 && block.size == 2 && !memcmp(block.text, "x\n", 2) &&
           block.records == 0,
       "the line is taken");
    ok(channel_take(channel, &block, 20) == -1, "no more");
    channel_end(channel);
    ok(channel_take(channel, &block, 20) == 0, "the end");
    channel_free(channel);
}

/* Puts a block of three lines, one of them a record. */
static void put_block(struct channel *channel, size_t *number)
{
    char lines[3 * LINE_ROOM];
    size_t size = 0;
    for (size_t i = 0; i < 3; i++)
        size += put_line(lines + size, (*number)++);
    channel_put(channel, lines, size);
}

/* Whether the next block is right. */
static bool take_right(struct channel *channel, size_t *number, bool is_split)
{
    struct normalized_block block;
    return channel_take(channel, &block, 1000) == 1 && is_right(&block, number, is_split);
}

static void test_lines(void)
{
    struct channel *channel = channel_new();
    struct normalized_block block;
    size_t put = 0, taken = 0;
    for (size_t i = 0; i < ROOM; i++)
        put_block(channel, &put);
    bool is_split = take_right(channel, &taken, true);
    channel_take_lines(channel);
    for (size_t i = 1; i < ROOM; i++)
        is_split = is_split && take_right(channel, &taken, true);
    ok(is_split, "blocks that are put before the reader takes lines have records");
    ok(channel_take(channel, &block, 0) == -1, "all of them are taken");
    for (size_t i = 0; i < ROOM; i++)
        put_block(channel, &put);
    channel_take_lines(channel);
    bool is_text = true;
    for (size_t i = 0; i < ROOM; i++)
        is_text = is_text && take_right(channel, &taken, false);
    ok(is_text && taken == put, "later blocks have the lines, and no records");
    channel_end(channel);
    ok(channel_take(channel, &block, 1000) == 0, "the end");
    channel_take_lines(channel);
    ok(channel_take(channel, &block, 1000) == 0, "the end stays");
    channel_free(channel);
}

/* The reader takes lines while the writer fills a block. */
static void test_lines_at_once(size_t before)
{
    struct channel *channel = channel_new();
    pthread_t thread;
    struct normalized_block block;
    size_t number = 0, want = 0, wrong = 0, blocks = 0;
    int got;
    pthread_create(&thread, NULL, put_all, channel);
    if (before == 0)
        channel_take_lines(channel);
    while ((got = channel_take(channel, &block, 1000)) != 0) {
        if (got < 0)
            continue;
        const bool is_split = blocks < before || (blocks < before + ROOM && block.records);
        wrong += !is_right(&block, &number, is_split);
        if (++blocks == before)
            channel_take_lines(channel);
    }
    pthread_join(thread, NULL);
    for (size_t i = 0; i < BLOCKS; i++)
        want += lines_of_block(i);
    ok(number == want && wrong == 0, "the reader takes lines after %zu of %d blocks (%zu wrong)",
       before, BLOCKS, wrong);
    channel_free(channel);
}

/* The reader abandons the channel while the writer waits for room. */
static void test_abandon(void)
{
    struct channel *channel = channel_new();
    pthread_t thread;
    void *result;
    struct normalized_block block;
    pthread_create(&thread, NULL, put_all, channel);
    while (channel_take(channel, &block, 1000) != 1)
        ;
    channel_abandon(channel);
    pthread_join(thread, &result);
    ok(result == NULL, "a writer ends when the reader has gone");
    ok(!channel_put(channel, "x\n", 2), "and can put nothing more");
    channel_free(channel);
}

int main(void)
{
    test_all_lines();
    test_wait();
    test_lines();
    test_lines_at_once(0);
    test_lines_at_once(1);
    test_lines_at_once(BLOCKS / 2);
    test_lines_at_once(BLOCKS);
    test_abandon();
    return done_testing();
}
