/* AWS credentials: keys that may expire and be replaced while a run is under way.
 *
 * A provider obtains keys from one source and keeps the newest.  Each set of keys has a generation;
 * whoever signs requests compares generations to know whether keys were replaced.  A source is one
 * link of the chain (aws/chain.h): the environment, a profile, later a role.
 *
 * Functions that take a provider may be called from any thread. */
#ifndef AWS_CREDENTIALS_H
#define AWS_CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "text/buffer.h"

#define CREDENTIALS_NO_EXPIRY INT64_MAX

/* Seconds before keys expire at which they are replaced, so that no request is under way with keys
 * that expire.  AWS's own SDKs use as much. */
enum { CREDENTIALS_EARLY_S = 300 };

/* One set of keys.  Strings are owned (malloc). */
struct credentials {
    char *key_id, *secret;
    char *token;     /* of a session; NULL: none */
    char *origin;    /* for messages: "the environment", "profile logs of /root/.aws/credentials" */
    int64_t expires; /* seconds UTC; CREDENTIALS_NO_EXPIRY when not known */
    uint64_t generation; /* 1, 2, ... as the provider numbers them; 0: no keys yet */
};

/* Overwrites the secrets, then frees all strings. */
void credentials_clear(struct credentials *credentials);

/* Overwrites and frees a secret string; NULL is allowed. */
void credentials_free_secret(char *secret);

enum credentials_result {
    CREDENTIALS_FOUND,
    CREDENTIALS_NONE,   /* the source has no keys: the next link of the chain is to be tried */
    CREDENTIALS_FAILED, /* the source should have keys, but cannot give them; ERROR says why */
};

/* Where keys come from. */
struct credentials_source {
    /* Obtains the present keys: sets key_id, secret, token, origin and expires of KEYS, which is
     * zero but for expires (CREDENTIALS_NO_EXPIRY).  Called again when keys are to be replaced, by
     * one thread at a time. */
    enum credentials_result (*fetch)(void *state, struct credentials *keys, struct buffer *error);
    void (*free)(void *state); /* NULL: nothing to free */
};

struct credentials_provider;

/* A provider with the first keys of SOURCE; owns STATE from now on.  Returns NULL after adding one
 * line to ERROR: the source has no keys, or keys with a byte that no key has. */
struct credentials_provider *credentials_provider_new(const struct credentials_source *source,
                                                      void *state, struct buffer *error);
void credentials_provider_free(struct credentials_provider *provider);

/* Brings KEYS (zeroed at first; cleared by the caller) up to the present generation, after replacing
 * keys that are about to expire.  Where those cannot be replaced the old ones stay. */
void credentials_get(struct credentials_provider *provider, struct credentials *keys);

/* The server has refused keys of GENERATION as expired or unknown.  Asks the source once more.
 * Returns true if there are newer keys now; else false, after adding to ERROR why the source failed,
 * if it did. */
bool credentials_renew(struct credentials_provider *provider, uint64_t generation,
                       struct buffer *error);

#endif
