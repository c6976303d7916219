/* The parts of a key that ends with a name of CloudFront's form:
 *   PREFIX YYYY-MM-DD-HH . ID SUFFIX
 * PREFIX is the folders and the distribution.  ID is eight hexadecimal digits, of small letters.  SUFFIX is
 * empty or begins with a point. */
#ifndef LEDGER_LOG_ID_H
#define LEDGER_LOG_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_HOUR_SIZE = 13, LOG_ID_SIZE = 8 };

struct log_id {
    size_t prefix_size; /* bytes of the key before the date */
    const char *suffix; /* a part of the key */
    uint32_t hour;      /* its number, as of log_hour_of_time() */
    uint32_t id;
};

/* Finds the parts of a key.  False when its name has another form.  The digits of the date must be in range, but the
 * day need not exist: the key comes back from its parts, byte for byte.  (key_hour(), which wants a time, takes days of
 * the calendar only.)  Keys of equal log names (log_name.h)
 * have equal hours and IDs, or no such form. */
bool log_id_find(struct log_id *id, const char *key);

/* Returns the number for the hour of TIME (seconds UTC); 0 for a time outside the years 1 to 9999.  Later
 * hours have greater numbers, with gaps between, because each month counts as 31 days. */
uint32_t log_hour_of_time(int64_t time);

/* The date of an hour as text, without a null byte: the 13 bytes YYYY-MM-DD-HH. */
void log_hour_write(uint32_t hour, char out[LOG_HOUR_SIZE]);

#endif
