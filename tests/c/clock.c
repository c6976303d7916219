/* normalized/clock: compared with the C library's timegm() and gmtime() on every day it accepts. */
#include <time.h>

#include "normalized/clock.h"
#include "tap.h"

enum { DAYS = 49673 };

static void test_every_day(void)
{
    int wrong_parsed = 0, wrong_written = 0;
    for (uint32_t day = 0; day < DAYS; day++) {
        time_t seconds = (time_t)day * 86400 + (day * 7919) % 86400;
        struct tm tm;
        char want_date[16], want_time[16], date[CLOCK_DATE_SIZE], clock[CLOCK_TIME_SIZE];
        gmtime_r(&seconds, &tm);
        strftime(want_date, sizeof want_date, "%Y-%m-%d", &tm);
        strftime(want_time, sizeof want_time, "%H:%M:%S", &tm);
        uint32_t got_day = 0, got_seconds = 0;
        if (clock_parse_date(want_date, 10, &got_day) != 10 || got_day != day ||
            clock_parse_time(want_time, 8, &got_seconds) != 8 ||
            got_seconds != (uint32_t)(seconds % 86400))
            wrong_parsed++;
        clock_format((uint32_t)seconds, date, clock);
        if (memcmp(date, want_date, 10) || memcmp(clock, want_time, 8))
            wrong_written++;
    }
    ok(!wrong_parsed, "every day from 1970 to 2105 is read (%d wrong)", wrong_parsed);
    ok(!wrong_written, "every day from 1970 to 2105 is written (%d wrong)", wrong_written);
}

static void test_refused(void)
{
    static const char *const dates[] = {"2026-02-29", "2100-02-29", "2026-04-31", "2026-00-10",
                                        "2026-13-01", "2026-10-32", "2026-10-00", "1969-12-31",
                                        "2106-01-01", "2026/10/01", "2026-1-001", " 026-10-01",
                                        "2026-10-0x", "+026-10-01", "----------"};
    static const char *const times[] = {"24:00:00", "12:60:00", "12:00:60", "1:00:000", "12-00-00",
                                        "12:00:0 ", "aa:bb:cc", "23:59:61", "::::::::"};
    uint32_t value;
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++)
        ok(!clock_parse_date(dates[i], 10, &value), "%s is refused", dates[i]);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        ok(!clock_parse_time(times[i], 8, &value), "%s is refused", times[i]);
    ok(!clock_parse_date("2026-10-011", 11, &value), "a longer date is refused");
    ok(!clock_parse_time("12:00:0", 7, &value), "a shorter time is refused");
    ok(clock_parse_time("23:59:60", 8, &value) && value == 86400, "a leap second is read");
    ok(clock_parse_date("2096-02-29", 10, &value), "a leap day is read");
}

/* Every text of eight digits and colons in the places of a time: read exactly when its parts are in
 * range. */
static void test_every_time(void)
{
    int wrong = 0;
    for (unsigned hour = 0; hour < 100; hour++)
        for (unsigned minute = 0; minute < 100; minute++)
            for (unsigned second = 0; second < 100; second++) {
                char text[32];
                struct clock_time time = {0};
                bool want = hour < 24 && minute < 60 &&
                            (second < 60 || (hour == 23 && minute == 59 && second == 60));
                snprintf(text, sizeof text, "%02u:%02u:%02u", hour, minute, second);
                bool got = clock_read_time(text, 8, &time) == 8;
                wrong +=
                    got != want ||
                    (got && (time.hour != hour || time.minute != minute || time.second != second));
            }
    ok(!wrong, "every time of day is read, and no other (%d wrong)", wrong);
}

/* Every byte in every place of a date. */
static void test_every_byte(void)
{
    int wrong = 0;
    for (int place = 0; place < 10; place++)
        for (int byte = 0; byte < 256; byte++) {
            char text[] = "2000-10-10";
            struct clock_date date;
            text[place] = (char)byte;
            bool want = strchr("47", '0' + place) ? byte == '-' : byte >= '0' && byte <= '9';
            if (place == 5)
                want = byte == '1';
            if (place == 6)
                want = byte >= '0' && byte <= '2';
            if (place == 8)
                want = byte >= '1' && byte <= '3';
            wrong += (clock_read_date(text, 10, &date) == 10) != want;
        }
    struct clock_date date;
    ok(!wrong, "every byte in every place of a date (%d wrong)", wrong);
    ok(clock_read_date("0000-02-29", 10, &date) && date.year == 0 && date.month == 2 &&
           date.day == 29,
       "the year 0");
    ok(clock_read_date("9999-12-31", 10, &date) && date.year == 9999, "the year 9999");
    ok(!clock_read_date("1900-02-29", 10, &date), "1900 has no leap day");
}

static void test_epoch(void)
{
    uint32_t value = 0;
    ok(clock_parse_epoch("1700000000", 10, 1, &value) && value == 1700000000, "epoch seconds");
    ok(clock_parse_epoch("1700000000.987", 14, 1, &value) && value == 1700000000,
       "with a fraction");
    ok(clock_parse_epoch("1700000000987", 13, 1000, &value) && value == 1700000000, "milliseconds");
    static const char *const refused[] = {
        "",           "-1", "1700000000.", ".5", "1e9", "17000000000", "99999999999999999999999999",
        "1700000000 "};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        ok(!clock_parse_epoch(refused[i], strlen(refused[i]), 1, &value), "\"%s\" is refused",
           refused[i]);
}

int main(void)
{
    test_every_day();
    test_refused();
    test_every_time();
    test_every_byte();
    test_epoch();
    return done_testing();
}
