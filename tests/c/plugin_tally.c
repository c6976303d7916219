/* plugin/loop/tally: counts records, names in bounded memory, and times after the clock. */
#include <stdlib.h>

#include "loop/tally.h"
#include "tap.h"

enum { NAMES = 30000, CLOCK = 1772359200 /* 2026-03-01 10:00:00 */ };

static void tell(struct tally *tally, enum figure figure, const char *name, size_t size)
{
    tally_tell(tally, &(struct tally_item){figure, {name, size}});
}

static uint64_t records_of(struct tally *tally, const char *name, size_t size)
{
    struct tally_name *found = table_look_up(&tally->names[FIGURE_NAMES_HOSTS], name, size);
    return found ? found->records : 0;
}

/* A hostile log has any number of hosts, and any length of names. */
static void test_bounded(void)
{
    struct tally tally;
    char name[1000];
    tally_init(&tally, CLOCK, 1);
    tell(&tally, FIGURE_HOST, "first.example.com", 17);
    for (unsigned i = 0; i < NAMES; i++) {
        int size = snprintf(name, sizeof name, "host%u.example.net", i);
        tell(&tally, FIGURE_HOST, name, (size_t)size);
        tell(&tally, FIGURE_HOST, "first.example.com", 17);
    }
    const struct table *hosts = &tally.names[FIGURE_NAMES_HOSTS];
    ok(tally.number[FIGURE_HOST] == 2 * NAMES + 1, "all records are counted");
    ok(hosts->entries == TALLY_NAMES_MAX, "the greatest number of names is distinguished");
    ok(records_of(&tally, "first.example.com", 17) == NAMES + 1,
       "the records of a distinguished name are counted exactly");
    tally_free(&tally);

    tally_init(&tally, CLOCK, 1);
    memset(name, 'x', sizeof name);
    tell(&tally, FIGURE_HOST, name, sizeof name);
    ok(records_of(&tally, name, TALLY_NAME_SIZE) == 1, "a long name is cut");
    tell(&tally, FIGURE_METHOD, "TRACE", 5);
    tell(&tally, FIGURE_COUNTED, NULL, 0);
    tell(&tally, FIGURES, NULL, 0);
    ok(tally.names[FIGURE_NAMES_METHODS].entries == 1, "methods are other names");
    ok(tally.number[FIGURE_COUNTED] == 1 && tally.number[FIGURE_METHOD] == 1, "figures");
    tally_free(&tally);
}

/* What two tallies were told is as if one had been told all. */
static void test_add(void)
{
    struct tally tally, from;
    tally_init(&tally, CLOCK, 1);
    tally_init(&from, 0, 2);
    tell(&tally, FIGURE_HOST, "a.example.com", 13);
    tell(&tally, FIGURE_COUNTED, NULL, 0);
    tell(&from, FIGURE_HOST, "a.example.com", 13);
    tell(&from, FIGURE_HOST, "a.example.com", 13);
    tell(&from, FIGURE_HOST, "b.example.com", 13);
    tell(&from, FIGURE_METHOD, "TRACE", 5);
    tally_add(&tally, &from);
    ok(tally.number[FIGURE_HOST] == 4 && tally.number[FIGURE_COUNTED] == 1 &&
           tally.number[FIGURE_METHOD] == 1,
       "figures add up");
    ok(records_of(&tally, "a.example.com", 13) == 3 && records_of(&tally, "b.example.com", 13) == 1,
       "names, too");
    ok(tally.names[FIGURE_NAMES_METHODS].entries == 1, "those of methods remain apart");
    tally_add(&tally, &from);
    ok(tally.number[FIGURE_HOST] == 4 && records_of(&tally, "a.example.com", 13) == 3,
       "what was added is forgotten");
    tally_free(&tally);
    tally_free(&from);
}

static void see(struct tally *tally, const char *line)
{
    size_t size = strlen(line);
    char *copy = malloc(size);
    memcpy(copy, line, size);
    tally_see(tally, copy, size);
    free(copy);
}

static void test_clock(void)
{
    struct tally tally;
    tally_init(&tally, CLOCK, 1);
    see(&tally, "2026-03-01\t10:00:00\tx\n");
    see(&tally, "2025-12-31\t23:59:59\tx\n");
    ok(tally.later == 0 && !*tally.newest, "no record is later than the clock");
    see(&tally, "2026-03-01\t10:00:01\tx\n");
    see(&tally, "2027-01-01\t00:00:00\tx\n");
    see(&tally, "2026-03-01\t10:00:02\tx\n");
    ok(tally.later == 3, "three records are later than the clock");
    ok(!memcmp(tally.newest, "2027-01-01\t00:00:00", TALLY_TIME_SIZE), "the latest of them");
    see(&tally, "9999-99-99\t99:99:99\tx\n");
    see(&tally, "zzzz-01-01\t00:00:00\tx\n");
    see(&tally, "2027-01-01\n");
    see(&tally, "\n");
    ok(tally.later == 3, "a malformed time is not later than the clock");
    ok(tally.number[FIGURE_RECORDS] == 9, "all are counted as records");
    tally_free(&tally);
}

int main(void)
{
    test_bounded();
    test_add();
    test_clock();
    return done_testing();
}
