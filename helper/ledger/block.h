/* A block: counted objects that are packed into one row of the ledger, in the order of their keys.
 *
 * An object of CloudFront's in a bucket takes about 36 bytes in a block.  These bytes are the unpredictable
 * parts of an object: its ETag (an MD5 digest), the digest of its text, the ID in its name, and parts of its
 * size and of the length of its text.  The other parts, which an object shares with its neighbours, take
 * almost no space.  The block has the whole ETag, since the ETag tells whether another object has replaced
 * the counted one.
 *
 * The data, numbers with the lowest byte first:
 *   BLOCK_FORMAT, 1 byte; the number of objects, 2; of digests, 2
 *   the lowest 4 bytes of the XXH3 of all that follows
 *   the ETags, 16 bytes each; the digests without their lengths, 12 bytes each
 *   what a range coder has written: for each object the group that it is in (folder, distribution,
 *   hour, suffix), ID, size, length.
 *
 * Where a folder's name repeats the year, month, day or hour of the object's name, the block has the byte 1, 2, 3
 * or 4. */
#ifndef LEDGER_BLOCK_H
#define LEDGER_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/ledger.h"
#include "text/buffer.h"
#include "text/digest.h"

enum {
    BLOCK_OBJECTS_MAX = 4096,
    BLOCK_TAG_SIZE = 16,
    BLOCK_DIGEST_SIZE = 12,
    BLOCK_KEY_MAX = 1024, /* bytes of a key: that of S3 */
    BLOCK_FORMAT = 2,
    BLOCK_FORMAT_LONG = 1 /* of schema 14: digests have 16 bytes, of which 12 count */
};

/* An object of a block. */
struct block_object {
    const char *key;
    uint64_t size;        /* bytes */
    struct digest digest; /* zeroed: not known */
    uint32_t hour, id;    /* of its name (log_id.h) */
    uint8_t tag[BLOCK_TAG_SIZE];
};

/* Converts an object of the ledger; the key is not copied.  False when a block cannot give back each of
 * its values exactly as it is: then the object cannot be packed. */
bool block_take(struct block_object *packed, const struct ledger_object *object);

/* Writes the ETag as text. */
enum { BLOCK_TAG_TEXT_SIZE = 2 * BLOCK_TAG_SIZE + 1 };
void block_write_tag(const struct block_object *object, char out[BLOCK_TAG_TEXT_SIZE]);

/* Reads an ETag as block_write_tag() writes it.  False for any other text. */
bool block_read_tag(uint8_t tag[BLOCK_TAG_SIZE], const char *text);

/* Writes the block of COUNT objects, 1 to BLOCK_OBJECTS_MAX, in the order of their keys; replaces
 * what OUT has. */
void block_write(struct buffer *out, const struct block_object *objects, size_t count);

/* What can be read in a block's data as it is. */
struct block_data {
    const uint8_t *tags,
        *digests; /* in the order of the objects; of those whose digests are known */
    size_t count, digest_count;
    size_t digest_size; /* bytes from one digest to the next */
};

/* Checks the data of a block, whose parts last as long as it does.  False when it is corrupt. */
bool block_open(struct block_data *data, const void *bytes, size_t size);

/* A block that was read.  Several readers share one. */
struct block {
    int64_t id; /* in its table */
    unsigned users;
    size_t count;
    struct block_object *objects;
    struct buffer keys; /* their texts */
};

/* Reads a block, for one user.  NULL when the data is corrupt. */
struct block *block_read(int64_t id, const void *data, size_t size);

/* Ends one user's use of a block; NULL: does nothing. */
void block_release(struct block *block);

/* Returns the number of the first object whose key is not before KEY; count when there is none. */
size_t block_find(const struct block *block, const char *key);

#endif
