#include "commands/check_bucket.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/pool.h"
#include "log/probe.h"
#include "s3/bucket.h"
#include "s3/get_part.h"
#include "s3/list_objects.h"
#include "text/buffer.h"
#include "text/message.h"
#include "text/time.h"

enum {
    IDLE_MS = 1000,
    SKEW_MAX_S = 300, /* S3 refuses requests that are 900 s off */
};

/* The results of listing the bucket. */
struct listing {
    struct s3_object newest; /* its key is owned */
    uint64_t count, size;
    bool is_complete;
    bool has_time;       /* the store told its time */
    int64_t clock_ahead; /* seconds that this machine's clock is ahead of the store's */
    struct buffer error; /* of one that is not complete */
};

static bool add_object(void *user, struct s3_object object)
{
    struct listing *listing = user;
    listing->count++;
    listing->size += object.size;
    if (!listing->newest.key || object.modified > listing->newest.modified) {
        free(listing->newest.key);
        listing->newest = object;
    } else {
        free(object.key);
    }
    message_progress("%llu objects listed", (unsigned long long)listing->count);
    return true;
}

static void end_list(void *user, const struct s3_outcome *outcome)
{
    struct listing *listing = user;
    listing->is_complete = outcome->result == S3_DONE;
    listing->has_time = outcome->date >= 0;
    listing->clock_ahead = time(NULL) - outcome->date;
    if (!listing->is_complete)
        buffer_add_text(&listing->error,
                        outcome->error ? outcome->error : "the request was interrupted");
}

static void list_objects(struct listing *listing, struct s3_bucket *bucket, struct http_pool *pool)
{
    struct s3_list list = {.user = listing, .found = add_object, .done = end_list};
    s3_list_start(&list, bucket, pool, bucket->uri.prefix);
    while (http_pool_is_busy(pool))
        http_pool_step(pool, IDLE_MS);
    message_progress_end();
    s3_list_free(&list);
}

static void print_credentials(struct check *check, const struct credentials *keys)
{
    size_t size = strlen(keys->key_id);
    check_step(check, true, "credentials", "from %s, access key ID ...%s%s", keys->origin,
               keys->key_id + (size > 8 ? size - 4 : size),
               keys->token ? ", with a session token" : "");
}

static void print_region(struct check *check, const struct s3_bucket *bucket)
{
    if (!bucket->moved)
        check_step(check, true, "region", "%s", bucket->region);
    else if (bucket->given_region)
        check_step(check, false, "region", "the bucket is in %s; correct the setting region",
                   bucket->region);
    else
        check_step(check, true, "region",
                   "%s, as the store says; region = %s in the configuration saves a request",
                   bucket->region, bucket->region);
}

static void print_bucket(struct check *check, const struct listing *listing,
                         const struct s3_uri *uri)
{
    char newest[TIME_TEXT_SIZE];
    if (!listing->is_complete) {
        check_step(check, false, "bucket", "%s", listing->error.data);
    } else if (!listing->count) {
        check_step(check, false, "bucket",
                   "no objects at s3://%s/%s; check the prefix, and that the distribution writes "
                   "its logs there",
                   uri->bucket, uri->prefix);
    } else {
        time_format(newest, TIME_MINUTE, listing->newest.modified);
        check_step(check, true, "bucket", "%llu objects, %llu bytes, the newest of %s",
                   (unsigned long long)listing->count, (unsigned long long)listing->size, newest);
    }
}

/* Reads the beginning of the newest object. */
static void check_object(struct check *check, const struct site *site,
                         const struct s3_object *newest, struct s3_bucket *bucket,
                         struct http_pool *pool)
{
    struct buffer name = {0}, data = {0}, error = {0};
    buffer_printf(&name, "s3://%s/%s", bucket->uri.bucket, newest->key);
    if (s3_get_part(bucket, pool, newest, PROBE_SIZE, &data, &error)) {
        check_step(check, true, "object", "%s can be read", name.data);
        check_log(check, site, name.data, data.data, data.size, newest->size <= PROBE_SIZE);
    } else {
        check_step(check, false, "object", "%s: %s", name.data, error.data);
    }
    buffer_free(&name);
    buffer_free(&data);
    buffer_free(&error);
}

static void print_clock(struct check *check, const struct listing *listing)
{
    long long ahead = listing->clock_ahead;
    const char *direction = ahead < 0 ? "behind" : "ahead of";
    if (!listing->has_time)
        return;
    if (llabs(ahead) > SKEW_MAX_S)
        check_step(check, false, "clock",
                   "this machine's clock is %lld s %s the store's; from 15 minutes on, the store "
                   "rejects requests; set the clock (timedatectl set-ntp true)",
                   llabs(ahead), direction);
    else
        check_step(check, true, "clock", "this machine's clock is %lld s %s the store's",
                   llabs(ahead), direction);
}

void check_bucket(struct check *check, const char *uri, const struct site *site)
{
    struct s3_bucket bucket;
    struct buffer error = {0};
    struct listing listing = {.count = 0};
    struct http_pool *pool = NULL;
    if (s3_bucket_open(&bucket, uri, site->region, site->profile, site->endpoint, &error) == 0)
        pool = http_pool_new(1, &error);
    if (!pool) {
        check_step(check, false, "credentials", "%s", error.data);
        goto out;
    }
    print_credentials(check, &bucket.signer.keys);
    list_objects(&listing, &bucket, pool);
    if (listing.is_complete)
        print_region(check, &bucket);
    print_bucket(check, &listing, &bucket.uri);
    if (listing.is_complete && listing.count)
        check_object(check, site, &listing.newest, &bucket, pool);
    print_clock(check, &listing);
out:
    http_pool_free(pool);
    s3_bucket_close(&bucket);
    free(listing.newest.key);
    buffer_free(&listing.error);
    buffer_free(&error);
}
