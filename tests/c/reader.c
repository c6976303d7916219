/* log/reader: the same records for pieces of any size; errors; several objects. */
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "log/reader.h"
#include "columns_text.h"
#include "tap.h"

struct result {
    char *text; /* of all records */
    size_t size;
    bool good;
    char problem[256];
    struct reader_summary summary;
};

/* Reads DATA as one object in pieces of PIECE bytes. */
static struct result read_object(const void *data, size_t size, size_t piece)
{
    struct sort_options options = {"/tmp", 1 << 20, 8, 0};
    struct reader_options reader_options = {.has_digest = true};
    struct sort *sort = sort_new(&options);
    struct sort *events = sort_new(&options);
    struct reader *reader =
        reader_new(sort_writer_new(sort), sort_writer_new(events), &reader_options);
    struct result result = {.good = true, .text = malloc(1 << 20)};
    reader_begin(reader, 1);
    for (size_t at = 0; result.good && at < size; at += piece) {
        size_t take = size - at < piece ? size - at : piece;
        unsigned char *copy = malloc(take);
        memcpy(copy, (const unsigned char *)data + at, take);
        result.good = reader_feed(reader, copy, take);
        free(copy);
    }
    result.good = result.good && reader_end(reader, &result.summary);
    snprintf(result.problem, sizeof result.problem, "%s", reader_error(reader));
    const char *record;
    size_t record_size;
    uint32_t time;
    if (sort_finish(sort))
        while (sort_next(sort, &time, &record, &record_size) > 0) {
            memcpy(result.text + result.size, record, record_size);
            result.size += record_size;
        }
    reader_free(reader);
    sort_free(sort);
    sort_free(events);
    return result;
}

static size_t gzip(const char *text, size_t size, unsigned char *out, size_t room)
{
    z_stream stream = {0};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = (Bytef *)text;
    stream.avail_in = (uInt)size;
    stream.next_out = out;
    stream.avail_out = (uInt)room;
    deflate(&stream, Z_FINISH);
    size_t used = stream.total_out;
    deflateEnd(&stream);
    return used;
}

static const char log_text[] =
    "\n#Version: 1.0\r\n#\n"
    "#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-bytes\r\n"
    "2026-10-31\t12:00:01\t192.0.2.1\tGET\t/b\t200\t1\r\n"
    "2026-10-31\t12:00:00\t192.0.2.1\tGET\t/a\t200\t1\n"
    "garbage\n"
    "2026-10-31\t12:00:01\t192.0.2.1\tGET\t/c\t200\t1\n"
    "#Fields: time date c-ip cs-uri-stem\n"
    "12:00:02\t2026-10-31\t192.0.2.1\t/d";

static void test_pieces(void)
{
    unsigned char zipped[2000];
    size_t zipped_size = gzip(log_text, sizeof log_text - 1, zipped, sizeof zipped);
    unsigned char zstd[2000];
    size_t zstd_size = ZSTD_compress(zstd, sizeof zstd, log_text, sizeof log_text - 1, 3);
    struct result whole = read_object(log_text, sizeof log_text - 1, 100000);
    int wrong = 0, other_digests = 0;
    ok(whole.good && whole.summary.records == 4 && whole.summary.bad == 1 &&
           whole.summary.first_bad_line == 7,
       "four records, and the bad one's line (%llu)",
       (unsigned long long)whole.summary.first_bad_line);
    const char *a = strstr(whole.text, "/a"), *b = strstr(whole.text, "/b");
    const char *c = strstr(whole.text, "/c"), *d = strstr(whole.text, "/d");
    ok(a && b && c && d && a < b && b < c && c < d, "in order of time, then of lines");
    for (size_t piece = 1; piece < 300; piece++) {
        struct result plain = read_object(log_text, sizeof log_text - 1, piece);
        struct result packed = read_object(zipped, zipped_size, piece);
        other_digests += digest_compare(&plain.summary.digest, &whole.summary.digest) != 0;
        other_digests += digest_compare(&packed.summary.digest, &whole.summary.digest) != 0;
        wrong += !plain.good || plain.size != whole.size ||
                 memcmp(plain.text, whole.text, whole.size) || plain.summary.bad != 1;
        wrong += !packed.good || packed.size != whole.size ||
                 memcmp(packed.text, whole.text, whole.size) || packed.summary.bad != 1;
        struct result by_zstd = read_object(zstd, zstd_size, piece);
        wrong += !by_zstd.good || by_zstd.size != whole.size ||
                 memcmp(by_zstd.text, whole.text, whole.size) || by_zstd.summary.bad != 1;
        free(plain.text);
        free(packed.text);
        free(by_zstd.text);
    }
    ok(!wrong, "the same in pieces of any size, plain, gzip and zstd (%d wrong)", wrong);
    ok(!other_digests && whole.summary.digest.length == sizeof log_text - 1,
       "the same digest of the whole text in pieces of any size (%d others)", other_digests);
    free(whole.text);
}

