/* historyfile/keys and copies: repeated keys, and lines that are copied from a file that must not change. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "historyfile/copies.h"
#include "historyfile/keys.h"
#include "memory/allocate.h"
#include "tap.h"

enum { NOTED = 300000, DIFFERENT = 400000 };

static unsigned long long state = 1;

/* ---- keys ----------------------------------------------------------------------------------- */

/* Compares the found lines with counts of each key.  Every third key is in a line without a number. */
static void check_keys(void)
{
    struct history_keys *keys = history_keys_new("/tmp");
    unsigned *counts = memory_allocate(DIFFERENT, sizeof *counts);
    unsigned *key = memory_allocate(NOTED, sizeof *key);
    uint8_t *bits = memory_allocate(NOTED / 8 + 1, 1);
    bool done = true, is_same = true;
    size_t found = 0;
    for (size_t i = 0; i < NOTED; i++) {
        key[i] = (unsigned)((next_random(&state) >> 16) % DIFFERENT);
        counts[key[i]]++;
        uint64_t hash = (key[i] + 1) * UINT64_C(0x9e3779b97f4a7c15);
        done &= history_keys_add(keys, hash ^ hash >> 32, i % 3 ? i : HISTORY_NO_LINE);
    }
    ok(done && history_keys_find(keys, bits), "keys: noted and compared");
    for (size_t i = 0; i < NOTED; i++) {
        bool is_set = bits[i / 8] >> i % 8 & 1;
        is_same &= is_set == (i % 3 && counts[key[i]] > 1);
        found += is_set;
    }
    ok(is_same && found > NOTED / 10, "keys: %zu lines whose key comes again", found);
    history_keys_free(keys);
    free(counts);
    free(key);
    free(bits);
}

/* ---- copies --------------------------------------------------------------------------------- */

static bool pass(void *user, const struct history_block *block)
{
    (void)user, (void)block;
    return false;
}

static bool visit(void *user, struct history_row *row, const struct history_line *line,
                  bool *is_copied, struct buffer *error)
{
    (void)user, (void)line, (void)error;
    *is_copied = row->number[0] != 2;
    return true;
}

static bool leave_out(void *user, const char *line, size_t size, struct buffer *error)
{
    (void)error;
    buffer_add(user, line, size);
    return true;
}

static void write_text(int fd, const char *text)
{
    if (pwrite(fd, text, strlen(text), 0) != (ssize_t)strlen(text))
        abort();
}

/* Copies three lines of a file: one is left out, and the visitor leaves out another one.  CHANGED replaces the
 * file's text before the lines are visited or, with IS_LATE, before they are copied; NULL: the text stays. */
static void check_copies(const char *changed, bool is_late, const char *what)
{
    static const char lines[] = "de 1 1 1\nfr 2 2 2\nus 3 3 3\n";
    char path[] = "/tmp/history-copies-XXXXXX", output[] = "/tmp/history-copied-XXXXXX";
    int fd = mkstemp(path), copied = mkstemp(output);
    struct buffer left_out = {0}, error = {0};
    const struct history_section *section = history_section_find("DOMAIN", 6);
    uint64_t hashes[3];
    const char *names[] = {"DOMAIN"};
    write_text(fd, lines);
    struct history_input input = {.path = "FILE", .fd = fd};
    struct history_block block = {.input = &input, .size = sizeof lines - 1, .lines = 3};
    if (fd < 0 || copied < 0 || fstat(fd, &input.status) < 0)
        abort();
    struct history_copied all = {0};
    struct history_copies *copies = history_copies_new(section, &all);
    ok(history_block_read(&block, section, lines, 1, hashes) && block.first &&
           !strcmp(block.first, "us 3 3 3") && history_copies_add(copies, &block),
       "%s: read", what);
    history_copies_bits(copies);
    history_copies_leave_out(copies, 0);
    struct history_writer *writer = history_writer_new(output, "HEADER\n", names, 1, &error);
    const struct history_copies_visitor visitor = {&left_out, pass, visit, leave_out};
    if (changed && !is_late)
        write_text(fd, changed);
    bool done = history_copies_visit(copies, &visitor, &error);
    if (changed && is_late) {
        usleep(20000); /* so that the time of the file changes */
        write_text(fd, changed);
    }
    done =
        done && history_copies_write(copies, writer, &error) && history_writer_end(writer, &error);
    if (changed) {
        ok(!done && strstr(error.data, "FILE: the file was changed while its rows were read"),
           "%s: refused", what);
    } else {
        char text[256] = "";
        ok(done && !strcmp(left_out.data, "de 1 1 1"), "%s: the line that is left out", what);
        close(copied);
        copied = open(output, O_RDONLY | O_CLOEXEC);
        ok(read(copied, text, sizeof text - 1) > 0 && strstr(text, "END_MAP\nus 3 3 3\n"),
           "%s: the line that is copied", what);
    }
    history_writer_free(writer);
    history_copies_free(copies);
    close(fd);
    close(copied);
    unlink(path);
    unlink(output);
    buffer_free(&left_out);
    buffer_free(&error);
}

/* Blocks are taken only while their descriptions fit the memory. */
static void check_limit(void)
{
    struct history_copied all = {0};
    struct history_copies *copies = history_copies_new(history_section_find("OS", 2), &all);
    struct history_block block = {.lines = 1000};
    size_t blocks = 0;
    while (history_copies_add(copies, &block))
        blocks++;
    ok(blocks == 16 * 1024, "a limit of blocks: %zu", blocks);
    history_copies_free(copies);
    all = (struct history_copied){0};
    copies = history_copies_new(history_section_find("OS", 2), &all);
    block.lines = 40000000;
    ok(history_copies_add(copies, &block) && !history_copies_add(copies, &block),
       "a limit of lines");
    history_copies_free(copies);
}

int main(void)
{
    check_keys();
    check_copies(NULL, false, "a file that stays");
    check_copies("de 1 1 1 fr 2 2 2 us 3 3 3\n", false, "rows that change");
    check_copies("de 1 1 1\nfr 2 2 2\nus 4 3 3\n", true, "a file that changes at last");
    check_limit();
    return done_testing();
}
