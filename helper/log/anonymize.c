#include "log/anonymize.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_S = 86400, NETWORK_BYTES = 6, SHORT_V4 = 1, SHORT_V6 = 10 };

static const struct network names = {{false, {0xfd, 'A', 'W', 'S', 'C', 'F'}}, 8 * NETWORK_BYTES};

static void shorten(struct address *address)
{
    if (address->is_v4)
        memset(address->bytes + ADDRESS_V4_BYTES - SHORT_V4, 0, SHORT_V4);
    else
        memset(address->bytes + ADDRESS_BYTES - SHORT_V6, 0, SHORT_V6);
}

static void hash(struct address *address, const unsigned char key[DAY_KEY_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    size_t size = address->is_v4 ? ADDRESS_V4_BYTES : ADDRESS_BYTES;
    /* Fails only if libcrypto has no SHA-256; no address may get out then. */
    if (!HMAC(EVP_sha256(), key, DAY_KEY_SIZE, address->bytes, size, digest, NULL))
        abort();
    *address = names.address;
    memcpy(address->bytes + NETWORK_BYTES, digest, ADDRESS_BYTES - NETWORK_BYTES);
}

void anonymize(struct address *address, enum anonymize how, struct day_keys *keys, uint32_t time)
{
    if (how == ANONYMIZE_NONE || address_is_in(address, &names))
        return;
    if (how == ANONYMIZE_IP || !keys)
        shorten(address);
    else
        hash(address, day_keys_get(keys, time / DAY_S));
}
