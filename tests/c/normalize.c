/* log/header and log/normalize: rows of every era, and unusual ones, one by one. */
#include <stdlib.h>

#include "log/decode.h"
#include "log/normalize.h"
#include "columns_text.h"
#include "tap.h"

/* Normalizes a row; the result is the record without its LF, or "bad: ERROR". */
static void normalize(const char *names, const char *row, bool by_space,
                      struct normalize_options options, char *result)
{
    static const struct normalize_meaning meaning = {INPUT_HOST_HEADER, COLUMN_HOST};
    static struct fields fields;
    struct normalize plan;
    struct header header;
    const char *error = header_error_text(header_parse(&header, names, strlen(names)));
    size_t size = strlen(row), used;
    uint32_t time;
    char *copy = malloc(size + LINES_SLACK), *out = malloc(normalize_room(size));
    memcpy(copy, row, size);
    if (!error) {
        normalize_prepare(&plan, &header, &meaning, &options);
        if (by_space)
            fields_split_space(&fields, copy, size, &header);
        else
            fields_split_tab(&fields, copy, size);
        error = fields_check(&fields, &header);
    }
    if (!error)
        error = normalize_row(&plan, &fields, out, &used, &time);
    if (error)
        sprintf(result, "bad: %s", error);
    else
        sprintf(result, "%.*s", (int)used - 1, out);
    free(copy);
    free(out);
}

static void check(const char *name, const char *names, const char *row, const char *want)
{
    static char got[100000];
    normalize(names, row, false, (struct normalize_options){0}, got);
    is_text(got, strlen(got), want, name);
}

#define E11                                                                                        \
    "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status "            \
    "cs(Referer) cs(User-Agent)"
#define ROW11                                                                                      \
    "2010-06-15\t12:00:00\tDFW3\t100\t192.0.2.1\tGET\td1.cloudfront.net\t/a\t200\t-\tMozilla/4.0"

static void test_times(void)
{
    static const char iso[] = "timestamp(ms) c-ip";
    static const struct {
        const char *name, *names, *row;
    } times[] = {
        {"a time in UTC", iso, "2026-10-26T02:00:00Z\t192.0.2.1"},
        {"with a fraction and an offset", iso, "2026-10-26 02:00:00.123456+00:00\t192.0.2.1"},
        {"with a space and UTC", iso, "2026-10-26 02:00:00 UTC\t192.0.2.1"},
        {"microseconds", iso, "1792980000123456\t192.0.2.1"},
        {"a time as a date", "date time c-ip", "2026-10-26T00:00:00Z\t02:00:00\t192.0.2.1"},
        {"a time as a time of day", "date time c-ip",
         "2026-10-26\t1970-01-01 02:00:00.5\t192.0.2.1"},
        {"a time of day with a fraction", "date time c-ip", "2026-10-26\t02:00:00.5\t192.0.2.1"},
    };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        check(times[i].name, times[i].names, times[i].row,
              "2026-10-26\t02:00:00\t-\t0\t192.0.2.1\tGET\t-\t-\t200\t-"
              "\tunknown" COLUMNS_ABSENT_AFTER_AGENT);
    static const char *const refused[] = {"2026-10-26T02:00:00+02:00", "2026-10-26T24:00:00Z",
                                          "2026-10-32T02:00:00Z", "2026-10-26T02:00:00.5x",
                                          "2026-10-26T02:00"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        check(refused[i], "timestamp", refused[i],
              "bad: the timestamp is neither a number of seconds since 1970 nor a time in UTC such "
              "as 2026-03-10T12:00:00Z");
        char row[64];
        snprintf(row, sizeof row, "%s\t02:00:00", refused[i]);
        check(refused[i], "date time", row,
              "bad: the date is not a day of the calendar in the form YYYY-MM-DD");
    }
}

