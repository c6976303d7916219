/* AWS credentials: keys that may expire and be replaced while a run is under way.
 *
 * A keeper obtains keys from one source, the chain (aws/chain.h), and keeps the newest.  Each set
 * of keys has a generation; a caller compares generations to find out whether the keys were
 * replaced.
 *
 * Functions that take a keeper may be called from any thread. */
#ifndef AWS_CREDENTIALS_H
#define AWS_CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "text/buffer.h"

#define CREDENTIALS_NO_EXPIRY INT64_MAX

/* Keys are replaced this many seconds before they expire, so that they do not expire during a
 * request.  AWS's own SDKs use the same time. */
enum { CREDENTIALS_EARLY_S = 300 };

/* One set of keys.  Strings are owned (malloc). */
struct credentials {
    char *key_id, *secret;
    char *token;  /* of a session; NULL: none */
    char *origin; /* for messages: "the environment", "profile logs of /root/.aws/credentials" */
    char *path;   /* the file that has the keys; NULL: they are in no file */
    bool is_of_instance; /* from the EC2 metadata service, which also knows the region */
    int64_t expires;     /* seconds UTC; CREDENTIALS_NO_EXPIRY when not known */
    uint64_t generation; /* 1, 2, ... as the keeper numbers them; 0: no keys yet */
};

/* Overwrites the secrets, then frees all strings. */
void credentials_clear(struct credentials *credentials);

/* Returns whether the keys can go into the header of a request, and have not expired.  Else adds
 * one line to ERROR.  Keys of an EC2 instance count as valid after their expiry, too. */
bool credentials_check(const struct credentials *keys, struct buffer *error);

/* Overwrites and frees a secret string; NULL is allowed. */
void credentials_free_secret(char *secret);

/* Returns the time of TEXT, such as "2026-11-27T08:00:00Z", "2026-11-27 08:00:00.5+01:00" or
 * "20261127T080000Z", in seconds UTC; CREDENTIALS_NO_EXPIRY for NULL or anything else. */
int64_t credentials_read_expiry(const char *text);

enum credentials_result {
    CREDENTIALS_FOUND,
    CREDENTIALS_NONE,   /* the source has no keys: try the next link of the chain */
    CREDENTIALS_FAILED, /* ERROR says why the source, which should have keys, gives none */
};

/* A source of keys. */
struct credentials_source {
    /* Reads the current keys from the source: sets all members of KEYS except the generation.  KEYS
     * is zero, except that expires is CREDENTIALS_NO_EXPIRY.  The keeper calls this again to
     * replace keys, in one thread at a time. */
    enum credentials_result (*fetch)(void *state, struct credentials *keys, struct buffer *error);
    void (*free)(void *state); /* NULL: nothing to free */
};

struct credentials_keeper;

/* Returns a keeper with the first keys of SOURCE.  Takes over STATE, also in case of an error.
 * Returns NULL after adding one line to ERROR when the source has no keys, or credentials_check()
 * refuses them. */
struct credentials_keeper *credentials_keeper_new(const struct credentials_source *source,
                                                  void *state, struct buffer *error);
void credentials_keeper_free(struct credentials_keeper *keeper);

/* Updates KEYS, which the caller zeroes at first and clears at last, to the newest generation.
 * Before that, replaces keys that are about to expire; if that fails, the old keys stay. */
void credentials_get(struct credentials_keeper *keeper, struct credentials *keys);

/* Reads the source again, after the server has rejected the keys of GENERATION as expired or
 * unknown.  Returns whether there are newer keys now.  If the source has failed, adds its error to
 * ERROR. */
bool credentials_renew(struct credentials_keeper *keeper, uint64_t generation,
                       struct buffer *error);

#endif
