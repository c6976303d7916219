/* sort/sort: the order is the same and stable with any number of threads, arenas and merge passes; all added records
 * are counted; errors are reported. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "sort/sort.h"
#include "tap.h"

enum { OBJECTS = 60, RECORDS = 20000 };

struct record {
    uint32_t time, object, number; /* number: in its object */
};

static struct record truth[RECORDS];

static int compare(const void *a, const void *b)
{
    const struct record *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->object != y->object)
        return x->object < y->object ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static bool is_dropped(uint32_t object)
{
    return object % 7 == 3;
}

struct task {
    struct sort *sort;
    unsigned thread, threads;
    bool is_backwards; /* the last object comes first */
    bool done;
};

/* Adds the records of this thread's objects; a record's text is its three numbers and a tail. */
static void *add_records(void *argument)
{
    struct task *task = argument;
    struct sort_writer *writer = sort_writer_new(task->sort);
    if (!writer)
        return NULL;
    for (uint32_t i = task->thread; i < OBJECTS; i += task->threads) {
        uint32_t object = task->is_backwards ? OBJECTS - 1 - i : i;
        for (uint32_t number = 0; number < RECORDS / OBJECTS; number++) {
            const struct record *record = &truth[object * (RECORDS / OBJECTS) + number];
            char *room = sort_room(writer, 900);
            if (!room)
                return NULL;
            int size = snprintf(room, 900, "%u %u %u %*s\n", record->time, record->object,
                                record->number, (int)(number * 37 % 800), "");
            sort_add(writer, record->time, record->object, (size_t)size);
        }
        if (is_dropped(object))
            task->done = sort_drop(task->sort, object);
    }
    task->done = true;
    return NULL;
}

static struct sort *run(const struct sort_options *options, unsigned threads, bool *done)
{
    struct sort *sort = sort_new(options);
    pthread_t thread[8];
    struct task task[8];
    *done = true;
    for (unsigned i = 0; i < threads; i++) {
        task[i] = (struct task){sort, i, threads, threads % 2 == 0, false};
        pthread_create(&thread[i], NULL, add_records, &task[i]);
    }
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(thread[i], NULL);
        *done = *done && task[i].done;
    }
    *done = *done && sort_finish(sort);
    return sort;
}

static void test_order(size_t arena, unsigned threads, size_t fan_in, size_t small_runs)
{
    struct sort_options options = {"/tmp", arena, fan_in, small_runs};
    struct record *want = malloc(sizeof truth);
    bool done;
    struct sort *sort = run(&options, threads, &done);
    size_t at = 0, size, used = OBJECTS * (RECORDS / OBJECTS), wrong = 0;
    const char *text;
    memcpy(want, truth, sizeof truth);
    qsort(want, used, sizeof *want, compare);
    uint32_t time;
    const uint64_t count = sort_count(sort);
    int more = -1;
    while (done && (more = sort_next(sort, &time, &text, &size)) > 0) {
        struct record got;
        while (at < used && is_dropped(want[at].object))
            at++;
        if (at == used || sscanf(text, "%u %u %u", &got.time, &got.object, &got.number) != 3 ||
            compare(&got, &want[at]) || text[size - 1] != '\n')
            wrong++;
        at++;
    }
    while (at < used && is_dropped(want[at].object))
        at++;
    ok(done && more == 0 && at == used && !wrong,
       "%zu bytes of arena, %u threads, %zu runs at once, %zu of them small (%zu wrong)", arena,
       threads, fan_in, small_runs, wrong);
    ok(count == used && sort_count(sort) == used,
       "all added records are counted, dropped ones too");
    free(want);
    sort_free(sort);
}

/* Records around and above the sizes of the buffers with which runs on disk are written and read. */
static void test_large(void)
{
    enum { COUNT = 24, ARENA = 1 << 20 };
    static const size_t sizes[] = {1,         60 << 10,  64 << 10, 65 << 10,
                                   256 << 10, 257 << 10, 600 << 10};
    const size_t kinds = sizeof sizes / sizeof *sizes;
    struct sort_options options = {"/tmp", ARENA, 2, 0};
    struct sort *sort = sort_new(&options);
    struct sort_writer *writer = sort_writer_new(sort);
    bool done = true;
    for (uint32_t i = 0; i < COUNT; i++) {
        char *room = sort_room(writer, sizes[i % kinds]);
        done = done && room;
        if (!room)
            break;
        memset(room, (int)('a' + i), sizes[i % kinds]);
        sort_add(writer, COUNT - i, 0, sizes[i % kinds]);
    }
    done = done && sort_finish(sort);
    const char *text;
    uint32_t time, count = 0;
    size_t size;
    while (done && sort_next(sort, &time, &text, &size) > 0) {
        uint32_t i = COUNT - time;
        done = time == ++count && size == sizes[i % kinds] && *text == (char)('a' + i) &&
               !memcmp(text, text + 1, size - 1);
    }
    ok(done && count == COUNT, "records larger than the buffers of runs: %u", (unsigned)count);
    sort_free(sort);
}

static void test_failures(void)
{
    bool done;
    struct sort_options nowhere = {"/no/such/directory", 20000, 8, 0};
    struct sort *sort = run(&nowhere, 2, &done);
    ok(!done && strstr(sort_error(sort), "/no/such/directory: No such file"),
       "a missing directory: %s", sort_error(sort));
    sort_free(sort);

    /* The limit on a file's size has the effect of a disk that is full at any byte. */
    struct rlimit limit, old;
    int silent = 0, tries = 0;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    struct sort_options options = {"/tmp", 40000, 4, 0};
    for (rlim_t most = 0; most < 30u << 20; most += 1 << 20) {
        limit = (struct rlimit){most, old.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
        sort = run(&options, 2, &done);
        setrlimit(RLIMIT_FSIZE, &old);
        bool said = strstr(sort_error(sort), "/tmp: ") != NULL;
        silent += done == said;
        tries++;
        sort_free(sort);
        if (done)
            break;
    }
    ok(!silent && tries > 2 && done, "a full disk is reported, at any of %d sizes", tries);

    struct sort_options tiny = {"/tmp", 500, 2, 0};
    sort = sort_new(&tiny);
    struct sort_writer *writer = sort_writer_new(sort);
    ok(sort_room(writer, 1000) == NULL && *sort_error(sort), "a record larger than the arena: %s",
       sort_error(sort));
    sort_free(sort);
}

int main(void)
{
    unsigned long long state = 99;
    for (uint32_t object = 0; object < OBJECTS; object++)
        for (uint32_t number = 0; number < RECORDS / OBJECTS; number++)
            truth[object * (RECORDS / OBJECTS) + number] = (struct record){
                1700000000u + (uint32_t)(next_random(&state) % 3000), object, number};
    test_order(64 << 20, 1, 128, 0);
    test_order(64 << 20, 3, 128, 0);
    test_order(100000, 1, 128, 0);
    test_order(100000, 4, 128, 0);
    test_order(20000, 4, 16, 0);
    test_order(20000, 2, 3, 0);
    test_order(2000, 3, 2, 0);
    test_order(100000, 1, 128, 3);
    test_order(20000, 4, 16, 4);
    test_order(2000, 3, 2, 1000);
    test_large();
    test_failures();

    struct sort_options options = {"/tmp", 1000, 2, 0};
    struct sort *sort = sort_new(&options);
    const char *text;
    uint32_t time;
    size_t size;
    ok(sort_finish(sort) && sort_count(sort) == 0 && sort_next(sort, &time, &text, &size) == 0 &&
           sort_next(sort, &time, &text, &size) == 0,
       "no record at all");
    sort_free(sort);
    return done_testing();
}