#define JSON(time, stem)                                                                           \
    "{\"date\":\"2026-10-31\",\"time\":\"12:00:0" time                                             \
    "\",\"c-ip\":\"192.0.2.1\", \"cs-uri-stem\":\"" stem "\"}"
static const char json_text[] = "\xef\xbb\xbf\n" JSON("3", "/d")
    JSON("0", "/a\\u00e9\\ud83d\\ude00\\ud83d\\\"\\\\\\/") "\n{\"date\":\n"
                                                           "[" JSON("1", "/b") " ,\n" JSON(
                                                               "2", "/c") "]";

static void test_json(void)
{
    struct result whole = read_object(json_text, sizeof json_text - 1, 100000);
    int wrong = 0;
    ok(whole.good && whole.summary.records == 4 && whole.summary.bad == 1 &&
           whole.summary.first_bad_line == 3,
       "JSON: four records, and the bad one's line (%llu)",
       (unsigned long long)whole.summary.first_bad_line);
    ok(strstr(whole.text, "\t/a%C3%A9%F0%9F%98%80%EF%BF%BD%22\\/\t") != NULL, "JSON: escapes");
    for (size_t piece = 1; piece < 300; piece++) {
        struct result result = read_object(json_text, sizeof json_text - 1, piece);
        wrong += !result.good || result.size != whole.size ||
                 memcmp(result.text, whole.text, whole.size) || result.summary.bad != 1;
        free(result.text);
    }
    ok(!wrong, "JSON: the same in pieces of any size (%d wrong)", wrong);
    free(whole.text);
}

static void test_long_rows(void)
{
    size_t size = READER_ROW_MAX + 3000000;
    char *text = malloc(size);
    static const size_t pieces[] = {1000, 65536, 262144, 262145, 524290, 10000000};
    static const size_t rows[] = {
        200000, READER_ROW_MAX - 100, READER_ROW_MAX + 1, READER_ROW_MAX + 2, 1000000, 3000000};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int wrong = 0;
        uint64_t bad = rows[i] > READER_ROW_MAX;
        for (size_t j = 0; j < sizeof pieces / sizeof *pieces; j++)
            for (int ends = 0; ends < 2; ends++) {
                int head = sprintf(text, "#Fields: date time cs-uri-stem\n");
                int used = sprintf(text + head, "2026-10-31\t12:00:01\t/");
                memset(text + head + used, 'x', rows[i] - (size_t)used);
                size_t at = (size_t)head + rows[i];
                if (ends)
                    at += (size_t)sprintf(text + at, "\n2026-10-31\t12:00:01\t/y\n");
                struct result result = read_object(text, at, pieces[j]);
                wrong += !result.good || result.summary.bad != bad ||
                         result.summary.digest.length != at ||
                         result.summary.records != 1 - bad + (uint64_t)ends ||
                         (bad && result.summary.first_bad_line != 2);
                free(result.text);
            }
        ok(!wrong, "a row of %zu bytes is %s (%d wrong)", rows[i], bad ? "bad" : "good", wrong);
    }
    free(text);
}

