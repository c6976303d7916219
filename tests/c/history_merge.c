/* historyfile/merge: the same rows whatever the memory, and in any tree of merges. */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "files/read_file.h"
#include "historyfile/merge.h"
#include "memory/allocate.h"
#include "tap.h"

enum { FILES = 5, HOSTS = 6000, PAGES = 400, ROWS = 3000, ROOM = 64, TEXT_MAX = 16 * 1024 * 1024 };
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

/* Writes a history with random rows, some of the same hosts and pages as the others.  A visit goes on in some rows. */
static void write_history(const char *path)
{
    static const char *const sections[] = {"GENERAL", "VISITOR", "SESSION", "SIDER"};
    static bool is_there[HOSTS];
    long places[4], maps[4];
    FILE *file = fopen(path, "w");
    memset(is_there, 0, sizeof is_there);
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

int main(void)
{
    char paths[FILES][ROOM], whole[ROOM], output[ROOM], part[ROOM], other[ROOM];
    char *inputs[FILES + 1] = {0};
    struct buffer error = {0};
    if (!mkdtemp(folder))
        return 1;
    for (int i = 0; i < FILES; i++) {
        name(paths[i], "history", i);
        write_history(paths[i]);
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
    unlink(whole);
    unlink(output);
    unlink(part);
    unlink(other);
    ok(rmdir(folder) == 0, "nothing else is left");
    free(want);
    buffer_free(&error);
    return done_testing();
}
