/* historyfile/visit: an ended visit changes the history as in AWStats. */
#include "historyfile/visit.h"

#include "tap.h"

static void read_ranges(void)
{
    static const struct {
        uint64_t start, last;
        const char *range;
    } cases[] = {
        {20261101100000, 20261101100000, "0s-30s"},
        {20261101100000, 20261101100030, "0s-30s"},
        {20261101100000, 20261101100031, "30s-2mn"},
        {20261101100000, 20261101100200, "30s-2mn"},
        {20261101100000, 20261101100201, "2mn-5mn"},
        {20261101100000, 20261101100500, "2mn-5mn"},
        {20261101100000, 20261101100501, "5mn-15mn"},
        {20261101100000, 20261101101500, "5mn-15mn"},
        {20261101100000, 20261101101501, "15mn-30mn"},
        {20261101100000, 20261101103000, "15mn-30mn"},
        {20261101100000, 20261101103001, "30mn-1h"},
        {20261101100000, 20261101110000, "30mn-1h"},
        {20261101100000, 20261101110001, "1h+"},
        {20261101100000, 20261105100000, "1h+"},
        {20261231235950, 20270101000020, "0s-30s"},
        {20280228235950, 20280301000000, "1h+"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct history_visit visit = {.start = cases[i].start, .last = cases[i].last};
        char name[64];
        snprintf(name, sizeof name, "from %llu to %llu", (unsigned long long)visit.start,
                 (unsigned long long)visit.last);
        const char *range = history_visit_range(&visit);
        is_text(range, strlen(range), cases[i].range, name);
    }
}

/* Compares pages with the results of perl's s/([^:])\/\//$1\//g. */
static void read_pages(void)
{
    static const char *const pages[][2] = {
        {"", ""},
        {"/", "/"},
        {"//", "//"},
        {"///", "//"},
        {"/a//b", "/a/b"},
        {"/a///b", "/a//b"},
        {"/a////b", "/a///b"},
        {"/a/////b", "/a///b"},
        {"/a//", "/a/"},
        {"http://a//b", "http://a/b"},
        {"http:///a", "http://a"},
        {"a://", "a://"},
    };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        const struct history_visit visit = {.page = pages[i][0], .page_size = strlen(pages[i][0])};
        struct buffer key = {0};
        buffer_add_text(&key, "");
        history_visit_page(&visit, &key);
        is_text(key.data, key.size, pages[i][1], *pages[i][0] ? pages[i][0] : "no page");
        buffer_free(&key);
    }
}

static void read_hosts(void)
{
    static const char *const addresses[] = {"192.0.2.1", "0.0.0.0", "999.1.22.333", "2001:db8::7",
                                            "::1",       ":",       "AF:x"};
    static const char *const names[] = {"",           "192.0.2",    "192.0.2.", "192.0.2.1.",
                                        "192.0.2.1a", "a192.0.2.1", "..",       "192..2.1",
                                        "g::1",       "host:80",    "2001"};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        ok(history_host_is_address(addresses[i], strlen(addresses[i])), "%s is an address",
           addresses[i]);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ok(!history_host_is_address(names[i], strlen(names[i])), "\"%s\" is a name", names[i]);
}

int main(void)
{
    read_ranges();
    read_pages();
    read_hosts();
    return done_testing();
}
