/* sort/sort: if the n-th allocation or call to the disk fails, the sort reports an error or returns every record,
 * never fewer.  The linker replaces the functions that the sort calls by those below (Makefile, SORT_FAULTS). */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "sort/sort.h"
#include "stride.h"
#include "tap.h"

enum { RECORDS = 600 };

enum call { MEMORY, DISK };

/* The call that fails: its kind, its number (0: none), and its error. */
static enum call fail_kind;
static unsigned fail_at, calls;
static int fail_errno;

static bool fails(enum call kind)
{
    if (kind != fail_kind || ++calls != fail_at)
        return false;
    errno = fail_errno;
    return true;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    return fails(MEMORY) ? NULL : __real_malloc(size);
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    return fails(MEMORY) ? NULL : __real_calloc(count, size);
}

void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size)
{
    return fails(MEMORY) ? NULL : __real_realloc(old, size);
}

ssize_t __real_pread64(int fd, void *data, size_t size, off_t at);
ssize_t __wrap_pread64(int fd, void *data, size_t size, off_t at);
ssize_t __wrap_pread64(int fd, void *data, size_t size, off_t at)
{
    if (fails(DISK))
        return fail_errno ? -1 : 0; /* 0: the file is shorter than the written bytes */
    return __real_pread64(fd, data, size, at);
}

ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size)
{
    return fails(DISK) && fail_errno ? -1 : __real_write(fd, data, size);
}

/* Sorts, with the arena so small that each of many runs goes through several merges.  Returns the
 * number of records that came out in order; -1 after an error. */
static int sort_records(bool *has_error)
{
    struct sort_options options = {"/tmp", 3000, 3, 0};
    struct sort *sort = sort_new(&options);
    struct sort_writer *writer = sort ? sort_writer_new(sort) : NULL;
    int count = 0, more = -1;
    uint32_t last = 0, time;
    const char *record;
    size_t size;
    bool works = writer != NULL;

    for (uint32_t i = 0; works && i < RECORDS; i++) {
        /* Some records are larger than a buffer of the merge. */
        size_t room = i % 200 == 7 ? 2500 : 40;
        char *text = sort_room(writer, room);
        works = text != NULL;
        if (works) {
            memset(text, 'x', room);
            sort_add(writer, 1 + i * 7919 % RECORDS, i % 50, room);
        }
    }
    works = works && sort_drop(sort, 60) && sort_finish(sort);
    while (works && (more = sort_next(sort, &time, &record, &size)) > 0) {
        works = time > last && record[0] == 'x' && record[size - 1] == 'x';
        last = time;
        count++;
    }
    fail_at = 0;
    *has_error = !sort || !writer || *sort_error(sort);
    sort_free(sort);
    return works && more == 0 ? count : -1;
}

/* Lets each call of a kind fail with this error, one after the other. */
static void test_each_call(enum call kind, int number, bool is_retried)
{
    unsigned unsaid = 0, wrong = 0, tried = 0;
    bool has_error, is_over = false;

    for (unsigned n = 1; !is_over; n += (unsigned)stride(1, 7)) {
        fail_kind = kind;
        fail_errno = number;
        fail_at = n;
        calls = 0;
        int count = sort_records(&has_error);
        is_over = calls < n; /* the sort has fewer calls than that */
        unsaid += count < 0 && !has_error;
        wrong += count >= 0 ? count != RECORDS || has_error : is_retried;
        tried++;
    }
    ok(!unsaid && !wrong && tried > 5, "%s at each of %u calls for %s: %u unsaid, %u wrong",
       number ? strerrorname_np(number) : "end of file", calls,
       kind == DISK ? "the disk" : "memory", unsaid, wrong);
}

int main(void)
{
    bool has_error;
    ok(sort_records(&has_error) == RECORDS && !has_error, "all records come out");
    test_each_call(MEMORY, ENOMEM, false);
    test_each_call(DISK, EIO, false);
    test_each_call(DISK, EINTR, true);
    test_each_call(DISK, 0, false);
    return done_testing();
}
