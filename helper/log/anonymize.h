/* Removes from a client's address the part that names one machine. */
#ifndef LOG_ANONYMIZE_H
#define LOG_ANONYMIZE_H

#include <stdint.h>

#include "log/address.h"
#include "log/day_keys.h"

enum anonymize {
    ANONYMIZE_NONE,
    ANONYMIZE_IP, /* the last 8 bits of an IPv4 address and the last 80 of an IPv6 address are 0 */
    /* An address of the network fd41:5753:4346::/48, which no machine has, stands for the visitor:
     * 80 bits of the address's HMAC-SHA-256 with the key of the day.  Tools that expect an address
     * accept the name, and it is the same all day. */
    ANONYMIZE_HASH
};

/* Changes the address of a record of this time (seconds since 1970-01-01 UTC).  A name that
 * ANONYMIZE_HASH has made stays as it is.  Without KEYS, ANONYMIZE_HASH does as
 * ANONYMIZE_IP: for readers whose records nobody sees. */
void anonymize(struct address *address, enum anonymize how, struct day_keys *keys, uint32_t time);

#endif
