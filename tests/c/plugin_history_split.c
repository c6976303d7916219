/* plugin/history/split: every line is split as a plain splitter splits it, or left to AWStats; every number is
 * read as the C library reads it, or not at all. */
#include <stdlib.h>

#include "history/split.h"
#include "tap.h"

enum { LINES = 300000, LINE_ROOM = 64, FIELDS_ROOM = LINE_ROOM };

/* White space to perl, in bytes. */
static const char white[] = " \t\n\v\f\r";

/* Finds the fields of a line as perl's split(/\s+/) does.  Returns 0 when the line has other white space than
 * single spaces. */
static size_t expect(const char *line, size_t size, struct field *field)
{
    size_t fields = 0, start = 0;
    if (size == 0 || line[size - 1] != '\n')
        return 0;
    for (size_t i = 0; i < size; i++) {
        if (!line[i] || !strchr(white, line[i]))
            continue;
        if (line[i] != (i == size - 1 ? '\n' : ' '))
            return 0;
        if (i > start)
            field[fields++] = (struct field){line + start, i - start};
        else if (i < size - 1 || fields == 0)
            return 0;
        start = i + 1;
    }
    return fields <= HISTORY_FIELDS ? fields : 0;
}

/* Splits a copy of the line in memory of just its size, and compares the fields. */
static bool agrees(const char *bytes, size_t size, size_t *fields)
{
    char *line = malloc(size ? size : 1);
    memcpy(line, bytes, size);
    struct field want[FIELDS_ROOM];
    struct history_line got;
    *fields = expect(line, size, want);
    bool split = history_line_split(&got, line, size);
    bool same = split == (*fields > 0) && (!split || got.fields == *fields);
    for (size_t i = 0; same && split && i < *fields; i++)
        same = got.field[i].text == want[i].text && got.field[i].size == want[i].size;
    free(line);
    return same;
}

static void is_split(size_t expected, const char *line, const char *name)
{
    size_t fields;
    bool same = agrees(line, strlen(line), &fields);
    ok(same && fields == expected, "%s", name);
}

static void test_lines(void)
{
    is_split(5, "192.0.2.1 3 14 1592 20261031235959\n", "a line");
    is_split(5, "192.0.2.1 0 1 0 20261031235959 \n", "a space at the end");
    is_split(1, "END_VISITOR\n", "one field");
    is_split(8, "a b c d e f g h\n", "as many fields as there may be");
    is_split(8, "a b c d e f g h \n", "as many, and a space");
    is_split(0, "a b c d e f g h i\n", "one field more");
    is_split(2, "caf\xe9 \x1f\n", "bytes that are no white space");
    is_split(0, "", "nothing");
    is_split(0, "\n", "an empty line");
    is_split(0, " \n", "a space");
    is_split(0, "a", "no end");
    is_split(0, " a\n", "a space before");
    is_split(0, "a  b\n", "two spaces");
    is_split(0, "a b  \n", "two spaces at the end");
    is_split(0, "a\tb\n", "a TAB");
    is_split(0, "a b\r\n", "a CR");
    is_split(0, "a\vb\n", "a vertical TAB");
}

static void test_random_lines(void)
{
    static const char bytes[] = "aaa0      \n\t\v\f\r\0\x1f\x80\xff";
    unsigned long long random = 1;
    size_t good = 0, wrong = 0;
    for (int n = 0; n < LINES; n++) {
        char line[LINE_ROOM];
        size_t size = (size_t)(next_random(&random) >> 16) % (sizeof line - 1);
        for (size_t i = 0; i < size; i++) {
            size_t kinds = next_random(&random) >> 16 & 15 ? 10 : sizeof bytes - 1;
            line[i] = bytes[(size_t)(next_random(&random) >> 16) % kinds];
        }
        line[size++] = '\n';
        size_t fields;
        wrong += !agrees(line, size, &fields);
        good += fields > 0;
    }
    ok(wrong == 0, "%d random lines, %zu wrong", LINES, wrong);
    ok(good > LINES / 100, "%zu of them are split", good);
}

static void is_number(const char *text, bool expected)
{
    uint64_t number = 0;
    const struct field field = {text, strlen(text)};
    bool read = history_number(&field, &number);
    ok(read == expected && (!read || number == strtoull(text, NULL, 10)), "number '%s'", text);
}

static void test_numbers(void)
{
    static const char *const numbers[] = {"0", "1", "9", "10", "4294967296", "999999999999999999"};
    static const char *const others[] = {
        "",
        "00",
        "007",
        "-1",
        "+1",
        "1.5",
        "1e3",
        "1 ",
        " 1",
        "1a",
        "/",
        "1:",
        "٣",
        "0x1",
        "1000000000000000000",
        "9223372036854775807",
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        is_number(numbers[i], true);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        is_number(others[i], false);
}

int main(void)
{
    test_lines();
    test_random_lines();
    test_numbers();
    return done_testing();
}
