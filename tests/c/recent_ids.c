/* unique/recent_ids: request IDs in batches, compared with a plain search over all of them. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"
#include "unique/id_set.h"
#include "unique/recent_ids.h"

enum { BATCHES = 20, RECORDS = 400, HOUR = 3600, START = 1790000000 };

static char folder[] = "/tmp/recent-ids-XXXXXX";

static const char *path_of(char path[64], int batch)
{
    snprintf(path, 64, "%s/%d", folder, batch);
    return path;
}

struct seen {
    unsigned id;
    uint32_t time;
};

static int by_time(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    return (x->time > y->time) - (x->time < y->time);
}

/* Returns a record of an ID, which has a time of its own; CloudFront uses no ID again later. */
static struct seen record_of(unsigned id)
{
    return (struct seen){id, (uint32_t)(START + (int)id * 3 * 60 + rand() % (40 * HOUR))};
}

/* Batch after batch, ten hours further each, with records up to 90 hours apart and many repeated
 * IDs. */
static void test_batches(void)
{
    static struct seen all[BATCHES * RECORDS];
    size_t count = 0;
    int wrong = 0, failed = 0, repeats = 0;
    srand(1);
    for (int batch = 0; batch < BATCHES; batch++) {
        char before[64], after[64], id[32];
        struct seen records[RECORDS];
        struct buffer error = {0};
        size_t known = count;
        struct recent_ids *ids = recent_ids_open(batch ? path_of(before, batch - 1) : NULL,
                                                 path_of(after, batch), &error);
        for (int i = 0; i < RECORDS; i++)
            records[i] = record_of((unsigned)(batch * 200 + rand() % 1000));
        qsort(records, RECORDS, sizeof *records, by_time);
        for (int i = 0; ids && i < RECORDS; i++) {
            bool is_new = true;
            /* The file keeps IDs up to 48 hours older than the last record of the batch before.  An ID is
             * found up to 48 hours before and after its time. */
            for (size_t k = 0; k < count; k++)
                is_new &= all[k].id != records[i].id ||
                          llabs((long long)all[k].time - records[i].time) > 48 * HOUR;
            snprintf(id, sizeof id, "id-%u", records[i].id);
            int result = recent_ids_add(ids, records[i].time, id, strlen(id));
            wrong += result != is_new;
            repeats += !is_new;
            if (is_new)
                all[count++] = records[i];
        }
        failed += !ids || !recent_ids_finish(ids) || error.size;
        recent_ids_close(ids);
        buffer_free(&error);
        /* IDs that are too old for the file are never compared again. */
        uint32_t last = 0;
        for (size_t k = 0; k < known; k++)
            last = all[k].time > last ? all[k].time : last;
        size_t kept = 0;
        for (size_t k = 0; k < count; k++)
            if ((uint64_t)all[k].time + 48 * HOUR >= last)
                all[kept++] = all[k];
        count = kept;
    }
    ok(!failed, "all batches are read and written");
    ok(repeats > 500, "%d IDs are repeated", repeats);
    ok(!wrong, "each is found exactly when it should be (%d wrong)", wrong);
}

/* More IDs at one time than the set keeps, and then the same IDs again. */
static void test_bounded(void)
{
    struct id_set set = {0};
    size_t most = 0;
    for (uint64_t i = 0; i < 2 * (uint64_t)ID_SET_MAX; i++) {
        struct timed_id id = {{{i * 0x9e3779b97f4a7c15 + 1, i}}, (uint32_t)(i / 1000)};
        id_set_forget(&set, 0, id.time);
        id_set_add(&set, ID_NEW, &id);
        most = set.count > most ? set.count : most;
    }
    ok(most >= ID_SET_MAX && most <= ID_SET_MAX + 1000, "at most about %d IDs are kept",
       ID_SET_MAX);
    struct timed_id last = {
        {{(2 * (uint64_t)ID_SET_MAX - 1) * 0x9e3779b97f4a7c15 + 1, 2 * (uint64_t)ID_SET_MAX - 1}},
        UINT32_MAX};
    ok(!id_set_add(&set, ID_NEW, &last), "the latest is known");
    id_set_forget(&set, UINT32_MAX, UINT32_MAX);
    ok(!set.count, "all can be forgotten");
    ok(id_set_add(&set, ID_NEW, &last), "forgotten IDs are new");
    id_set_free(&set);
}

static void damage(const char *path, long offset)
{
    int fd = open(path, O_RDWR);
    char byte;
    if (pread(fd, &byte, 1, offset) == 1) {
        byte ^= 1;
        if (pwrite(fd, &byte, 1, offset) != 1)
            abort();
    }
    close(fd);
}

/* Returns whether a file is read to its end. */
static bool is_read(const char *path)
{
    struct buffer error = {0};
    struct recent_ids *ids = recent_ids_open(path, NULL, &error);
    bool done = ids && recent_ids_add(ids, UINT32_MAX, "x", 1) == 1;
    ok(done == !error.size, "an error has a text: %s", error.size ? error.data : "none");
    recent_ids_close(ids);
    buffer_free(&error);
    return done;
}

static void test_damaged(void)
{
    char path[64], missing[64];
    path_of(path, BATCHES - 1);
    ok(is_read(path), "a whole file is read");
    for (long offset = 0; offset < 80; offset += 7) {
        damage(path, offset);
        ok(!is_read(path), "byte %ld is wrong: refused", offset);
        damage(path, offset);
    }
    if (truncate(path, 100))
        abort();
    ok(!is_read(path), "a truncated file: refused");
    if (truncate(path, 0))
        abort();
    ok(!is_read(path), "an empty file: refused");
    ok(!is_read(path_of(missing, 1000)), "a missing file: refused");
}

int main(void)
{
    if (!mkdtemp(folder))
        abort();
    test_batches();
    test_bounded();
    test_damaged();
    char path[64];
    for (int batch = 0; batch < BATCHES; batch++)
        unlink(path_of(path, batch));
    ok(rmdir(folder) == 0, "no other file is left");
    return done_testing();
}