static void test_columns(void)
{
    check("11 columns", E11, ROW11, ROW11 "\t-" COLUMNS_ABSENT_AFTER_QUERY);
    check("names with TABs, a space behind, U+200B",
          "\tdate\ttime\xe2\x80\x8b\tx-edge-location sc-bytes c-ip  cs-method cs(Host) "
          "\xe2\x80\x8b"
          "cs-uri-stem sc-status cs(Referer) cs(User-Agent) ",
          ROW11, ROW11 "\t-" COLUMNS_ABSENT_AFTER_QUERY);
    check("names in other letters",
          "DATE Time X-Edge-Location sc-bytes c-ip cs-method cs(host) "
          "cs-uri-stem sc-status cs(referer) cs(user-agent)",
          ROW11, ROW11 "\t-" COLUMNS_ABSENT_AFTER_QUERY);
    check("another order, unknown columns",
          "sc-status x-unknown time date cs-uri-stem c-ip cs-method sc-bytes",
          "404\t64500\t01:02:03\t2026-10-31\t/x\t2001:db8::1\tHEAD\t0",
          "2026-10-31\t01:02:03\t-\t0\t2001:db8::1\tHEAD\t-\t/"
          "x\t404\t-\tunknown" COLUMNS_ABSENT_AFTER_AGENT);
    check("an empty value, a TAB behind", "date time cs-uri-stem cs-uri-query c-ip",
          "2026-10-31\t01:02:03\t/x\t\t192.0.2.1\t",
          "2026-10-31\t01:02:03\t-\t0\t192.0.2.1\tGET\t-\t/"
          "x\t200\t-\tunknown" COLUMNS_ABSENT_AFTER_AGENT);
    check("TAB and space between", "date time cs-uri-stem c-ip",
          "2026-10-31\t 01:02:03\t /x\t 192.0.2.1 ",
          "2026-10-31\t01:02:03\t-\t0\t192.0.2.1\tGET\t-\t/"
          "x\t200\t-\tunknown" COLUMNS_ABSENT_AFTER_AGENT);
    check("plain values of every length",
          "date time x-edge-location c-ip cs-method x-edge-result-type "
          "x-edge-request-id cs-protocol",
          "2026-10-31\t01:02:03\tDFW\t192.0.2.1\tHEAD\t\tvGFzJKSXeWuV5b4i_wQ3LwC4KUgc2TCkx\t2001:"
          "db8::1:2:3:4",
          "2026-10-31\t01:02:03\tDFW\t0\t192.0.2.1\tHEAD\t-\t-\t200\t-\tunknown\t-\t-\t2001:db8::1:"
          "2:3:4"
          "\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\tvGFzJKSXeWuV5b4i_"
          "wQ3LwC4KUgc2TCkx" COLUMNS_ABSENT_AFTER_REQUEST_ID);
    check("timestamp(ms)", "timestamp(ms) c-ip", "1792994400123\t192.0.2.1",
          "2026-10-26\t06:00:00\t-\t0\t192.0.2.1\tGET\t-\t-\t200\t-"
          "\tunknown" COLUMNS_ABSENT_AFTER_AGENT);
    check("timestamp where the date is absent", "date time timestamp c-ip",
          "-\t-\t1792994400\t192.0.2.1",
          "2026-10-26\t06:00:00\t-\t0\t192.0.2.1\tGET\t-\t-\t200\t-"
          "\tunknown" COLUMNS_ABSENT_AFTER_AGENT);
    check("x-host-header before cs(Host)", "date time cs(Host) x-host-header",
          "2026-10-31\t01:02:03\td1.cloudfront.net\twww.example.com",
          "2026-10-31\t01:02:03\t-\t0\t-\tGET\twww.example.com\t-\t200\t-"
          "\tunknown" COLUMNS_ABSENT_AFTER_AGENT);
    check("cs(Host) without x-host-header", "date time cs(Host) x-host-header",
          "2026-10-31\t01:02:03\td1.cloudfront.net\t-",
          "2026-10-31\t01:02:03\t-\t0\t-\tGET\td1.cloudfront.net\t-\t200\t-"
          "\tunknown" COLUMNS_ABSENT_AFTER_AGENT);
}

/* Absent values stay in a column that the log has; only a missing column gets another value. */
static void test_absent(void)
{
    check("absent values", E11, "2010-06-15\t12:00:00\t-\t-\t-\t-\t-\t-\t-\t-\t-",
          "2010-06-15\t12:00:00" COLUMNS_ABSENT_AFTER_TIME);
    check("2^53 bytes", E11, "2010-06-15\t12:00:00\t-\t9007199254740992\t-\t-\t-\t-\t-\t-\t-",
          "2010-06-15\t12:00:00\t-\t9007199254740992" COLUMNS_ABSENT_AFTER_BYTES);
}

