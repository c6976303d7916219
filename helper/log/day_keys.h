/* Random keys, one for each day of the log, by which anonymize = hash makes names of visitors.  A
 * visitor has one name all day, and nobody who lacks the key can find the address by trying all.
 *
 * One table serves all threads. */
#ifndef LOG_DAY_KEYS_H
#define LOG_DAY_KEYS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    DAY_KEY_SIZE = 32,
    DAY_KEYS_DAYS = UINT32_MAX / 86400 + 1 /* days since 1970-01-01 that a time can have */
};

struct day_keys;

struct day_keys *day_keys_new(void); /* NULL when memory has run out */
void day_keys_free(struct day_keys *keys);

/* Stores the key of a day, from an earlier run, before any other thread uses the table. */
void day_keys_put(struct day_keys *keys, uint32_t day, const unsigned char key[DAY_KEY_SIZE]);

/* Returns the key of a day; makes a random one when there is none.  The key is then in use. */
const unsigned char *day_keys_get(struct day_keys *keys, uint32_t day);

/* Returns the key of a day if it is in use, or was stored and the day is not before OLDEST; else
 * NULL. */
const unsigned char *day_keys_needed(const struct day_keys *keys, uint32_t day, uint32_t oldest);

#endif
