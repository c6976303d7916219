/* Values as CloudFront encodes them, brought to their normal form.
 *
 * CloudFront percent-encodes each value once on top of what the client sent: bytes 0-32, 127 and
 * up, and < > " # % { } | \ ^ ~ [ ] ` ' (Amazon CloudFront Developer Guide, "Standard log file
 * fields").  From September 2013 to early 2020 user agents were encoded twice.
 *
 * Each function reads SIZE bytes at S, writes at OUT, which must have room for 3 * SIZE bytes, and
 * returns the number of bytes written.  None allocates, fails, or ends OUT with a NUL.  The output
 * never holds a control byte (0-31, 127). */
#ifndef LOG_DECODE_H
#define LOG_DECODE_H

#include <stddef.h>

/* Path, query and referer: only what is legal in a URL comes back, everything else stays.
 *   %25 HEX HEX  ->  % HEX HEX      the client's own escape
 *   %7E          ->  ~
 *   %27          ->  '
 * Bytes that should not stand there at all (0-32, 127 and up) are encoded. */
size_t decode_url(const char *s, size_t size, char *out);

/* User agent: plain text.
 *   %25 HEX HEX  ->  the byte       encoded twice
 *   % HEX HEX    ->  the byte
 * Controls (C0, DEL, C1), < > " and what is not UTF-8 are encoded, however they came. */
size_t decode_agent(const char *s, size_t size, char *out);

/* Every other value: as it is, its encoding kept.  Bytes 0-32, 127, C1 controls and what is not
 * UTF-8 are encoded. */
size_t decode_plain(const char *s, size_t size, char *out);

#endif
