#include "aws/signer.h"

#include <stdio.h>
#include <string.h>

bool signer_prepare(struct signer *signer, const char *time, const char *region,
                    const char *service, struct buffer *error)
{
    char scope[sizeof signer->key.scope];
    credentials_get(signer->keeper, &signer->keys);
    if (!sigv4_scope(scope, time, region, service)) {
        buffer_printf(
            error,
            "region %s: the name is too long for a region; correct the setting \"region\", "
            "or AWS_REGION",
            region);
        return false;
    }
    if (signer->key_generation == signer->keys.generation && !strcmp(scope, signer->key.scope))
        return true;
    signer->key_generation = signer->keys.generation;
    if (sigv4_key_derive(&signer->key, signer->keys.secret, time, region, service))
        return true;
    signer->key_generation = 0;
    buffer_add_text(error, "the request cannot be signed: OpenSSL has no HMAC with SHA-256; enable "
                           "its default provider in openssl.cnf");
    return false;
}

void signer_clear(struct signer *signer)
{
    credentials_clear(&signer->keys);
    sigv4_key_clear(&signer->key);
    signer->key_generation = 0;
}
