/* plugin/feed: the feed returns whole lines, however the bytes arrive.  It rejects a stream at the same line, and
 * with the same error, as a simple check of all its bytes. */
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "feed/feed.h"
#include "feed_judge.h"
#include "feed_stream.h"
#include "memory_stream.h"
#include "tap.h"
#include "version.h"

enum { MUTATIONS = 20000 };

/* ---- the feed's result ---- */

/* Returns the next line, however long it takes to come. */
static enum feed_result next_line(struct feed *feed, const char **line, size_t *size)
{
    enum feed_result result;
    do
        result = feed_line(feed, line, size);
    while (result == FEED_INTERRUPTED);
    return result;
}

/* Whether the feed has split its line as record_split() does. */
static bool is_split(struct feed *feed, const char *line, size_t size)
{
    struct record want;
    const bool is_record = line[0] != '#' && record_split(&want, line, size);
    const struct record *got = feed_record(feed);
    return is_record
               ? got && got->line == line && got->size == size && got->status == want.status &&
                     memcmp(got->end, want.end, sizeof want.end) == 0
               : got == NULL;
}

/* Whether the next available records are split, and lie behind the line in their order. */
static bool has_next_records(const struct feed *feed, const char *line, size_t size)
{
    size_t count;
    const struct record *next = feed_next_records(feed, &count);
    const char *behind = line + size;
    bool right = (next != NULL) == (count > 0);
    for (size_t i = 0; i < count; i++) {
        struct record want;
        right = right && next[i].line >= behind &&
                record_split(&want, next[i].line, next[i].size) &&
                memcmp(next[i].end, want.end, sizeof want.end) == 0;
        behind = next[i].line + next[i].size;
    }
    return right;
}

/* Reads FEED to its end; each line must be the next one of BYTES. */
static struct verdict verdict_of(struct feed *feed, const char *bytes)
{
    struct verdict verdict = {.batch = NONE, .site = NONE, .kind = FEED_NO_RECORD};
    feed_watch(feed, DATE_LENGTH);
    const char *line;
    size_t size;
    enum feed_result result;
    bool same = true;
    while ((result = next_line(feed, &line, &size)) == FEED_LINE) {
        const char *lf = memchr(line, '\n', size);
        same = same && lf == line + size - 1 && memcmp(line, bytes + verdict.offset, size) == 0 &&
               is_split(feed, line, size) && has_next_records(feed, line, size);
        verdict.new_period[verdict.lines++] = feed_new_period(feed);
        verdict.offset += size;
    }
    same = same && feed_offset(feed) == verdict.offset &&
           next_line(feed, &line, &size) == result && /* now and ever after */
           (result == FEED_BROKEN) == (feed_error(feed) != NULL);
    verdict.records = feed_records(feed);
    verdict.kind = feed_kind(feed);
    snprintf(verdict.batch, sizeof verdict.batch, "%s", feed_batch(feed) ? feed_batch(feed) : NONE);
    snprintf(verdict.site, sizeof verdict.site, "%s", feed_site(feed) ? feed_site(feed) : NONE);
    snprintf(verdict.error, sizeof verdict.error, "%s",
             !same              ? "(the feed contradicts itself)"
             : feed_error(feed) ? feed_error(feed)
                                : "");
    feed_free(feed);
    return verdict;
}

static bool equal(const struct verdict *got, const struct verdict *want)
{
    return got->lines == want->lines && got->offset == want->offset &&
           got->records == want->records && strcmp(got->batch, want->batch) == 0 &&
           strcmp(got->site, want->site) == 0 && got->kind == want->kind &&
           memcmp(got->new_period, want->new_period, sizeof want->new_period) == 0 &&
           strcmp(got->error, want->error) == 0;
}

static void explain(const struct verdict *got, const struct verdict *want)
{
    printf("#  got: %zu lines, %zu bytes, %llu records, %s\n# want: %zu, %zu, %llu, %s\n",
           got->lines, got->offset, got->records, got->error, want->lines, want->offset,
           want->records, want->error);
}

static struct verdict read_stream(const char *bytes, size_t size, const size_t *cut, size_t cuts)
{
    struct memory memory = {.bytes = bytes, .size = size, .cut = cut, .cuts = cuts};
    struct normalized_stream stream = {.next = next_of_memory, .user = &memory};
    struct verdict verdict = verdict_of(feed_new_stream(&stream), bytes);
    free(memory.text);
    return verdict;
}

