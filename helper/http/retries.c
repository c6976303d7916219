#include "http/retries.h"

#include <stdlib.h>
#include <string.h>

#include "text/by_number.h"

#define PAUSE "; the server asks for a pause of "
#define TRIED " (tried "

enum { DOUBLED_MAX = 6 }; /* the longest pause is HTTP_FIRST_DELAY_MS << 6: 12.8 s */

static const double TOKENS_PER_MS = 0.005; /* five per second */

void retries_init(struct retries *retries, int64_t now, uint64_t seed)
{
    *retries = (struct retries){.tokens = HTTP_TOKENS,
                                .filled = now,
                                .random = {(unsigned short)seed, (unsigned short)(seed >> 16),
                                           (unsigned short)(seed >> 32)}};
}

void retries_succeeded(struct retries *retries)
{
    if (retries->tokens < HTTP_TOKENS)
        retries->tokens += 1;
}

enum retry_reason retries_reason(long status, bool has_responded)
{
    if (status == 429 || status == 503)
        return RETRY_REFUSED;
    if (status == 500 || status == 502 || status == 504 || (status == 0 && has_responded))
        return RETRY_OUTAGE;
    return RETRY_ERROR;
}

bool retries_are_over(enum retry_reason reason, unsigned max, unsigned tries, int64_t failed,
                      int64_t now)
{
    if (reason == RETRY_ERROR || (max && reason == RETRY_OUTAGE))
        return tries >= (max ? max : HTTP_TRIES);
    return tries >= RETRIES_OUTAGE && now - failed >= (int64_t)HTTP_OUTAGE_S * 1000;
}

bool retries_is_too_long(long asked)
{
    return asked > RETRIES_PAUSES_S;
}

void retries_add_end(struct buffer *text, unsigned tries, long asked)
{
    if (retries_is_too_long(asked))
        buffer_printf(text, PAUSE "%ld s; run the command again after that", asked);
    buffer_printf(text, TRIED "%u %s)", tries, by_number(tries, "time", "times"));
}

size_t retries_find_end(const char *error)
{
    const char *end = strstr(error, PAUSE);
    for (const char *next = end ? NULL : strstr(error, TRIED); next; next = strstr(next + 1, TRIED))
        end = next;
    return end ? (size_t)(end - error) : strlen(error);
}

int64_t retries_delay(struct retries *retries, unsigned tries, long asked)
{
    unsigned doubled = tries - 1 < DOUBLED_MAX ? tries - 1 : DOUBLED_MAX;
    int64_t delay = (int64_t)HTTP_FIRST_DELAY_MS << doubled;
    delay = (int64_t)((double)delay * (0.5 + erand48(retries->random) / 2));
    if (asked > HTTP_RETRY_AFTER_MAX_S)
        asked = HTTP_RETRY_AFTER_MAX_S;
    return (int64_t)asked * 1000 > delay ? (int64_t)asked * 1000 : delay;
}

static double count_tokens(const struct retries *retries, int64_t now)
{
    double tokens = retries->tokens + (double)(now - retries->filled) * TOKENS_PER_MS;
    return tokens < HTTP_TOKENS ? tokens : HTTP_TOKENS;
}

int64_t retries_token_wait(const struct retries *retries, int64_t now)
{
    double tokens = count_tokens(retries, now);
    return tokens < 1 ? (int64_t)((1 - tokens) / TOKENS_PER_MS) + 1 : 0;
}

void retries_take_token(struct retries *retries, int64_t now)
{
    retries->tokens = count_tokens(retries, now) - 1;
    retries->filled = now;
}
