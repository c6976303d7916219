#include "commands/check_bucket.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "commands/check_counted.h"
#include "http/header.h"
#include "http/pool.h"
#include "http/wait.h"
#include "log/probe.h"
#include "s3/bucket.h"
#include "s3/get_part.h"
#include "s3/list_objects.h"
#include "source/key_filter.h"
#include "source/key_guess.h"
#include "text/buffer.h"
#include "text/by_number.h"
#include "text/message.h"
#include "text/progress.h"
#include "text/shell_word.h"
#include "text/time.h"

enum {
    SKEW_MAX_S = 300, /* S3 rejects a request whose time is wrong by 900 s */
};

/* The results of listing the bucket. */
struct listing {
    struct s3_object newest[CHECK_LOGS]; /* the newest first; their keys are owned */
    size_t newest_count;
    uint64_t count, size;
    struct key_filter filter;
    uint64_t left_out; /* objects that the filter leaves out */
    bool is_complete;
    bool is_long;        /* listing was stopped because it took too long */
    bool has_time;       /* the store's responses have its time */
    int64_t clock_ahead; /* seconds that this machine's clock is ahead of the store's */
    struct buffer error; /* the reason if !is_complete */
};

/* Keeps the object if it is one of the newest.  Frees the keys of other objects. */
static void keep_newest(struct listing *listing, struct s3_object object)
{
    struct s3_object *newest = listing->newest;
    size_t at = listing->newest_count;
    while (at && object.modified > newest[at - 1].modified)
        at--;
    if (at == CHECK_LOGS) {
        free(object.key);
        return;
    }
    if (listing->newest_count == CHECK_LOGS)
        free(newest[CHECK_LOGS - 1].key);
    else
        listing->newest_count++;
    memmove(newest + at + 1, newest + at, (listing->newest_count - at - 1) * sizeof *newest);
    newest[at] = object;
}

static bool add_object(void *user, struct s3_object object)
{
    struct listing *listing = user;
    if (!key_filter_takes(&listing->filter, object.key)) {
        listing->left_out++;
        free(object.key);
        return true;
    }
    listing->count++;
    listing->size += object.size;
    keep_newest(listing, object);
    progress_add_objects(1);
    return true;
}

static void end_list(void *user, const struct s3_outcome *outcome)
{
    struct listing *listing = user;
    listing->is_complete = outcome->result == S3_DONE;
    int64_t date = http_header_date(outcome->date);
    listing->has_time = date >= 0;
    listing->clock_ahead = time(NULL) - date;
    if (outcome->error)
        buffer_add_text(&listing->error, outcome->error);
}

static void list_objects(struct listing *listing, struct s3_bucket *bucket, struct http_pool *pool,
                         int64_t end)
{
    struct s3_list list = {
        .user = listing, .found = add_object, .guess = key_guess, .done = end_list};
    struct buffer what = {0};
    buffer_printf(&what, "the list of objects of s3://%s/%s", bucket->uri.bucket,
                  bucket->uri.prefix);
    progress_show();
    progress_begin(PROGRESS_LIST, 0, 0);
    s3_list_start(&list, bucket, pool, bucket->uri.prefix);
    if (!http_wait(pool, &bucket->host, what.data, end, &listing->count)) {
        listing->is_complete = listing->is_long = listing->count > 0;
        buffer_printf(&listing->error,
                      "%s has not sent the list of objects within %d s; check the endpoint and the "
                      "network",
                      bucket->endpoint.host, HTTP_WAIT_MAX_MS / 1000);
    }
    progress_hide();
    s3_list_free(&list);
    buffer_free(&what);
}

/* Warns of a file with access keys that other users may read. */
static void check_credentials_file(const struct credentials *keys)
{
    struct stat status;
    if (!keys->path || stat(keys->path, &status) < 0 || !(status.st_mode & (S_IRWXG | S_IRWXO)))
        return;
    char *quoted = shell_word(keys->path);
    check_warn("credentials", "%s may be read by other users (mode %03o); run chmod 600 %s",
               keys->path, (unsigned)status.st_mode & 0777, quoted);
    free(quoted);
}

static void print_credentials(struct check *check, const struct s3_bucket *bucket)
{
    const struct credentials *keys = &bucket->signer.keys;
    char end[TIME_TEXT_SIZE];
    if (!bucket->credentials) {
        check_step(check, true, "credentials", "none: requests are not signed (sign = no)");
        return;
    }
    size_t size = strlen(keys->key_id);
    bool ends =
        keys->expires != CREDENTIALS_NO_EXPIRY && time_format(end, TIME_MINUTE, keys->expires);
    check_step(check, true, "credentials",
               "AWS credentials from %s, with the access key ID ...%s%s%s%s", keys->origin,
               keys->key_id + (size > 8 ? size - 4 : size),
               keys->token ? " and a session token" : "", ends ? "; they expire at " : "",
               ends ? end : "");
}