/* Does the same with a socket, and a packet for each piece. */
static struct verdict read_socket(const char *bytes, size_t size, const size_t *cut, size_t cuts)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
        return (struct verdict){.error = "(no pair of sockets)"};
    size_t at = 0;
    for (size_t i = 0; i <= cuts; i++) {
        size_t end = i < cuts ? cut[i] : size;
        if (end > at && write(pair[1], bytes + at, end - at) < 0)
            return (struct verdict){.error = "(the socket takes no more)"};
        at = end;
    }
    close(pair[1]);
    struct verdict verdict = verdict_of(feed_new(pair[0]), bytes);
    close(pair[0]);
    return verdict;
}

/* Returns the result of both ways to read the pieces, which must be the same. */
static struct verdict read_pieces(const char *bytes, size_t size, const size_t *cut, size_t cuts)
{
    struct verdict from_socket = read_socket(bytes, size, cut, cuts);
    struct verdict from_stream = read_stream(bytes, size, cut, cuts);
    return equal(&from_socket, &from_stream)
               ? from_socket
               : (struct verdict){.error = "(a socket and a stream differ)"};
}

/* ---- streams ---- */

static const char whole[] = HEADER BATCH "#Remark: any\n" RECORD("2026-09-30", "200", "-")
    RECORD("2026-10-31", "206", "-") RECORD("2026-10-31", "404", "-")
        RECORD("2026-11-01", "206", "-") "#End: records=4 bad=0 quarantined=0\n";

static void is_judged(const char *stream, const char *error, const char *name)
{
    struct verdict want = judge(stream, strlen(stream));
    struct verdict got = read_pieces(stream, strlen(stream), NULL, 0);
    if (!ok(equal(&got, &want) && strcmp(got.error, error) == 0, "%s", name))
        explain(&got, &want);
}

static void test_streams(void)
{
    const char *truncated = "it is truncated: its last line, #End, is missing" RUN_AGAIN;
    const char *no_header =
        "it is not the output of awstats-cloudfront cat (the header lacks #Software: "
        "awstats-cloudfront, or #Fields after it); make awstats-cloudfront cat the last command in "
        "LogFile";
    const char *no_version = "it is not the output of awstats-cloudfront cat (#Version: 1.0 is "
                             "missing); make awstats-cloudfront cat the last command in LogFile";
    const char *malformed = "its last line, #End, is malformed" RUN_AGAIN;
    const char *version =
        "it comes from awstats-cloudfront 1, whose columns are not those of this "
        "plugin, version " VERSION "; install the program and the plugin of one version";
    is_judged(whole, "", "a whole stream");
    is_judged(HEADER "#End: records=0\n", "", "one without records");
    is_judged(HEADER RECORD("2026-10-31", "200", "play") "#End: records=1 x=1\n", "", "streaming");
    is_judged(HEADER "x\n\ny\n#End: records=3\n", "", "lines that are no records are counted");
    is_judged(
        "",
        "it is empty: the program that writes it has failed, and its message says why" RUN_AGAIN,
        "nothing");
    is_judged("#Version: 1.0\n", truncated, "a line");
    is_judged(HEADER RECORD("2026-10-31", "200", "-"), truncated, "no #End");
    is_judged(HEADER "x\n#End: records=1", "it ends in the middle of a line" RUN_AGAIN, "no LF");
    is_judged("#Version: 1.0\r\n", no_version, "CR LF");
    is_judged("#Version: 1.1\n", no_version, "another version");
    is_judged("x\n", no_version, "something else");
    is_judged("#Version: 1.0\nx\n", no_header, "no header");
    is_judged("#Version: 1.0\n#End: records=0\n", no_header, "no header, no record");
    is_judged("#Version: 1.0\n#Fields: " COLUMNS_NAMES "\n#Software: awstats-cloudfront 1\nx\n",
              no_header, "#Fields before #Software");
    is_judged("#Version: 1.0\n#Software: awstats-cloudfront 1\n#Fields: " COLUMNS_NAMES " x\n",
              version, "a column more");
    is_judged("#Version: 1.0\n#Software: awstats-cloudfront 1\n#Fields: date time\n", version,
              "an earlier version");
    is_judged(HEADER "#Batch: \n", "its header line #Batch is malformed" UNCHANGED, "no ID");
    is_judged(HEADER "#Batch: a/b\n", "its header line #Batch is malformed" UNCHANGED,
              "no ID of a batch");
    is_judged(HEADER BATCH BATCH, "its header has the line #Batch twice" UNCHANGED, "two batches");
    is_judged(HEADER "#Batch: a\nx\n",
              "its header has one of the lines #Batch and #Site without the other" UNCHANGED,
              "no site");
    is_judged(HEADER "#Site: a b\nx\n",
              "its header has one of the lines #Batch and #Site without the other" UNCHANGED,
              "no batch");
    is_judged(HEADER "x\n#Remark: y\n", "it has a header line among the records" UNCHANGED,
              "a header line");
    is_judged(HEADER "x\n#End:\n", "it has a header line among the records" UNCHANGED,
              "an empty #End");
    is_judged(HEADER "#End: 0\n", malformed, "another #End");
    is_judged(HEADER "#End: records=+0\n", malformed, "a sign");
    is_judged(HEADER "#End: records=0 bad=\n", malformed, "no other number");
    is_judged(HEADER "#End: records=0 bad=-1\n", malformed, "another number with a sign");
    is_judged(HEADER "#End: records=0  bad=1\n", malformed, "two spaces");
    is_judged(HEADER "#End: records=\n", malformed, "no number");
    is_judged(HEADER "#End: records=0x\n", malformed, "no number alone");
    is_judged(HEADER "#End: records=00000000000000000000\n", malformed, "too long a number");
    is_judged(HEADER "x\n#End: records=2\n",
              "its last line, #End, counts 2 records, but 1 arrived" RUN_AGAIN, "another number");
    is_judged(HEADER "#End: records=0\n\n", "it has more lines after its last line, #End" UNCHANGED,
              "a line after #End");
}

