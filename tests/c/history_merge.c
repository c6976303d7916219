/* historyfile/merge: with any memory, and in any tree of merges, the rows are the same, and so are the errors. */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/read_file.h"
#include "historyfile/merge.h"
#include "memory/allocate.h"
#include "tap.h"

enum { FILES = 5, HOSTS = 6000, PAGES = 400, ROWS = 3000, ROOM = 64, TEXT_MAX = 16 * 1024 * 1024 };
enum { MANY = 3, OWN_ROWS = 25000, FIRST = 10 };
enum { PLENTY = 64 * 1024 * 1024, LITTLE = 256 * 1024, LEAST = 16 * 1024 };

static char folder[] = "/tmp/history-merge-XXXXXX";
static unsigned long long state = 1;

static unsigned below(unsigned limit)
{
    return (unsigned)((next_random(&state) >> 16) % limit);
}

static void name(char path[ROOM], const char *base, int number)
{
    snprintf(path, ROOM, "%s/%s.%d", folder, base, number);
}

/* ---- histories ------------------------------------------------------------------------------ */

/* The rows of VISITOR, which have random hosts, some of the same as the others, and visits that mostly end. */
static void write_hosts(FILE *file)
{
    static bool is_there[HOSTS];
    memset(is_there, 0, sizeof is_there);
    for (int i = 0; i < ROWS; i++) {
        unsigned host = below(HOSTS), hour = 8 + below(4), minute = below(60);
        if (is_there[host])
            continue;
        is_there[host] = true;
        fprintf(file, "host%u.example %u %u %u 20261105%02u%02u30", host, below(5), 1 + below(9),
                below(10000000), hour, minute);
        if (below(3))
            fprintf(file, " 20261105%02u%02u00 /page%u", hour, below(minute + 1), below(PAGES));
        fprintf(file, "\n");
    }
}

/* Rows of hosts from number FIRST_HOST on, some blocks of them.  The last one is in each history, and in the
 * first block visits end.  LINE is in the middle. */
static void write_own_hosts(FILE *file, unsigned first_host, const char *line)
{
    for (unsigned i = 0; i < OWN_ROWS; i++) {
        unsigned host = i == OWN_ROWS - 1 ? 0 : first_host + i;
        unsigned hour = i < 1000 && i % 300 == 0 ? 9 : 12;
        fprintf(file, "192.%u.%u.%u %u %u 1 20261105%02u4500", host >> 16, host >> 8 & 255,
                host & 255, below(10000), 1 + below(90), hour);
        if (i % 3 == 0)
            fprintf(file, " 20261105%02u4400 /page%u", hour, below(PAGES));
        fprintf(file, "\n");
        if (i == OWN_ROWS / 2)
            fputs(line, file);
    }
}

/* Writes a history with random rows.  A visit goes on in some rows.  OWN_HOST: of write_own_hosts(), with LINE;
 * 0: the hosts of write_hosts(). */
static void write_history(const char *path, unsigned own_host, const char *line)
{
    static const char *const sections[] = {"GENERAL", "VISITOR", "SESSION", "SIDER"};
    long places[4], maps[4];
    FILE *file = fopen(path, "w");
    fprintf(file,
            "AWSTATS DATA FILE 7.8 (build 20200416)\n# If you remove this file, all statistics "
            "for date 202611 will be lost/reset.\nBEGIN_MAP 4\n");
    for (int i = 0; i < 4; i++) {
        fprintf(file, "POS_%s ", sections[i]);
        maps[i] = ftell(file);
        fprintf(file, "%20s\n", "");
    }
    fprintf(file, "END_MAP\n\n");
    places[0] = ftell(file);
    fprintf(file,
            "BEGIN_GENERAL 1\nLastLine 2026110512%02u00 1 2 3\nEND_GENERAL\n\n# The 10 first "
            "Pages must be first\n",
            below(60));
    places[1] = ftell(file);
    fprintf(file, "BEGIN_VISITOR 1\n");
    if (own_host)
        write_own_hosts(file, own_host, line);
    else
        write_hosts(file);
    fprintf(file, "END_VISITOR\n\n");
    places[2] = ftell(file);
    fprintf(file, "BEGIN_SESSION 1\n0s-30s %u\nEND_SESSION\n\n# The 10 first Pages must be first\n",
            below(100));
    places[3] = ftell(file);
    fprintf(file, "BEGIN_SIDER 1\n");
    for (int i = 0; i < PAGES; i++)
        fprintf(file, "/page%d %u 1 1 %u\n", i, 1 + below(1000), below(100));
    fprintf(file, "END_SIDER\n");
    for (int i = 0; i < 4; i++) {
        fseek(file, maps[i], SEEK_SET);
        fprintf(file, "%ld", places[i]);
    }
    fclose(file);
}

