/* The digest of a text: the same in pieces of any size, and on each machine, because ledgers keep it. */
#include "text/digest.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

static struct digest digest_of(struct digester *digester, const char *text, size_t size,
                               size_t piece)
{
    digester_begin(digester);
    for (size_t at = 0; at < size; at += piece)
        digester_add(digester, text + at, size - at < piece ? size - at : piece);
    return digester_end(digester);
}

int main(void)
{
    enum { SIZE = 300 * 1000 };
    char written[DIGEST_WRITTEN_SIZE], *text = malloc(SIZE);
    struct digester *digester = digester_new();
    struct digest none = {0}, digest, other;
    for (size_t i = 0; i < SIZE; i++)
        text[i] = (char)(i * i % 251);

    digest = digest_of(digester, text, 0, 1);
    digest_write(&digest, written);
    is_text(written, strlen(written), "0 99aa06d3014798d86001c324", "an empty text");
    ok(digest_is_known(&digest), "it is known");
    ok(!digest_is_known(&none), "a zeroed one is not");
    digest_write(&none, written);
    is_text(written, strlen(written), "", "and is written as nothing");

    digest = digest_of(digester, text, SIZE, SIZE);
    ok(digest.length == SIZE, "the length");
    const size_t pieces[] = {1, 7, 255, 256, 257, 65536, SIZE - 1};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        other = digest_of(digester, text, SIZE, pieces[i]);
        ok(digest_compare(&digest, &other) == 0, "in pieces of %zu bytes", pieces[i]);
    }
    text[SIZE / 2]++;
    other = digest_of(digester, text, SIZE, SIZE);
    ok(digest_compare(&digest, &other) != 0 &&
           digest_compare(&digest, &other) == -digest_compare(&other, &digest),
       "another byte");
    other = digest_of(digester, text, SIZE - 1, SIZE);
    ok(digest_compare(&digest, &other) > 0, "a shorter text");

    digest = (struct digest){UINT64_MAX, UINT64_MAX, UINT32_MAX};
    digest_write(&digest, written);
    is_text(written, strlen(written), "18446744073709551615 ffffffffffffffffffffffff",
            "the largest one has room");
    digester_free(digester);
    free(text);
    return done_testing();
}