static void test_every_byte(void)
{
    struct verdict want = judge(whole, sizeof whole - 1);
    size_t different = 0, truncated = 0;
    for (size_t cut = 0; cut < sizeof whole; cut++) {
        struct verdict got = read_pieces(whole, sizeof whole - 1, &cut, 1);
        different += !equal(&got, &want);
        got = read_pieces(whole, cut, NULL, 0);
        struct verdict shorter = judge(whole, cut);
        truncated += !equal(&got, &shorter) || (*got.error == '\0') != (cut == sizeof whole - 1);
    }
    ok(want.lines == 11 && want.records == 4 && want.offset == sizeof whole - 1,
       "(the whole stream)");
    ok(different == 0, "a read that ends at any byte of it changes nothing");
    ok(truncated == 0, "a stream that ends at any byte is not complete");
}

/* ---- random streams ---- */

static size_t below(unsigned long long *random, size_t limit)
{
    return (size_t)(next_random(random) >> 16) % limit;
}

/* Lines of all kinds; mostly in an order that makes sense. */
static size_t random_stream(unsigned long long *random, char *stream)
{
    static const char *const lines[] = {
        "#Version: 1.0\n",
        "#Software: awstats-cloudfront 1.0\n",
        "#Fields: " COLUMNS_NAMES "\n",
        "#Batch: 1-2\n",
        "#Site: cdn /conf\n",
        RECORD("2026-10-30", "200", "-"),
        RECORD("2026-10-31", "206", "-"),
        RECORD("2026-11-01", "206", "play"),
        "#Remark: any\n",
        "2026-11-02\t10:00\n",
        "\n",
    };
    size_t size = 0, records = 0, count = sizeof lines / sizeof lines[0];
    for (size_t i = 0, left = 3 + below(random, 12); left > 0; left--, i++) {
        if (below(random, 20) == 0)
            i += below(random, 3);
        const char *line = lines[i < 3 ? i : 3 + below(random, count - 3 - (i > 5 ? 3 : 0))];
        if (i > 5 && *line == '#' && below(random, 10))
            line = lines[5];
        records += *line != '#';
        size += (size_t)sprintf(stream + size, "%s", line);
    }
    if (below(random, 20))
        size += (size_t)sprintf(stream + size, "#End: records=%zu%s\n",
                                records + !below(random, 10), below(random, 2) ? " x=1" : "");
    if (below(random, 3) == 0)
        stream[below(random, size)] = "\t\n\0 #x0"[below(random, 7)];
    if (below(random, 10) == 0)
        size = below(random, size);
    return size;
}

static void test_random(void)
{
    unsigned long long random = 1066;
    size_t different = 0, complete = 0;
    for (int i = 0; i < MUTATIONS; i++) {
        static char stream[ROOM];
        size_t size = random_stream(&random, stream), cut[4], at = 0;
        for (int j = 0; j < 4; j++)
            cut[j] = at += below(&random, size - at + 1) / 2;
        struct verdict want = judge(stream, size), got = read_pieces(stream, size, cut, 4);
        complete += *want.error == '\0';
        if (!equal(&got, &want) && different++ == 0)
            explain(&got, &want);
    }
    ok(different == 0, "%d streams at random, %zu of them complete: %zu differ", MUTATIONS,
       complete, different);
    ok(complete > MUTATIONS / 10 && complete < MUTATIONS / 2, "neither few nor most are");
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    test_streams();
    test_every_byte();
    test_random();
    return done_testing();
}
