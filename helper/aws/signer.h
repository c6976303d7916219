/* Signs requests: holds the current keys of a keeper, and the signing key derived from them. */
#ifndef AWS_SIGNER_H
#define AWS_SIGNER_H

#include <stdbool.h>

#include "aws/credentials.h"
#include "aws/sigv4.h"

/* The caller zeroes the signer at first, sets the keeper, and owns the keeper.  One thread at a
 * time may use a signer. */
struct signer {
    struct credentials_keeper *keeper;
    struct credentials keys; /* of the last signer_prepare() */
    struct sigv4_key key;    /* for one day, region and service, derived from keys */
    uint64_t key_generation; /* the generation of keys from which key was derived */
};

/* Updates the keys, and derives the signing key, unless the signer already has it for this
 * generation, day, region and service.  TIME is YYYYMMDDTHHMMSSZ.  Returns false after adding one
 * line to ERROR. */
bool signer_prepare(struct signer *signer, const char *time, const char *region,
                    const char *service, struct buffer *error);

/* Overwrites and frees the secrets.  The keeper stays. */
void signer_clear(struct signer *signer);

#endif
