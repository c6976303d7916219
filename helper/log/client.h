/* The client of a record: the address that connected to CloudFront, or the one that proxies report;
 * anonymized before it is written anywhere. */
#ifndef LOG_CLIENT_H
#define LOG_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "log/address.h"
#include "log/anonymize.h"
#include "normalized/field.h"

/* How a client is made.  The lists stay the caller's. */
struct client_options {
    bool is_forwarded;             /* the client that x-forwarded-for names; else c-ip */
    const struct network *proxies; /* trusted ones */
    size_t proxy_count;
    enum anonymize anonymize;
    struct day_keys *keys; /* of ANONYMIZE_HASH; else NULL */
};

/* The most bytes that a client has that is not copied from the row. */
enum { CLIENT_SIZE = ADDRESS_TEXT_SIZE };

/* Whether a value is a list as x-forwarded-for holds it: addresses, "unknown" or "localhost", with commas, spaces or
 * TABs between, raw or encoded. */
bool client_is_list(struct field value);

/* Writes the client of a record to OUT, which has room for CLIENT_SIZE bytes and three times the
 * size of C_IP.  With trusted proxies, FORWARDED counts only if C_IP is one of them, private or no
 * address.  A c-ip that is an IPv6 address or has a port gets the shortest form of its address, as
 * addresses in x-forwarded-for do; any other one is copied with its encoding.  If c-ip must be
 * anonymized and is no address, it becomes "-".  TIME is the record's (seconds since 1970-01-01 UTC).  Returns the
 * bytes written. */
size_t client_put(const struct client_options *options, struct field c_ip, struct field forwarded,
                  uint32_t time, char *out);

/* Returns whether an IPv6 address or a port may be in a c-ip. */
static inline bool client_has_colon(struct field c_ip)
{
    return c_ip.size && memchr(c_ip.text, ':', c_ip.size);
}

/* Writes the client that is c-ip to OUT, which has room for CLIENT_SIZE bytes, unless the c-ip is to be
 * copied.  Returns the bytes written; 0 for such a copy. */
size_t client_put_c_ip(const struct client_options *options, struct field c_ip, uint32_t time,
                       char *out);

/* Anonymizes the client in a record of the normalized log: SIZE bytes, with room for CLIENT_SIZE
 * more.  Returns the record's new size. */
size_t client_anonymize_record(const struct client_options *options, char *record, size_t size,
                               uint32_t time);

#endif
