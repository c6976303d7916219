/* The length and the digest of a text, by which the program recognizes the text: two different
 * texts never have the same length and digest by chance.  The digest is the first 96 bits of XXH3
 * of 128 bits, of the library xxHash.  XXH3 is faster than inflating the text, and is the same on
 * each machine.
 *
 * A billion texts of one length are 5 * 10^17 pairs, and 96 bits have 8 * 10^28 values: the chance
 * that any two of the texts have the same digest is 6 * 10^-12.  With 64 bits it would be 3 %. */
#ifndef TEXT_DIGEST_H
#define TEXT_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: no text was digested. */
struct digest {
    uint64_t length; /* bytes */
    uint64_t high;
    uint32_t low;
};

/* Takes a text in pieces.  One digester serves any number of texts, one after another. */
struct digester;

struct digester *digester_new(void); /* never NULL */
void digester_free(struct digester *digester);
void digester_begin(struct digester *digester); /* the next piece begins a text */
void digester_add(struct digester *digester, const void *piece, size_t size);
struct digest digester_end(const struct digester *digester);

/* Returns whether a text was digested.  The digest of an empty text is not zero. */
bool digest_is_known(const struct digest *digest);

/* Orders digests. */
int digest_compare(const struct digest *a, const struct digest *b);

/* Writes the length in decimal digits, a space, and 24 hexadecimal digits; "" if no text was
 * digested. */
enum { DIGEST_WRITTEN_SIZE = 20 + 1 + 24 + 1 };
void digest_write(const struct digest *digest, char out[DIGEST_WRITTEN_SIZE]);

/* Reads what digest_write() writes.  Returns false for any other text. */
bool digest_read(struct digest *digest, const char *text);

#endif