static bool merge(const char *output, char *const *inputs, size_t memory, struct buffer *error)
{
    struct history_merge_options options = {
        .output = output, .inputs = inputs, .memory = memory, .directory = folder};
    return history_merge(&options, error);
}

/* ---- their lines ---------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Returns the sorted lines of a file, without its map. */
static char *sorted(const char *path)
{
    size_t size, count = 0, capacity = 0, at = 0;
    char *text = read_file(path, TEXT_MAX, &size), **lines = NULL, *rest = text, *line;
    char *result = memory_allocate(size + 1, 1);
    while ((line = strsep(&rest, "\n"))) {
        if (!strncmp(line, "POS_", 4))
            continue;
        lines = array_grow(lines, count, &capacity, sizeof *lines);
        lines[count++] = line;
    }
    if (lines)
        qsort(lines, count, sizeof *lines, by_text);
    for (size_t i = 0; i < count; i++)
        at += (size_t)sprintf(result + at, "%s\n", lines[i]);
    free(lines);
    free(text);
    return result;
}

static void is_same(const char *path, const char *want, const char *what)
{
    char *got = sorted(path);
    ok(strcmp(got, want) == 0, "%s: the same lines", what);
    free(got);
}

/* ---- rows that are copied ------------------------------------------------------------------- */

/* Returns the first rows of VISITOR. */
static char *first_rows(const char *path)
{
    size_t size, rows = 0;
    char *text = read_file(path, TEXT_MAX, &size), *at = strstr(text, "\nBEGIN_VISITOR ");
    char *begin = at = at ? strchr(at + 1, '\n') + 1 : text + size;
    while (rows < FIRST && (at = strchr(at, '\n'))) {
        at++;
        rows++;
    }
    char *copy = memory_copy_bytes(begin, at ? (size_t)(at - begin) : 0);
    free(text);
    return copy;
}

/* Writes histories with hosts of their own, the second of which has LINE among its rows. */
static void write_many(char paths[MANY][ROOM], char *inputs[MANY + 1], const char *line)
{
    for (unsigned i = 0; i < MANY; i++) {
        name(paths[i], "many", (int)i);
        write_history(paths[i], 1 + i * OWN_ROWS, i == 1 ? line : "");
        inputs[i] = paths[i];
    }
    inputs[MANY] = NULL;
}

/* Merges the histories with much memory, where all rows are added, and with little, where most rows are copied. */
static void check_copies(const char *line, const char *what)
{
    char paths[MANY][ROOM], output[ROOM];
    char *inputs[MANY + 1];
    struct buffer error = {0};
    name(output, "output", 0);
    write_many(paths, inputs, line);
    ok(merge(output, inputs, PLENTY, &error), "%s: merged in memory", what);
    char *want = sorted(output), *first = first_rows(output);
    ok(strlen(want) > (size_t)MANY * OWN_ROWS * 20, "%s: many lines", what);
    ok(merge(output, inputs, LITTLE, &error), "%s: copied", what);
    char *got = first_rows(output);
    ok(*got && strcmp(got, first) == 0, "%s: the same first rows", what);
    is_same(output, want, what);
    struct rlimit before, few;
    if (getrlimit(RLIMIT_NOFILE, &before) < 0)
        abort();
    few = before;
    few.rlim_cur = 64;
    ok(setrlimit(RLIMIT_NOFILE, &few) == 0 && merge(output, inputs, LITTLE, &error) &&
           setrlimit(RLIMIT_NOFILE, &before) == 0,
       "%s: few descriptors: merged", what);
    is_same(output, want, what);
    for (int i = 0; i < MANY; i++)
        unlink(paths[i]);
    unlink(output);
    free(want);
    free(first);
    free(got);
    buffer_free(&error);
}

