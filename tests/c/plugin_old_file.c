/* plugin/history/old_file: the lines of a file, of any size and at any place, in order and again from any place;
 * a last line without LF; a file that cannot be read; no memory for the reader or for a long line. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "history/old_file.h"
#include "no_memory.h"
#include "tap.h"

enum { LINES = 20000, LONG_LINE = 300000, JUMPS = 3000 };

static uint64_t start[LINES + 1];

/* The bytes of a line: its number, and more of them. */
static size_t size_of(unsigned line)
{
    return line == LINES / 2 ? LONG_LINE : line % 7 == 0 ? 1 : line % 90 + 1;
}

static int make_file(void)
{
    char path[] = "/tmp/old_file.XXXXXX";
    const int descriptor = mkstemp(path);
    unlink(path);
    FILE *file = fdopen(dup(descriptor), "w");
    for (unsigned i = 0; i < LINES; i++) {
        start[i + 1] = start[i] + size_of(i);
        for (size_t at = 0; at + 1 < size_of(i); at++)
            fputc('a' + (int)(i % 26), file);
        fputc(i == LINES - 1 ? 'z' : '\n', file);
    }
    fclose(file);
    return descriptor;
}

/* Whether the next line is this one. */
static bool is_next(struct old_file *file, unsigned number)
{
    size_t size;
    int error;
    const uint64_t place = old_file_place(file);
    const char *line = old_file_line(file, &size, &error);
    return place == start[number] && line && !error && size == size_of(number) &&
           (size == 1 || line[0] == 'a' + (int)(number % 26)) &&
           line[size - 1] == (number == LINES - 1 ? 'z' : '\n');
}

/* Reads the file while the allocation with this number fails.  Returns how often a function reported this; 0
 * if the next try did not succeed, or did not return the same line. */
static unsigned read_without_memory(int descriptor, unsigned number)
{
    unsigned told = 0, wrong = 0;
    memory_calls = 0;
    memory_fail_at = number;
    struct old_file *file = old_file_new(descriptor);
    if (!file) {
        told++;
        file = old_file_new(descriptor);
    }
    for (unsigned i = 0; i < LINES; i++) {
        size_t size;
        int error;
        const char *line = old_file_line(file, &size, &error);
        if (!line && error == ENOMEM)
            told++;
        wrong += !line && error != ENOMEM;
        old_file_go_to(file, start[i]);
        wrong += !is_next(file, i);
    }
    memory_fail_at = 0;
    old_file_free(file);
    return wrong ? 0 : told;
}

int main(void)
{
    const int descriptor = make_file();
    struct old_file *file = old_file_new(descriptor);
    unsigned wrong = 0;
    size_t size;
    int error, ends[2];
    for (unsigned i = 0; i < LINES; i++)
        wrong += !is_next(file, i);
    ok(wrong == 0, "all lines in order: %u wrong", wrong);
    ok(!old_file_line(file, &size, &error) && !error, "the end");
    ok(old_file_place(file) == start[LINES], "its place");
    unsigned long long random = 88172645463325252ull;
    for (unsigned i = 0; i < JUMPS; i++) {
        const unsigned number = (unsigned)(next_random(&random) >> 16) % (LINES - 2);
        old_file_go_to(file, start[number]);
        wrong += !is_next(file, number) || !is_next(file, number + 1);
    }
    ok(wrong == 0, "lines at any place: %u wrong", wrong);
    read_without_memory(descriptor, 0);
    const unsigned calls = memory_calls;
    ok(calls > 2, "a long line needs more memory: %u calls in all", calls);
    for (unsigned number = 1; number <= calls; number++)
        ok(read_without_memory(descriptor, number) == 1, "no memory at call %u", number);
    close(descriptor);
    old_file_go_to(file, 0);
    ok(!old_file_line(file, &size, &error) && error, "an error");
    old_file_free(file);
    ok(pipe(ends) == 0 && !old_file_new(ends[0]), "a pipe is no such file");
    ok(!old_file_new(-1), "a closed descriptor is no such file");
    old_file_free(NULL);
    return done_testing();
}
