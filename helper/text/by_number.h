/* Words that depend on a number: "1 object is", "2 objects are". */
#ifndef TEXT_BY_NUMBER_H
#define TEXT_BY_NUMBER_H

#include <stdint.h>

/* Returns ONE for the number 1, and MORE for all others: by_number(count, "object is", "objects
 * are"). */
static inline const char *by_number(uint64_t number, const char *one, const char *more)
{
    return number == 1 ? one : more;
}

#endif
