/* shards/merged_log: reads the logs of any number of parts as one log, ordered by time, and by part within one
 * second.  A damaged or missing log is an error. */
#include "shards/merged_log.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "scratch.h"
#include "shards/shard_log.h"

enum { PARTS_MAX = 17, RECORDS = 40, PATH_SIZE = 128 };

static char scratch[SCRATCH_SIZE];
static char folder_names[PARTS_MAX][8];
static char *folders[PARTS_MAX];
static struct buffer error;

/* The seconds of each part's records, in their order. */
static unsigned seconds[PARTS_MAX][RECORDS], counts[PARTS_MAX];

static void path_of_part(char path[PATH_SIZE], unsigned part)
{
    snprintf(path, PATH_SIZE, "%s/%s/0.zst", scratch, folders[part]);
}

static bool write_part(unsigned part)
{
    char path[PATH_SIZE], record[64];
    path_of_part(path, part);
    unlink(path);
    struct shard_writer *writer = shard_writer_new(path, &error);
    bool done = writer != NULL;
    for (unsigned i = 0; done && i < counts[part]; i++) {
        int size = snprintf(record, sizeof record, "2026-11-01\t10:%02u:%02u\t%u\t%u\n",
                            seconds[part][i] / 60, seconds[part][i] % 60, part, i);
        done = shard_writer_put(writer, record, (size_t)size);
    }
    return done && shard_writer_end(writer);
}

/* Gives each part sorted records of few different seconds; some parts have none. */
static bool make_parts(unsigned parts, unsigned long long *state)
{
    bool done = true;
    for (unsigned part = 0; part < parts; part++) {
        unsigned second = 0;
        counts[part] = part % 5 == 3 ? 0 : (unsigned)(next_random(state) % RECORDS);
        for (unsigned i = 0; i < counts[part]; i++)
            seconds[part][i] = second += (unsigned)(next_random(state) % 3);
        done = done && write_part(part);
    }
    return done;
}

/* Finds the part of the next record: the first part with the earliest second.  Returns false at the end. */
static bool find_next(const unsigned *next, unsigned parts, unsigned *found)
{
    *found = parts;
    for (unsigned part = 0; part < parts; part++)
        if (next[part] < counts[part] &&
            (*found == parts || seconds[part][next[part]] < seconds[*found][next[*found]]))
            *found = part;
    return *found < parts;
}

static void read_parts(unsigned parts)
{
    unsigned next[PARTS_MAX] = {0}, wrong = 0, count = 0, wanted, part, number;
    struct merged_log *log = merged_log_new(scratch, folders, parts, 0, &error);
    const char *record;
    size_t size;
    int more = -1;
    while (log && (more = merged_log_next(log, &record, &size)) > 0) {
        bool is_right = find_next(next, parts, &wanted) && record[size - 1] == '\n' &&
                        sscanf(record + 20, "%u %u", &part, &number) == 2 && part == wanted &&
                        number == next[wanted];
        wrong += !is_right;
        next[wanted < parts ? wanted : 0]++;
        count++;
    }
    ok(more == 0 && !wrong && !find_next(next, parts, &wanted),
       "%u parts: %u records in their order, %u wrong", parts, count, wrong);
    merged_log_free(log);
}

/* Reads the logs of two parts, the second of which is bad. */
static void read_bad(const char *name, const char *message)
{
    const char *record;
    size_t size;
    int more = -1;
    buffer_clear(&error);
    struct merged_log *log = merged_log_new(scratch, folders, 2, 0, &error);
    while (log && (more = merged_log_next(log, &record, &size)) > 0)
        ;
    ok(more < 0 && error.size && strstr(error.data, message), "%s: %s", name,
       error.size ? error.data : "");
    merged_log_free(log);
}

int main(void)
{
    unsigned long long state = 7;
    char path[PATH_SIZE];
    struct stat status;
    if (!scratch_make(scratch))
        return 1;
    for (unsigned part = 0; part < PARTS_MAX; part++) {
        snprintf(folder_names[part], sizeof *folder_names, "%u", part);
        folders[part] = folder_names[part];
        snprintf(path, sizeof path, "%s/%s", scratch, folders[part]);
        mkdir(path, 0755);
    }
    for (unsigned parts = 1; parts <= PARTS_MAX; parts++) {
        if (!make_parts(parts, &state))
            printf("Bail out! %s\n", error.data);
        read_parts(parts);
    }

    counts[0] = counts[1] = RECORDS;
    for (unsigned i = 0; i < RECORDS; i++)
        seconds[0][i] = seconds[1][i] = (unsigned)(next_random(&state) % 60 + 60 * i);
    path_of_part(path, 1);
    ok(write_part(0) && write_part(1) && stat(path, &status) == 0, "two logs");
    ok(truncate(path, status.st_size - 5) == 0, "one is cut");
    read_bad("a log without its end", "the log is truncated");
    unlink(path);
    read_bad("no log", "No such file");

    for (unsigned part = 0; part < PARTS_MAX; part++) {
        path_of_part(path, part);
        unlink(path);
        *strrchr(path, '/') = '\0';
        rmdir(path);
    }
    buffer_free(&error);
    scratch_end(scratch);
    return done_testing();
}