static void test_options(void)
{
    static char got[1000];
    const char *names = "date time x-host-header cs(Host)";
    struct normalize_options distribution = {.host_cs_host = true};
    normalize(names, "2026-10-31\t01:02:03\twww.example.com\td1.cloudfront.net", false,
              distribution, got);
    is_text(got, strlen(got),
            "2026-10-31\t01:02:03\t-\t0\t-\tGET\td1.cloudfront.net\t-\t200\t-"
            "\tunknown" COLUMNS_ABSENT_AFTER_AGENT,
            "cs(Host) before x-host-header, by an option");
    normalize(names, "2026-10-31\t01:02:03\twww.example.com\t-", false, distribution, got);
    is_text(got, strlen(got),
            "2026-10-31\t01:02:03\t-\t0\t-\tGET\twww.example.com\t-\t200\t-"
            "\tunknown" COLUMNS_ABSENT_AFTER_AGENT,
            "x-host-header where cs(Host) is absent");
    normalize("date time x-host-header", "2026-10-31\t01:02:03\twww.example.com", false,
              distribution, got);
    is_text(got, strlen(got),
            "2026-10-31\t01:02:03\t-\t0\t-\tGET\twww.example.com\t-\t200\t-"
            "\tunknown" COLUMNS_ABSENT_AFTER_AGENT,
            "x-host-header alone, the last column of the log");
    normalize("date time x-forwarded-for", "2026-10-31\t01:02:03\t192.0.2.1", false,
              (struct normalize_options){.client.is_forwarded = true}, got);
    is_text(got, strlen(got),
            "2026-10-31\t01:02:03\t-\t0\t192.0.2.1\tGET\t-\t-\t200\t-"
            "\tunknown" COLUMNS_ABSENT_AFTER_AGENT,
            "x-forwarded-for without c-ip");
}

static void test_bad(void)
{
    check("too short", E11, "2010-06-15\t12:00:00\tDFW3\t100",
          "bad: the line has fewer fields than the #Fields header names");
    check("short but whole enough", E11,
          "2010-06-15\t12:00:00\tDFW3\t100\t192.0.2.1\tGET\th\t/a\t200",
          "2010-06-15\t12:00:00\tDFW3\t100\t192.0.2.1\tGET\th\t/"
          "a\t200\t-\t-\t-" COLUMNS_ABSENT_AFTER_QUERY);
    check("too long", E11, ROW11 "\tmore",
          "bad: the line has more fields than the #Fields header names");
    check("no date", "date time c-ip", "2026-02-30\t01:02:03\t-",
          "bad: the date is not a day of the calendar in the form YYYY-MM-DD");
    check("no time", "date time c-ip", "2026-02-03\t1:02:03\t-",
          "bad: the time is not a time of day in the form HH:MM:SS");
    check("absent date", "date time c-ip", "-\t01:02:03\t-",
          "bad: the record has neither date and time nor a timestamp");
    check("bytes", "date time sc-bytes", "2026-02-03\t01:02:03\t-5",
          "bad: sc-bytes is not a number from 0 to 2^53");
    check("more bytes than 2^53", "date time sc-bytes", "2026-02-03\t01:02:03\t9007199254740993",
          "bad: sc-bytes is not a number from 0 to 2^53");
    check("more bytes than 64 bits hold", "date time sc-bytes",
          "2026-02-03\t01:02:03\t18446744073709551617",
          "bad: sc-bytes is not a number from 0 to 2^53");
    check("status", "date time sc-status", "2026-02-03\t01:02:03\tOK",
          "bad: sc-status is not a number of three digits");
    check("no header", " \t ", "x",
          "bad: the #Fields header names no fields; put CloudFront's original log in its place");
    check("no time in the header", "c-ip", "x",
          "bad: the #Fields header has neither date and time nor timestamp; add date and time to "
          "the distribution's logging settings in CloudFront");
    check("the last column of the list", "date time DistributionId asn",
          "2026-10-31\t01:02:03\tE2EXAMPLE\t64500",
          "2026-10-31\t01:02:03\t-\t0\t-\tGET\t-\t-\t200\t-\tunknown\t-\t-\t-\t-\t-\t-\t-\t-\t-"
          "\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t64500\tE2EXAMPLE" COLUMNS_ABSENT_AFTER_DISTRIBUTION);
    check(
        "a name twice", "date time c-ip c-ip", "x",
        "bad: the #Fields header names a field twice; put CloudFront's original log in its place");
}

