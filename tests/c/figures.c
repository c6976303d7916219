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
    ok(figures_read(&figures, "records=1 later=5"), "a figure of another version is skipped");
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

int main(void)
{
    test_reading();
    test_malformed();
    test_sums();
    return done_testing();
}
