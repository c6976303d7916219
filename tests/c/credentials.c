/* The credentials: generations, keys that expire, a source that fails; and the signing key, which is derived
 * again for each generation, day and region. */
#include "aws/credentials.h"

#include <stdlib.h>
#include <time.h>

#include "aws/signer.h"
#include "memory/allocate.h"
#include "tap.h"

/* A source whose results the test sets. */
struct script {
    const char *key_id; /* NULL: the source fails */
    int64_t expires;
    unsigned fetches, frees;
};

static enum credentials_result fetch(void *state, struct credentials *keys, struct buffer *error)
{
    struct script *script = state;
    script->fetches++;
    if (!script->key_id) {
        buffer_add_text(error, "no keys today");
        return CREDENTIALS_FAILED;
    }
    keys->key_id = memory_copy_text(script->key_id);
    keys->secret = memory_copy_text("secret");
    keys->origin = memory_copy_text("a test");
    keys->expires = script->expires;
    return CREDENTIALS_FOUND;
}

static void release(void *state)
{
    struct script *script = state;
    script->frees++;
}

static const struct credentials_source source = {.fetch = fetch, .free = release};

static void is_key(const struct credentials *keys, const char *key_id, uint64_t generation)
{
    is_text(keys->key_id, strlen(keys->key_id), key_id, "the key");
    ok(keys->generation == generation, "generation %llu", (unsigned long long)keys->generation);
}

static void test_renewal(void)
{
    struct script script = {.key_id = "AKID1", .expires = CREDENTIALS_NO_EXPIRY};
    struct buffer error = {0};
    struct credentials keys = {0};
    struct credentials_keeper *keeper = credentials_keeper_new(&source, &script, &error);
    if (!ok(keeper != NULL, "a keeper"))
        return;
    credentials_get(keeper, &keys);
    credentials_get(keeper, &keys);
    is_key(&keys, "AKID1", 1);
    ok(script.fetches == 1, "keys without an expiry are fetched once");

    ok(!credentials_renew(keeper, 1, &error) && !error.size, "the same keys are no newer ones");
    script.key_id = "AKID2";
    ok(credentials_renew(keeper, 1, &error), "other keys are");
    credentials_get(keeper, &keys);
    is_key(&keys, "AKID2", 2);
    ok(script.fetches == 3, "fetched once for each rejection");
    ok(credentials_renew(keeper, 1, &error) && script.fetches == 3,
       "a late rejection of the old generation fetches nothing");

    script.key_id = NULL;
    ok(!credentials_renew(keeper, 2, &error), "a source that fails");
    is_text(error.data, error.size, "no keys today", "its error");
    credentials_get(keeper, &keys);
    is_key(&keys, "AKID2", 2);
    credentials_clear(&keys);
    credentials_keeper_free(keeper);
    ok(script.frees == 1, "the source's state is freed once");
    buffer_free(&error);
}

static void test_expiry(void)
{
    int64_t now = time(NULL);
    struct script script = {.key_id = "AKID1", .expires = now + CREDENTIALS_EARLY_S + 100};
    struct buffer error = {0};
    struct credentials keys = {0};
    struct credentials_keeper *keeper = credentials_keeper_new(&source, &script, &error);
    credentials_get(keeper, &keys);
    ok(script.fetches == 1 && keys.expires == script.expires, "keys that last are kept");
    credentials_clear(&keys);
    credentials_keeper_free(keeper);

    script = (struct script){.key_id = "AKID1", .expires = now + CREDENTIALS_EARLY_S - 10};
    keeper = credentials_keeper_new(&source, &script, &error);
    script.key_id = "AKID2";
    script.expires = now + 3600;
    credentials_get(keeper, &keys);
    is_key(&keys, "AKID2", 2);
    credentials_get(keeper, &keys);
    ok(script.fetches == 2, "keys about to expire are replaced before they do");
    credentials_clear(&keys);
    credentials_keeper_free(keeper);

    script = (struct script){.key_id = "AKID1", .expires = now + 10};
    keeper = credentials_keeper_new(&source, &script, &error);
    script.key_id = NULL;
    for (int i = 0; i < 5; i++)
        credentials_get(keeper, &keys);
    is_key(&keys, "AKID1", 1);
    ok(script.fetches == 2, "a source that cannot replace them is not asked for each request");
    credentials_clear(&keys);
    credentials_keeper_free(keeper);

    script = (struct script){.key_id = "AK ID"};
    ok(!credentials_keeper_new(&source, &script, &error) && error.size, "refused: %s",
       error.data ? error.data : "taken");
    buffer_free(&error);
}

static bool is_same_key(const struct signer *signer, const struct sigv4_key *key)
{
    return !memcmp(signer->key.key, key->key, sizeof key->key);
}

static void test_signer(void)
{
    struct script script = {.key_id = "AKID1", .expires = CREDENTIALS_NO_EXPIRY};
    struct buffer error = {0};
    struct signer signer = {.keeper = credentials_keeper_new(&source, &script, &error)};
    struct sigv4_key first = {0};
    ok(signer_prepare(&signer, "20261127T000000Z", "eu-west-1", "s3", &error), "a signing key");
    sigv4_key_derive(&first, "secret", "20261127T000000Z", "eu-west-1", "s3");
    ok(is_same_key(&signer, &first), "the right one");
    signer.key.key[0] ^= 1;
    signer_prepare(&signer, "20261127T235959Z", "eu-west-1", "s3", &error);
    ok(!is_same_key(&signer, &first), "the same day: not derived again");
    signer_prepare(&signer, "20261128T000000Z", "eu-west-1", "s3", &error);
    signer_prepare(&signer, "20261127T000000Z", "eu-west-1", "s3", &error);
    ok(is_same_key(&signer, &first), "another day: derived again");
    signer.key.key[0] ^= 1;
    signer_prepare(&signer, "20261127T000000Z", "eu-west-2", "s3", &error);
    signer_prepare(&signer, "20261127T000000Z", "eu-west-1", "s3", &error);
    ok(is_same_key(&signer, &first), "another region: derived again");
    signer.key.key[0] ^= 1;
    script.key_id = "AKID2";
    credentials_renew(signer.keeper, 1, &error);
    signer_prepare(&signer, "20261127T000000Z", "eu-west-1", "s3", &error);
    ok(is_same_key(&signer, &first), "another generation: derived again");
    is_text(signer.keys.key_id, strlen(signer.keys.key_id), "AKID2", "with its key");

    char region[200];
    memset(region, 'a', sizeof region);
    region[sizeof region - 1] = '\0';
    ok(!signer_prepare(&signer, "20261127T000000Z", region, "s3", &error), "refused: %s",
       error.data ? error.data : "taken");
    signer_clear(&signer);
    sigv4_key_clear(&first);
    credentials_keeper_free(signer.keeper);
    buffer_free(&error);
}

int main(void)
{
    test_renewal();
    test_expiry();
    test_signer();
    return done_testing();
}
