#include "historyfile/visit.h"

#include <string.h>
#include <time.h>

#include "normalized/ascii.h"

/* Returns the seconds since 1970 of a time, YYYYMMDDHHMMSS.  Takes the time as UTC, since only differences matter.
 * AWStats uses local time, so a visit while the clocks change may differ by that hour. */
static int64_t seconds_of(uint64_t time)
{
    struct tm parts = {.tm_sec = (int)(time % 100),
                       .tm_min = (int)(time / 100 % 100),
                       .tm_hour = (int)(time / 10000 % 100),
                       .tm_mday = (int)(time / 1000000 % 100),
                       .tm_mon = (int)(time / 100000000 % 100) - 1,
                       .tm_year = (int)(time / 10000000000 % 10000) - 1900};
    return timegm(&parts);
}

const char *history_visit_range(const struct history_visit *visit)
{
    static const struct {
        int64_t seconds;
        const char *range;
    } ranges[] = {{30, "0s-30s"},    {120, "30s-2mn"},    {300, "2mn-5mn"},
                  {900, "5mn-15mn"}, {1800, "15mn-30mn"}, {3600, "30mn-1h"}};
    int64_t length = seconds_of(visit->last) - seconds_of(visit->start);
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (length <= ranges[i].seconds)
            return ranges[i].range;
    return "1h+";
}

/* AWStats writes the page of a visit as the log has it, but changes pages of SIDER by s/([^:])\/\//$1\//g.  Perl
 * finds the matches from left to right, and a slash of one match does not begin another match. */
void history_visit_page(const struct history_visit *visit, struct buffer *key)
{
    const char *page = visit->page;
    for (size_t i = 0; i < visit->page_size; i++) {
        buffer_add(key, &page[i], 1);
        if (visit->page_size - i > 2 && page[i] != ':' && page[i + 1] == '/' &&
            page[i + 2] == '/') {
            buffer_add(key, "/", 1);
            i += 2;
        }
    }
}

static size_t digits_at(const char *text, size_t size)
{
    size_t digits = 0;
    while (digits < size && ascii_is_digit(text[digits]))
        digits++;
    return digits;
}

/* /^\d+\.\d+\.\d+\.\d+$/ */
static bool is_ipv4(const char *host, size_t size)
{
    for (unsigned part = 1;; part++) {
        size_t digits = digits_at(host, size);
        if (!digits || part == 4)
            return digits && digits == size;
        host += digits;
        size -= digits;
        if (!size || *host != '.')
            return false;
        host++;
        size--;
    }
}

/* /^[0-9A-F]*:/i */
static bool is_ipv6(const char *host, size_t size)
{
    const char *colon = memchr(host, ':', size);
    static const char digits[] = "0123456789ABCDEFabcdef";
    if (!colon)
        return false;
    for (; host < colon; host++)
        if (!*host || !strchr(digits, *host))
            return false;
    return true;
}

bool history_host_is_address(const char *host, size_t size)
{
    return is_ipv4(host, size) || is_ipv6(host, size);
}
