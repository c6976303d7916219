#include "aws/credentials.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "memory/allocate.h"
#include "text/message.h"
#include "text/time.h"

enum { RETRY_S = 60 }; /* seconds between two attempts to replace keys that are about to expire */

struct credentials_keeper {
    const struct credentials_source *source;
    void *state;
    pthread_mutex_t lock; /* of the source and the members below */
    struct credentials keys;
    int64_t next_attempt; /* the next replacement of keys about to expire; seconds UTC */
};

void credentials_free_secret(char *secret)
{
    if (secret)
        OPENSSL_cleanse(secret, strlen(secret));
    free(secret);
}

void credentials_clear(struct credentials *credentials)
{
    free(credentials->key_id);
    credentials_free_secret(credentials->secret);
    credentials_free_secret(credentials->token);
    free(credentials->origin);
    free(credentials->path);
    *credentials = (struct credentials){0};
}

int64_t credentials_read_expiry(const char *text)
{
    struct tm tm;
    static const char *const forms[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y%m%dT%H%M%S"};
    const char *end = NULL;
    for (size_t i = 0; text && !end && i < sizeof forms / sizeof *forms; i++) {
        tm = (struct tm){0};
        end = strptime(text, forms[i], &tm);
    }
    if (end && *end == '.')
        end += 1 + strspn(end + 1, "0123456789");
    if (end && !strcmp(end, "UTC")) /* as AWS's own tools have written it into caches */
        end = "Z";
    end = end ? strptime(end, "%z", &tm) : NULL;
    if (!end || *end)
        return CREDENTIALS_NO_EXPIRY;
    long offset = tm.tm_gmtoff; /* timegm() clears the member */
    return (int64_t)timegm(&tm) - offset;
}

/* A key goes into a header of a request, so a line break in a key would forge another header. */
static bool is_printable(const char *text)
{
    for (; *text; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

/* Returns whether AWS would refuse the keys.  Keys of an instance never expire here: if the
 * metadata service cannot get new ones, it gives the old ones, and AWS accepts them. */
static bool has_expired(const struct credentials *keys, int64_t now)
{
    return keys->expires <= now && !keys->is_of_instance;
}

bool credentials_check(const struct credentials *keys, struct buffer *error)
{
    const char *name = NULL;
    int64_t now = time(NULL);
    char end[TIME_TEXT_SIZE], present[TIME_TEXT_SIZE];
    if (has_expired(keys, now)) {
        time_format(end, TIME_SECOND, keys->expires);
        time_format(present, TIME_SECOND, now);
        buffer_printf(error,
                      "the AWS credentials from %s expired at %s, and this machine's clock says "
                      "%s; get new ones, or set the clock right",
                      keys->origin, end, present);
        return false;
    }
    if (!is_printable(keys->key_id))
        name = "access key ID";
    else if (!is_printable(keys->secret))
        name = "secret access key";
    else if (keys->token && !is_printable(keys->token))
        name = "session token";
    if (name)
        buffer_printf(error,
                      "the %s from %s contains a space or another character that AWS never uses in "
                      "one; copy it from AWS again",
                      name, keys->origin);
    return !name;
}

static bool are_equal(const struct credentials *a, const struct credentials *b)
{
    return a->key_id && b->key_id && !strcmp(a->key_id, b->key_id) &&
           !strcmp(a->secret, b->secret) &&
           !strcmp(a->token ? a->token : "", b->token ? b->token : "");
}

/* Fetches keys from the source, and stores them if they are new.  The caller has the lock.  Returns
 * false after adding one line to ERROR. */
static bool fetch(struct credentials_keeper *keeper, struct buffer *error)
{
    struct credentials keys = {.expires = CREDENTIALS_NO_EXPIRY};
    bool fetched = keeper->source->fetch(keeper->state, &keys, error) == CREDENTIALS_FOUND &&
                   credentials_check(&keys, error);
    if (fetched && are_equal(&keys, &keeper->keys)) {
        keeper->keys.expires = keys.expires;
    } else if (fetched) {
        keys.generation = keeper->keys.generation + 1;
        message_verbose("%sAWS credentials from %s", keys.generation > 1 ? "new " : "",
                        keys.origin);
        credentials_clear(&keeper->keys);
        keeper->keys = keys;
        return true;
    }
    credentials_clear(&keys);
    return fetched;
}

struct credentials_keeper *credentials_keeper_new(const struct credentials_source *source,
                                                  void *state, struct buffer *error)
{
    struct credentials_keeper *keeper = memory_allocate(1, sizeof *keeper);
    keeper->source = source;
    keeper->state = state;
    pthread_mutex_init(&keeper->lock, NULL);
    if (fetch(keeper, error))
        return keeper;
    credentials_keeper_free(keeper);
    return NULL;
}

void credentials_keeper_free(struct credentials_keeper *keeper)
{
    if (!keeper)
        return;
    credentials_clear(&keeper->keys);
    if (keeper->source->free)
        keeper->source->free(keeper->state);
    pthread_mutex_destroy(&keeper->lock);
    free(keeper);
}

/* Replaces keys that are about to expire.  The caller has the lock. */
static void replace_early(struct credentials_keeper *keeper)
{
    int64_t now = time(NULL);
    if (keeper->keys.expires - CREDENTIALS_EARLY_S > now || keeper->next_attempt > now)
        return;
    struct buffer error = {0};
    keeper->next_attempt = now + RETRY_S;
    /* The old keys may still be valid for some minutes.  When they are not, credentials_renew()
     * reports. */
    fetch(keeper, &error);
    buffer_free(&error);
}

void credentials_get(struct credentials_keeper *keeper, struct credentials *keys)
{
    pthread_mutex_lock(&keeper->lock);
    replace_early(keeper);
    const struct credentials *present = &keeper->keys;
    if (keys->generation != present->generation) {
        credentials_clear(keys);
        *keys = (struct credentials){.key_id = memory_copy_optional(present->key_id),
                                     .secret = memory_copy_optional(present->secret),
                                     .token = memory_copy_optional(present->token),
                                     .origin = memory_copy_optional(present->origin),
                                     .path = memory_copy_optional(present->path),
                                     .is_of_instance = present->is_of_instance,
                                     .generation = present->generation};
    }
    keys->expires = present->expires;
    pthread_mutex_unlock(&keeper->lock);
}

bool credentials_renew(struct credentials_keeper *keeper, uint64_t generation, struct buffer *error)
{
    pthread_mutex_lock(&keeper->lock);
    if (keeper->keys.generation == generation)
        fetch(keeper, error);
    bool renewed = keeper->keys.generation != generation;
    pthread_mutex_unlock(&keeper->lock);
    return renewed;
}
