/* log/whole: the same bytes in memory and in a file, one object after another. */
#include <stdlib.h>

#include "log/whole.h"
#include "tap.h"

enum { PIECE = 1000003 }; /* a prime number: pieces end anywhere */

static unsigned char byte_at(size_t place)
{
    return (unsigned char)(place % 251);
}

/* Adds SIZE bytes, and compares the kept bytes with them. */
static bool is_kept(struct whole *whole, size_t size)
{
    unsigned char *piece = malloc(PIECE);
    size_t added = 0, got, wrong = 0;
    whole_begin(whole);
    while (added < size) {
        size_t take = size - added < PIECE ? size - added : PIECE;
        for (size_t i = 0; i < take; i++)
            piece[i] = byte_at(added + i);
        if (!whole_add(whole, piece, take))
            break;
        added += take;
    }
    const unsigned char *data = whole_get(whole, &got);
    for (size_t i = 0; data && i < got; i++)
        wrong += data[i] != byte_at(i);
    free(piece);
    return got == size && !wrong && (data || !size);
}

int main(void)
{
    struct whole *whole = whole_new();
    static const size_t sizes[] = {
        0, 1, 3 * PIECE, WHOLE_MEMORY_MAX, WHOLE_MEMORY_MAX + 1, WHOLE_MEMORY_MAX + 5 * PIECE, 7};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        ok(is_kept(whole, sizes[i]), "%zu bytes", sizes[i]);
    whole_free(whole);
    setenv("TMPDIR", "/nowhere", 1);
    whole = whole_new();
    ok(is_kept(whole, WHOLE_MEMORY_MAX), "no folder for temporary files: not needed");
    ok(!whole_add(whole, "x", 1), "no folder for temporary files: an error");
    whole_free(whole);
    return done_testing();
}
