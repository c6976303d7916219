/* normalized/figures: the text that the plugin writes, and texts that are malformed. */
#include <inttypes.h>
#include <stdint.h>

#include "normalized/figures.h"
#include "tap.h"

static bool is_name(struct field name, const char *text)
{
    return name.size == strlen(text) && !memcmp(name.text, text, name.size);
}

static void test_reading(void)
{
    struct figures figures;
    ok(figures_read(&figures, "records=60 counted=50 host=7 lists=3 hosts=a.example:4,b:2,c%2C:1"),
       "a text is read");
    ok(figures.number[FIGURE_RECORDS] == 60 && figures.number[FIGURE_COUNTED] == 50 &&
           figures.number[FIGURE_HOST] == 7 && figures.number[FIGURE_LISTS] == 3,
       "its numbers");
    ok(figures.number[FIGURE_METHOD] == 0, "a missing one is 0");
    ok(figures_left_out(&figures) == 10, "the sum of what is left out");
    struct field list = figures.names[FIGURE_NAMES_HOSTS], name;
    uint64_t records;
    ok(figures_next_name(&list, &name, &records) && is_name(name, "a.example") && records == 4,
       "the first name");
    ok(figures_next_name(&list, &name, &records) && is_name(name, "b") && records == 2,
       "the second name");
    ok(figures_next_name(&list, &name, &records) && is_name(name, "c%2C") && records == 1,
       "the third name");
    ok(!figures_next_name(&list, &name, &records), "no other name");
    ok(!figures.names[FIGURE_NAMES_METHODS].size, "names that are missing");
    ok(figures_read(&figures, "records=1 sooner=5"), "a figure of another version is skipped");
}

static void test_malformed(void)
{
    static const char *const texts[] = {
        "",
        " ",
        "records",
        "records=",
        "=1",
        "records=-1",
        "records=1x",
        "records=18446744073709551616",
        "records=1  counted=1",
        "records=1 ",
        " records=1",
        "re cords=1",
        "RECORDS=1",
        "an-unknown-one=1",
        "averyveryverylongnamexx=1",
        "hosts=",
        "hosts=a",
        "hosts=a:",
        "hosts=:1",
        "hosts=a:1,",
        "hosts=,a:1",
        "hosts=a:1;b:2",
        "hosts=a\tb:1",
        "hosts=\xc3\xa4:1",
        "records=1\ncounted=1",
    };
    struct figures figures;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ok(!figures_read(&figures, texts[i]), "malformed: '%zu'", i);
}

static void test_sums(void)
{
    struct figures sum = {0}, more;
    char text[FIGURES_TEXT_SIZE];
    figures_read(&more, "records=18446744073709551615 counted=5 method=1");
    figures_add(&sum, &more);
    figures_add(&sum, &more);
    ok(sum.number[FIGURE_COUNTED] == 10 && sum.number[FIGURE_METHOD] == 2, "numbers are added");
    ok(sum.number[FIGURE_RECORDS] == UINT64_MAX, "a sum that does not fit stays at its greatest");
    for (unsigned i = 0; i < FIGURES; i++)
        sum.number[i] = UINT64_MAX;
    figures_put(text, &sum);
    ok(figures_read(&more, text) && !memcmp(more.number, sum.number, sizeof sum.number),
       "what is written is read again");
    ok(figures_left_out(&sum) == UINT64_MAX, "the sum of what is left out is read again");
}

/* Each figure alone: what is counted, or left out by lists, is no error. */
static void test_none_counted(void)
{
    struct figures figures = {0};
    ok(!figures_are_none_counted(&figures), "a batch without records is no error");
    for (unsigned i = FIGURE_RECORDS + 1; i < FIGURES; i++) {
        figures = (struct figures){.number = {[FIGURE_RECORDS] = 3}};
        figures.number[i] = 2;
        bool is_settled =
            i == FIGURE_COUNTED || i == FIGURE_EARLIER || i == FIGURE_OLD || i == FIGURE_LISTS;
        ok(figures_are_none_counted(&figures) == !is_settled, "%s alone", figure_name(i));
        figures.number[FIGURE_HOST]++;
        figures.number[FIGURE_RECORDS]++;
        ok(figures_are_none_counted(&figures) == !is_settled, "%s, and a host", figure_name(i));
    }
}

static void test_clock(void)
{
    static const struct {
        const char *text;
        bool is_behind, is_part_behind;
    } cases[] = {
        {"records=10 future=0 later=10", false, false},
        {"records=2 future=1 later=1", true, false},
        {"records=3 future=1 later=1", false, false},
        {"records=3 future=1 later=2", true, false},
        {"records=100 future=40 later=40", false, false},
        {"records=100 future=40 later=41", false, false},
        {"records=100 future=1 later=3", false, false},
        {"records=100 future=2 later=4", true, true},
        {"records=18446744073709551615 future=1 later=9223372036854775807", false, false},
        {"records=18446744073709551615 future=1 later=9223372036854775808", true, false},
        {"records=5 future=5", false, false}, /* of an earlier version */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct figures figures;
        ok(figures_read(&figures, cases[i].text) &&
               figures_clock_is_behind(&figures) == cases[i].is_behind,
           "the clock: %s", cases[i].text);
        ok(figures_clock_is_behind_in_part(&figures) == cases[i].is_part_behind,
           "the clock, of a part: %s", cases[i].text);
    }
    struct figures sum = {0}, more;
    figures_read(&more, "records=5 clock=20261129100000 later=3 newest=20261201100000");
    figures_add(&sum, &more);
    figures_read(&more, "records=5 clock=20261128100000 later=4 newest=20261202100000");
    figures_add(&sum, &more);
    ok(sum.clock == 20261129100000 && sum.later == 7 && sum.newest == 20261202100000,
       "the clocks of two shards");
}

int main(void)
{
    test_none_counted();
    test_clock();
    test_reading();
    test_malformed();
    test_sums();
    return done_testing();
}
