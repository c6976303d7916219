/* plugin/feed: how a feed reads its pipe: the record of a line, long lines, signals and errors. */
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "feed/feed.h"
#include "feed_stream.h"
#include "tap.h"

static void test_split(void)
{
    static const char stream[] =
        HEADER RECORD("2026-10-31", "206", "-") "x\n" RECORD("2026-10-31", "200", "-");
    int pair[2];
    const char *line;
    size_t size;
    if (!ok(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 &&
                write(pair[1], stream, sizeof stream - 1) > 0,
            "a stream"))
        return;
    struct feed *feed = feed_new(pair[0]);
    for (int i = 0; i < 3; i++)
        feed_line(feed, &line, &size);
    ok(feed_record(feed) == NULL, "a header line is not a record");
    feed_line(feed, &line, &size);
    const struct record *record = feed_record(feed);
    ok(record && record->status == 206 && record->date.year == 2026 && record->time.hour == 23 &&
           record_field(record, COLUMN_DATE).text == line && feed_record(feed) == record,
       "a record, split once");
    feed_line(feed, &line, &size);
    ok(feed_record(feed) == NULL, "a line that is no record");
    feed_line(feed, &line, &size);
    record = feed_record(feed);
    ok(record && record->status == 200 && record_field(record, COLUMN_DATE).text == line,
       "the next one");
    feed_free(feed);
    close(pair[0]);
    close(pair[1]);
}

/* ---- cases that need a second thread, or time ---- */

struct writer {
    int fd;
    size_t line; /* the size of a line that is written after the header */
};

/* Writes a whole stream with one long line behind the header. */
static void *write_long(void *argument)
{
    const struct writer *writer = argument;
    char block[4096];
    bool good = write(writer->fd, HEADER, sizeof HEADER - 1) > 0;
    memset(block, 'x', sizeof block);
    for (size_t left = writer->line; good && left > 0;) {
        ssize_t written = write(writer->fd, block, left < sizeof block ? left : sizeof block);
        good = written > 0;
        left -= good ? (size_t)written : 0;
    }
    if (good)
        (void)!write(writer->fd, "\n#End: records=1\n", 17);
    close(writer->fd);
    return NULL;
}

/* Reads a stream with a line of LINE bytes.  Returns the size of the longest line, and stores the error. */
static size_t read_long(size_t line, char *error, size_t room)
{
    int ends[2];
    pthread_t thread;
    if (pipe(ends) < 0)
        return 0;
    struct writer writer = {ends[1], line};
    pthread_create(&thread, NULL, write_long, &writer);
    struct feed *feed = feed_new(ends[0]);
    const char *text;
    size_t size, longest = 0;
    while (feed_line(feed, &text, &size) == FEED_LINE)
        longest = size > longest ? size : longest;
    snprintf(error, room, "%s", feed_error(feed) ? feed_error(feed) : "");
    feed_free(feed);
    close(ends[0]);
    pthread_join(thread, NULL);
    return longest;
}

static void test_long_lines(void)
{
    char error[256];
    ok(read_long(3 << 20, error, sizeof error) == (3 << 20) + 1 && !*error, "a line of 3 MiB");
    ok(read_long(17 << 20, error, sizeof error) < 1024, "one of 17 MiB does not come");
    is_text(error, strlen(error),
            "it has a line of more than 16 MiB, which awstats-cloudfront cat never writes; correct "
            "LogFile",
            "and is what is wrong");
}

static void nothing(int number)
{
    (void)number;
}

static void test_signals(void)
{
    int ends[2];
    const char *line;
    size_t size;
    struct sigaction action = {.sa_handler = nothing};
    struct itimerval soon = {.it_value.tv_usec = 20000};
    if (!ok(pipe(ends) == 0, "a pipe"))
        return;
    struct feed *feed = feed_new(ends[0]);
    ok(write(ends[1], "#Version", 8) == 8, "(part of a line)");
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    ok(feed_line(feed, &line, &size) == FEED_INTERRUPTED, "a signal interrupts the wait");
    ok(write(ends[1], ": 1.0\n", 6) == 6, "(the rest)");
    ok(feed_line(feed, &line, &size) == FEED_LINE, "the feed goes on after a signal");
    is_text(line, size, "#Version: 1.0\n", "with the whole line");
    ok(!feed_at_end(feed), "it is not at its end");
    close(ends[1]);
    ok(feed_line(feed, &line, &size) == FEED_BROKEN && feed_at_end(feed), "until it is");
    feed_free(feed);
    close(ends[0]);

    feed = feed_new(ends[0]);
    ok(feed_line(feed, &line, &size) == FEED_BROKEN, "what is not open");
    is_text(feed_error(feed), strlen(feed_error(feed)), "it could not be read: Bad file descriptor",
            "can't be read");
    feed_free(feed);
    feed_free(NULL);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    test_split();
    test_long_lines();
    test_signals();
    return done_testing();
}