static void test_spaces(void)
{
    static char got[1000];
    const char *names = "date time c-ip x-forwarded-for cs-method";
    struct normalize_options forwarded = {.client.is_forwarded = true};
    normalize(names, "2026-10-31 01:02:03 192.0.2.1 198.51.100.1, 192.0.2.9, unknown GET", true,
              forwarded, got);
    is_text(got, strlen(got),
            "2026-10-31\t01:02:03\t-\t0\t198.51.100.1\tGET\t-\t-\t200\t-"
            "\tunknown" COLUMNS_ABSENT_AFTER_AGENT,
            "spaces inside x-forwarded-for of a space-separated row");
    normalize("date time c-ip cs-method", "2026-10-31 01:02:03 192.0.2.1 GET more", true, forwarded,
              got);
    is_text(got, strlen(got), "bad: the line has more fields than the #Fields header names",
            "more values than names, and no x-forwarded-for");
    normalize("date time x-forwarded-for", "2026-10-31 01:02:03 a b c", true, forwarded, got);
    is_text(got, strlen(got),
            "2026-10-31\t01:02:03\t-\t0\t-\tGET\t-\t-\t200\t-\tunknown" COLUMNS_ABSENT_AFTER_AGENT,
            "x-forwarded-for as the last column");
}

/* Normalizes a row with TABS TABs behind three values. */
static void test_many(size_t tabs, const char *want)
{
    static char row[1000], got[1000];
    char *end = stpcpy(row, "2026-10-31\t01:02:03\t192.0.2.1");
    memset(end, '\t', tabs);
    end[tabs] = '\0';
    normalize("date time c-ip", row, false, (struct normalize_options){0}, got);
    is_text(got, strlen(got), want, "TABs behind");
}

/* Splits a row of so many bytes 'a' with one other BYTE; returns whether it is plain. */
static bool is_plain(size_t size, size_t at, int byte, bool *is_copied)
{
    static struct fields fields;
    char *row = malloc(size + LINES_SLACK), out[3 * 100];
    memset(row, 'a', size);
    row[at] = (char)byte;
    fields_split_tab(&fields, row, size);
    *is_copied = decode_plain(row, size, out) == size && !memcmp(row, out, size);
    free(row);
    return fields.are_plain;
}

/* A row is plain if decode_plain() copies its values, and at no other time but for '!'. */
static void test_plain(void)
{
    int missed = 0, wrong = 0;
    for (size_t size = 1; size <= 100; size += size < 60 || size > 70 ? 3 : 1)
        for (size_t at = 0; at < size; at++)
            for (int byte = 0; byte < 256; byte++) {
                bool is_copied, plain = is_plain(size, at, byte, &is_copied);
                missed += byte == '\t' ? !plain : byte != '!' && is_copied && !plain;
                wrong += byte != '\t' && !is_copied && plain;
            }
    ok(!wrong, "a row with one value that is not plain is not plain");
    ok(!missed, "a row is plain when its values are, with TABs between");
}

int main(void)
{
    test_plain();
    test_many(FIELDS_MAX - 3, "2026-10-31\t01:02:03\t-\t0\t192.0.2.1\tGET\t-\t-\t200\t-"
                              "\tunknown" COLUMNS_ABSENT_AFTER_AGENT);
    test_many(FIELDS_MAX - 2, "bad: the line has more fields than the #Fields header names");
    test_many(FIELDS_MAX + 200, "bad: the line has more fields than the #Fields header names");
    test_columns();
    test_times();
    test_absent();
    test_options();
    test_bad();
    test_spaces();
    return done_testing();
}
