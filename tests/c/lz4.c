/* parquet/lz4: blocks, and what is none. */
#include <stdlib.h>
#include <string.h>

#include "parquet/lz4.h"
#include "tap.h"

/* Unpacks bytes that end where their memory does, into as many bytes as there must come. */
static bool unpack(const char *in, size_t in_size, unsigned char *out, size_t size)
{
    unsigned char *in_copy = malloc(in_size ? in_size : 1), *room = malloc(size ? size : 1);
    memcpy(in_copy, in, in_size);
    bool done = lz4_unpack(in_copy, in_size, room, size);
    if (done)
        memcpy(out, room, size);
    free(in_copy);
    free(room);
    return done;
}

static void check(const char *name, const char *in, size_t in_size, const char *want)
{
    unsigned char out[1000];
    size_t size = strlen(want), refused = 0;
    ok(unpack(in, in_size, out, size), "%s: is unpacked", name);
    is_text((const char *)out, size, want, name);
    for (size_t cut = 0; cut < in_size; cut++)
        refused += !unpack(in, cut, out, size);
    ok(refused == in_size, "%s: cut off anywhere, it is refused", name);
    ok(!unpack(in, in_size, out, size - 1) && !unpack(in, in_size, out, size + 1),
       "%s: with another size, it is refused", name);
}

int main(void)
{
    static const char literals[] = "\x50hello",
                      match[] = "\x34"
                                "abc\3\0\x20xy",
                      overlap[] = "\x1f"
                                  "a\1\0\x01\x10z";
    check("literals", literals, sizeof literals - 1, "hello");
    check("a match", match, sizeof match - 1, "abcabcabcabxy");
    check("a match that goes on into itself", overlap, sizeof overlap - 1,
          "aaaaaaaaaaaaaaaaaaaaaz");

    /* 300 literals: 15, 255 and 30 */
    char many[3 + 300] = "\xf0\xff\x1e", want[301];
    memset(many + 3, 'm', 300);
    memset(want, 'm', 300);
    want[300] = '\0';
    check("many literals", many, sizeof many, want);

    unsigned char out[100];
    ok(!unpack("\x14"
               "a\0\0\x10z",
               6, out, 10),
       "an offset of zero");
    ok(!unpack("\x14"
               "a\2\0\x10z",
               6, out, 10),
       "an offset before the begin");
    ok(!unpack("\x1f"
               "a\1\0\xff\xff\xff\xff\0\x10z",
               11, out, 100),
       "a match after the end");
    ok(!unpack("\xf0\xff\xff\xff\xff\0a", 7, out, 100), "literals after the end");
    ok(!unpack("", 0, out, 0), "nothing at all");
    return done_testing();
}