/* Expects the same error with much memory and with little.  CUT bytes are missing at the end of the second
 * history. */
static void check_error(const char *line, off_t cut, const char *want, const char *what)
{
    char paths[MANY][ROOM], output[ROOM];
    char *inputs[MANY + 1];
    struct buffer plenty = {0}, little = {0};
    struct stat status;
    name(output, "output", 0);
    write_many(paths, inputs, line);
    if (stat(paths[1], &status) < 0 || truncate(paths[1], status.st_size - cut) < 0)
        abort();
    ok(!merge(output, inputs, PLENTY, &plenty) && !merge(output, inputs, LITTLE, &little),
       "%s: refused", what);
    ok(strstr(little.data, want) && strcmp(plenty.data, little.data) == 0, "%s: the error: %s",
       what, little.data);
    ok(access(output, F_OK) < 0, "%s: no output", what);
    for (int i = 0; i < MANY; i++)
        unlink(paths[i]);
    buffer_free(&plenty);
    buffer_free(&little);
}

int main(void)
{
    char paths[FILES][ROOM], whole[ROOM], output[ROOM], part[ROOM], other[ROOM];
    char *inputs[FILES + 1] = {0};
    struct buffer error = {0};
    if (!mkdtemp(folder))
        return 1;
    for (int i = 0; i < FILES; i++) {
        name(paths[i], "history", i);
        write_history(paths[i], 0, "");
        inputs[i] = paths[i];
    }
    name(whole, "whole", 0);
    name(output, "output", 0);
    name(part, "part", 0);
    name(other, "other", 0);
    ok(merge(whole, inputs, PLENTY, &error), "in memory: merged");
    char *want = sorted(whole);
    ok(strlen(want) > ROWS * 30, "in memory: many lines");
    ok(merge(output, inputs, LITTLE, &error), "in little memory: merged");
    is_same(output, want, "in little memory");
    ok(merge(output, inputs, LEAST, &error), "partitions are divided again: merged");
    is_same(output, want, "partitions are divided again");
    for (int first = 1; first < FILES; first++) {
        char *left[FILES + 1] = {0}, *right[FILES + 1] = {0};
        memcpy(left, inputs, (size_t)first * sizeof *left);
        memcpy(right, inputs + first, (size_t)(FILES - first) * sizeof *right);
        ok(merge(part, left, LITTLE, &error) && merge(other, right, PLENTY, &error) &&
               merge(output, (char *[]){other, part, NULL}, PLENTY, &error),
           "in a tree, %d and %d: merged", first, FILES - first);
        is_same(output, want, "in a tree");
    }
    struct history_merge_options options = {
        .output = output, .inputs = inputs, .memory = LEAST, .directory = "/nonexistent"};
    ok(!history_merge(&options, &error) &&
           !strcmp(error.data, "/nonexistent: No such file or directory; this folder has the "
                               "temporary files (TMPDIR names another)"),
       "no folder for temporary files: the error");
    is_same(output, want, "no folder for temporary files");
    for (int i = 0; i < FILES; i++)
        unlink(paths[i]);
    unlink(output);
    check_copies("", "rows of one file");
    check_copies(
        " 5 5 5 20261105090000\nspace\t 7 7 7 20261105090000\nEND_host 9 9 9 20261105124500\n",
        "rows with white space");
    char long_row[1024];
    snprintf(long_row, sizeof long_row, "%0700d.example 20000 1 1 20261105124500\n", 1);
    check_copies(long_row, "a first row that is long");
    check_error("host 1 x 1 20261105090000\n", 0, "AWStats writes no such line", "a damaged row");
    check_error("", 20000, "it was cut off", "a file that was cut off");
    check_error("host 1\n", 20000, "no such line", "a damaged row in a file that was cut off");
    unlink(whole);
    unlink(output);
    unlink(part);
    unlink(other);
    ok(rmdir(folder) == 0, "nothing else is left");
    free(want);
    buffer_free(&error);
    return done_testing();
}