static void problem(const char *name, const void *data, size_t size, const char *want)
{
    static const size_t pieces[] = {1, 2, 5, 100000};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        if (size > 10000 && pieces[i] < 100)
            continue;
        struct result result = read_object(data, size, pieces[i]);
        if (!ok(!result.good == (want != NULL) && (!want || strstr(result.problem, want)),
                "%s, in pieces of %zu: %s", name, pieces[i], want ? want : "read"))
            printf("# got: %s\n", result.good ? "read" : result.problem);
        free(result.text);
    }
}

#define PROBLEM(name, text, want) problem(name, text, sizeof text - 1, want)
#define NORMALIZED                                                                                 \
    "#Version: 1.0\n#Software: awstats-cloudfront 1\n#Fields: " COLUMNS_NAMES "\n"                 \
    "2026-10-31\t12:00:01" ROW "\n2026-10-31\t12:00:02" ROW "\n"
#define ROW  COLUMNS_ABSENT_AFTER_TIME
#define END2 "#End: records=2 bad=1 quarantined=0\n"

#define FIRST_11                                                                                   \
    "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status "            \
    "cs(Referer) cs(User-Agent)"

/* A log of an earlier version has fewer columns; the values of the other columns are absent. */
static void test_earlier_version(void)
{
    static const char log[] =
        "#Version: 1.0\n#Software: awstats-cloudfront 0.1\n#Fields: " FIRST_11 " cs-uri-query\n"
        "2026-10-31\t12:00:01\tDFW3\t1\tip\tGET\th\t/a\t200\t-\t-\tq\n"
        "2026-10-31\t12:00:01\tDFW3\t1\tip\tGET\th\t/a\t200\t-\t-\tq\t-\n"
        "#End: records=2 bad=3 aside=4\n";
    struct result result = read_object(log, sizeof log - 1, 10);
    ok(result.good && result.summary.bad == 1 && result.summary.inner_bad == 3 &&
           result.summary.inner_quarantined == 4,
       "an earlier version's log: a record with a column too many is bad; its numbers");
    is_text(result.text, result.size,
            "2026-10-31\t12:00:01\tDFW3\t1\tip\tGET\th\t/a\t200\t-\t-\tq" COLUMNS_ABSENT_AFTER_QUERY
            "\n",
            "the columns that it lacks are absent");
    free(result.text);
}