static void print_region(struct check *check, const struct s3_bucket *bucket)
{
    if (!bucket->moved)
        check_step(check, true, "region", "%s%s", bucket->region,
                   bucket->is_region_known ? " (S3 reported it in an earlier run)" : "");
    else if (bucket->given_region)
        check_step(check, false, "region",
                   "the bucket is in %s; write region = %s into the configuration", bucket->region,
                   bucket->region);
    else
        check_step(check, true, "region",
                   "%s (S3 reports it); write region = %s into the configuration to save this "
                   "request in each run",
                   bucket->region, bucket->region);
}

static void print_bucket(struct check *check, const struct listing *listing,
                         const struct s3_uri *uri, const char *source, const struct site *site)
{
    char newest[TIME_TEXT_SIZE];
    if (!listing->is_complete) {
        check_step(check, false, "bucket", "%s", listing->error.data);
    } else if (!listing->count && listing->left_out) {
        check_step(check, false, "bucket",
                   "s3://%s/%s: %" PRIu64 " %s there, none of which the settings \"include\" and "
                   "\"exclude\" choose; correct these settings",
                   uri->bucket, uri->prefix, listing->left_out,
                   by_number(listing->left_out, "object is", "objects are"));
    } else if (!listing->count && check_may_be_empty(site, source)) {
        check_step(check, true, "bucket",
                   "no objects at s3://%s/%s now: those that were counted were %s, as the setting "
                   "\"after\" says",
                   uri->bucket, uri->prefix, check_after_done(site));
    } else if (!listing->count) {
        check_step(check, false, "bucket",
                   "no objects at s3://%s/%s; check the prefix, and that the distribution writes "
                   "its logs there",
                   uri->bucket, uri->prefix);
    } else {
        time_format(newest, TIME_MINUTE, listing->newest[0].modified);
        check_step(check, true, "bucket", "%s%llu %s, %llu %s; the newest %s is of %s",
                   listing->is_long ? "more than " : "", (unsigned long long)listing->count,
                   by_number(listing->count, "object", "objects"),
                   (unsigned long long)listing->size, by_number(listing->size, "byte", "bytes"),
                   listing->is_long ? "of those" : "object", newest);
    }
}

/* Reads the beginning of the newest object. */
static void check_object(struct check *check, const struct site *site,
                         const struct s3_object *newest, struct s3_bucket *bucket,
                         struct http_pool *pool, int64_t end)
{
    struct buffer name = {0}, data = {0}, error = {0};
    buffer_printf(&name, "s3://%s/%s", bucket->uri.bucket, newest->key);
    if (s3_get_part(bucket, pool, newest, PROBE_SIZE, end, &data, &error)) {
        if (!check->kinds.size)
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
        check_step(
            check, false, "clock",
            "this machine's clock is %lld s %s the clock of the S3 server, which rejects requests "
            "when they differ by 15 minutes; set the clock (timedatectl set-ntp true)",
            llabs(ahead), direction);
    else
        check_step(check, true, "clock",
                   "this machine's clock is %lld s %s the clock of the S3 server", llabs(ahead),
                   direction);
}

void check_bucket(struct check *check, const char *uri, const struct site *site)
{
    struct s3_bucket bucket;
    struct buffer error = {0};
    struct listing listing = {.count = 0};
    struct http_pool *pool = NULL;
    const struct s3_access access = site_access(site);
    int64_t end = time_monotonic_ms() + HTTP_WAIT_MAX_MS; /* when the check gives up */
    if (s3_bucket_open(&bucket, uri, &access, &error) == 0)
        pool = s3_bucket_pool(&bucket, S3_LIST_REQUESTS_MAX, &error);
    if (!pool) {
        check_step(check, false, "credentials", "%s", error.data);
        goto out;
    }
    key_filter_init(&listing.filter, uri, site->include, site->exclude);
    print_credentials(check, &bucket);
    check_credentials_file(&bucket.signer.keys);
    list_objects(&listing, &bucket, pool, end);
    if (listing.is_complete)
        print_region(check, &bucket);
    print_bucket(check, &listing, &bucket.uri, uri, site);
    if (listing.is_complete && listing.count)
        for (size_t i = 0; i < listing.newest_count; i++)
            check_object(check, site, &listing.newest[i], &bucket, pool, end);
    print_clock(check, &listing);
out:
    http_pool_free(pool);
    s3_bucket_close(&bucket);
    for (size_t i = 0; i < listing.newest_count; i++)
        free(listing.newest[i].key);
    buffer_free(&listing.error);
    buffer_free(&error);
}
