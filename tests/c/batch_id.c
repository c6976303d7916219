/* normalized/batch_id: which texts are IDs of batches. */
#include "normalized/batch_id.h"

#include <locale.h>

#include "tap.h"

static void check(const char *text, bool want, const char *name)
{
    ok(is_batch_id(text, strlen(text)) == want, "%s", name);
}

int main(void)
{
    char longest[BATCH_ID_SIZE + 1];
    memset(longest, 'x', sizeof longest);
    ok(is_batch_id(longest, BATCH_ID_SIZE - 1), "63 bytes");
    ok(!is_batch_id(longest, BATCH_ID_SIZE), "64 bytes are too many");
    check("20261031-100000-000000-00ff00ff", true, "an ID of this program");
    check("AZaz09-", true, "letters, digits and -");
    check(BATCH_ID_NONE, true, "what stands for no batch");
    check("", false, "nothing");
    ok(!is_batch_id("a\0b", 3), "a NUL");
    for (const char *bad = " \t\n@[`{/:_.%"; *bad; bad++)
        ok(!is_batch_id((char[]){'a', *bad}, 2), "no byte %d", *bad);
    setlocale(LC_ALL, "");
    ok(!is_batch_id("\xe4", 1) && !is_batch_id("\xc3\xa4", 2), "no letter of another alphabet");
    return done_testing();
}