static void test_problems(void)
{
    static char binary[600000];
    memset(binary, 7, sizeof binary);
    PROBLEM("nothing", "", NULL);
    PROBLEM("an empty line", "\n", NULL);
    PROBLEM("one byte", "x", "not a CloudFront log");
    PROBLEM("a text", "Hello,\nworld\n", "not a CloudFront log");
    PROBLEM("JSON without requests", "{\"date\":\"2026-10-31\"}\n", "a JSON file without requests");
    PROBLEM("a part of a JSON object", "{\"date\":\"2026-10-31\"", "no object in it is complete");
    PROBLEM("Parquet", "PAR1\x15\x04\x15\x10", "Parquet");
    PROBLEM("a real-time log", "1792994400.123\t192.0.2.1\t0.001\n", "a real-time log");
    PROBLEM("no header", "2026-10-31\t12:00:01\t192.0.2.1\n", "3 columns without a #Fields header");
    PROBLEM("binary data",
            "\x7f"
            "ELF\x02\x01\x01\n",
            "binary");
    problem("much binary data", binary, sizeof binary, "binary");
    PROBLEM("a streaming log", "#Fields: date time x-event x-cf-client-id\n", NULL);
    PROBLEM("commas", "#Fields: date time c-ip\n2026-10-31,12:00:01,192.0.2.1\n", NULL);
    PROBLEM("a comma and a semicolon", "#Fields: date time c-ip\n2026-10-31,12:00:01;192.0.2.1\n",
            "not clear which text separates");
    PROBLEM("a NUL in a name", "#Fields: date\0 time\0xxxxxxxxxxxxxxxxxxxxxxxxxx\n",
            "neither date");
    PROBLEM("a bad header", "#Fields: c-ip\n", "neither date and time");
    PROBLEM("only a sharp", "#", "no #Fields header");
    PROBLEM("CR for line ends", "#Fields: date time\r2026-10-31\t12:00:00\r", "neither date");
    PROBLEM("another version", "#Version: 1.0\n", "no #Fields header");
    PROBLEM("a normalized log", NORMALIZED END2, NULL);
    PROBLEM("two normalized logs", NORMALIZED END2 NORMALIZED END2, NULL);
    PROBLEM("a raw log behind", NORMALIZED END2 "#Version: 1.0\n#Fields: date time c-ip\n", NULL);
    PROBLEM("a normalized log without #End", NORMALIZED, "truncated");
    PROBLEM("two, the first without #End", NORMALIZED NORMALIZED END2, "truncated");
    PROBLEM("a normalized log that lost a record",
            NORMALIZED "#End: records=3 bad=0 quarantined=0\n", "truncated");
    PROBLEM("a wrong #End", NORMALIZED "#End: all is well\n",
            "#End, of this output of awstats-cloudfront cat is malformed");
    PROBLEM("a signed number", NORMALIZED "#End: records=+2 bad=0 quarantined=0\n", "malformed");
    PROBLEM("a space before a number", NORMALIZED "#End: records= 2 bad=0\n", "malformed");
    PROBLEM("an earlier version's #End", NORMALIZED "#End: records=2 bad=0 aside=0\n", NULL);
    PROBLEM("a number that a later version may add", NORMALIZED "#End: records=2 bad=0 new=1\n",
            NULL);
    PROBLEM("records behind #End", NORMALIZED END2 "2026-10-31\t12:00:01" ROW "\n",
            "has more lines after #End");
    PROBLEM("another version's columns", "#Software: awstats-cloudfront 9\n#Fields: date time\n",
            "awstats-cloudfront cat of version 9, and has columns that this version");
    PROBLEM("more columns than today's",
            "#Software: awstats-cloudfront 9\n#Fields: " COLUMNS_NAMES " more\n",
            "awstats-cloudfront cat of version 9, and has columns that this version");
    PROBLEM("today's columns in another order",
            "#Software: awstats-cloudfront 9\n#Fields: time date x-edge-location sc-bytes c-ip "
            "cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query\n",
            "awstats-cloudfront cat of version 9, and has columns that this version");
    PROBLEM("eleven columns", "#Software: awstats-cloudfront 9\n#Fields: " FIRST_11 "\n",
            "awstats-cloudfront cat of version 9, and has columns that this version");
    struct result result = read_object(NORMALIZED END2, sizeof(NORMALIZED END2) - 1, 10);
    ok(result.summary.records == 2 && result.summary.inner_bad == 1,
       "a normalized log's bad records are handed on");
    free(result.text);
}

/* A record with another control character than TAB, or with another number of TABs, is malformed. */
static void test_control_characters(void)
{
    char log[] = NORMALIZED END2;
    char *record = strstr(log, "12:00:02") + 8, *end = strchr(record, '\n');
    int wrong = 0;
    for (char *at = record; at < end; at++) {
        const char was = *at;
        *at = was == '\t' ? '-' : '\t';
        for (int i = 0; i < 2; i++) {
            struct result result = read_object(log, sizeof log - 1, sizeof log);
            wrong += !result.good || result.summary.records != 1 || result.summary.bad != 1;
            free(result.text);
            *at = (char)(1 + (at - record) % 8);
        }
        *at = was;
    }
    ok(!wrong, "control characters in a normalized log, and TABs: %d times read", wrong);
}

int main(void)
{
    test_pieces();
    test_json();
    test_long_rows();
    test_earlier_version();
    test_problems();
    test_control_characters();
    return done_testing();
}
