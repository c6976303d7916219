/* Decodes values as CloudFront encodes them, to the form that the normalized log has.
 *
 * CloudFront percent-encodes each value once on top of what the client sent: bytes 0-32, 127 and
 * up, and < > " # % { } | \ ^ ~ [ ] ` ' (Amazon CloudFront Developer Guide, "Standard log file
 * fields").  From September 2013 to early 2020 user agents were encoded twice.
 *
 * Each function reads SIZE bytes at S, writes to OUT, which has room for 3 * SIZE bytes, and
 * returns the number of bytes written.  None allocates, fails, or ends OUT with a NUL.  The output
 * never has a control byte (0-31, 127), nor < > or ", so AWStats can write it into a page. */
#ifndef LOG_DECODE_H
#define LOG_DECODE_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes a path, query or referer: only what is legal in a URL, nothing else.
 *   %25 HEX HEX  ->  % HEX HEX      the client's own escape
 *   %7E          ->  ~
 *   %27          ->  '
 * Bytes that no URL has (0-32, < > ", 127 and up) are encoded. */
size_t decode_url(const char *s, size_t size, char *out);

/* Decodes a user agent to plain text.
 *   %25 HEX HEX  ->  the byte       encoded twice
 *   % HEX HEX    ->  the byte
 * Control characters (C0, DEL, C1), < > " and bytes that are not UTF-8 are encoded, in whatever
 * form the log has them. */
size_t decode_agent(const char *s, size_t size, char *out);

/* Copies any other value with its encoding.  Bytes 0-32, < > " and 127, C1 controls and bytes that
 * are not UTF-8 are encoded. */
size_t decode_plain(const char *s, size_t size, char *out);

/* Writes a host as HTTP compares it (RFC 9110, 4.2.3 and 7.2), so that a host has one spelling: in
 * lower case, without the port and the dot at the end.  An IPv6 address is in its shortest form
 * (RFC 5952), and in brackets, which CloudFront logs as %5B and %5D; without brackets, all of it is
 * taken for the address.  A host of which nothing is left becomes "-".  SIZE must not be 0. */
size_t decode_host(const char *s, size_t size, char *out);

/* Copies a record of a log that is normalized already, TABs and all; < > and " are encoded. */
size_t decode_record(const char *s, size_t size, char *out);

#endif
