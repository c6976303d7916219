/* log/decoded_values: the cache always returns the function's result, whatever it has decoded before. */
#include <stdlib.h>

#include "log/decode.h"
#include "log/decoded_values.h"
#include "tap.h"

static size_t calls;

/* Decodes, and counts how often. */
static size_t decode(const char *value, size_t size, char *out)
{
    calls++;
    return decode_agent(value, size, out);
}

/* Whether the cache returns what decode_agent() does. */
static bool is_right(struct decoded_values *cache, const char *value, size_t size)
{
    char *want = malloc(3 * size + 1), *got = malloc(3 * size + 1);
    size_t want_size = decode_agent(value, size, want);
    size_t got_size = decoded_values_get(cache, value, size, got);
    bool is = got_size == want_size && !memcmp(got, want, want_size);
    free(want);
    free(got);
    return is;
}

/* Many more values than the cache has places, of all lengths around those that it remembers. */
static void test_many(struct decoded_values *cache)
{
    unsigned long long state = 88172645463325252ull;
    int wrong = 0;
    for (int round = 0; round < 100000; round++) {
        char value[512];
        size_t size = next_random(&state) % 8 ? 20 : next_random(&state) % sizeof value;
        unsigned long long number = next_random(&state) % 3000;
        for (size_t i = 0; i < size; i++)
            value[i] = "%20a%C3"[(number * (i + 1) + i) % 7];
        wrong += !is_right(cache, value, size);
    }
    ok(!wrong, "values by the thousand, of all lengths");
}

int main(void)
{
    static const char agent[] = "Mozilla/5.0%20(X11;%20Linux)", other[] = "curl/8.0%0A";
    char out[3 * sizeof agent];
    struct decoded_values *cache = decoded_values_new(decode);
    ok(is_right(cache, agent, sizeof agent - 1), "the first time");
    ok(is_right(cache, other, sizeof other - 1), "another one");
    calls = 0;
    is_text(out, decoded_values_get(cache, agent, sizeof agent - 1, out),
            "Mozilla/5.0 (X11; Linux)", "the second time");
    ok(calls == 0, "the second time: the value is not decoded again");
    ok(is_right(cache, agent, sizeof agent - 2), "the same value without its last byte");
    test_many(cache);
    decoded_values_free(cache);
    return done_testing();
}
