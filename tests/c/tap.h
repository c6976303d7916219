/* The Test Anything Protocol, for tests in C. */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

/* Reports one test; NAME is a format.  Returns OK. */
__attribute__((format(printf, 2, 3))) static inline bool ok(bool passed, const char *name, ...)
{
    va_list arguments;
    printf("%sok %d - ", passed ? "" : "not ", ++tap_count);
    va_start(arguments, name);
    vprintf(name, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
    tap_failed += !passed;
    return passed;
}

/* Reports whether GOT, of GOT_SIZE bytes, is the text WANT, and shows both when it is not. */
static inline bool is_text(const char *got, size_t got_size, const char *want, const char *name)
{
    bool passed = want && got_size == strlen(want) && !memcmp(got, want, got_size);
    ok(passed, "%s", name);
    if (!passed)
        printf("#  got: %.*s\n# want: %s\n", (int)got_size, got, want ? want : "(none)");
    return passed;
}

/* Prints the plan.  Returns the exit status of main(). */
static inline int done_testing(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed != 0;
}

/* A small generator of numbers that is the same everywhere (xorshift64). */
static inline unsigned long long next_random(unsigned long long *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

#endif
