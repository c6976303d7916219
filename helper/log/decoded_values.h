/* A cache of decoded values, for a column with few values that repeat often: user agents.
 *
 * The memory does not grow.  One cache serves one thread. */
#ifndef LOG_DECODED_VALUES_H
#define LOG_DECODED_VALUES_H

#include <stddef.h>

struct decoded_values;

/* A function of log/decode.h. */
typedef size_t decoder(const char *value, size_t size, char *out);

/* Makes an empty cache of the values that DECODE decodes; NULL when memory has run out. */
struct decoded_values *decoded_values_new(decoder *decode);
void decoded_values_free(struct decoded_values *cache);

/* Does what the cache's function does. */
size_t decoded_values_get(struct decoded_values *cache, const char *value, size_t size, char *out);

#endif
