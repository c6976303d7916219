/* Addresses of clients and proxies, IPv4 and IPv6, and networks of them. */
#ifndef LOG_ADDRESS_H
#define LOG_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

enum { ADDRESS_BYTES = 16, ADDRESS_V4_BYTES = 4, ADDRESS_TEXT_SIZE = 46 };

/* An IPv4 address has the first ADDRESS_V4_BYTES bytes, and 0 in the others.  An IPv6 address that
 * stands for an IPv4 address (::ffff:192.0.2.1) is that IPv4 address. */
struct address {
    bool is_v4;
    unsigned char bytes[ADDRESS_BYTES];
};

/* All addresses whose first BITS bits are those of the address, and which are of its kind. */
struct network {
    struct address address;
    unsigned bits;
};

/* Reads an address as proxies write and CloudFront logs it:
 *
 *     ADDRESS | V4 : PORT | [ V6 ] | [ V6 ] : PORT
 *
 * The numbers of an IPv4 address may begin with zeros.  Quotes may be around all of it; quotes and
 * brackets may be encoded as %XX, and quotes as \x22.  Returns whether it is an address. */
bool address_read(struct address *address, const char *s, size_t size);

/* Reads an address in its usual form, a text that ends with a NUL.  Returns whether it is one. */
bool address_parse(struct address *address, const char *text);

/* Writes the address in its shortest form (RFC 5952) to OUT, which has room for ADDRESS_TEXT_SIZE
 * bytes.  Returns the bytes written, without a NUL. */
size_t address_write(const struct address *address, char *out);

bool address_is_in(const struct address *address, const struct network *network);

/* Returns whether the address names no machine on the Internet: it is unspecified, of the machine
 * itself, of one link, or of a private or shared range (RFC 1122, 1918, 3927, 4193, 4291, 6598). */
bool address_is_private(const struct address *address);

#endif
