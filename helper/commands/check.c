/* check: tries all that a site needs, step by step, and prints a line for each step: "ok", or
 * "FAIL" with what to do.  A step that cannot be tried after another one failed is left out.  Of a
 * source's objects, the newest is read. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "batch/owner.h"
#include "awstats/find.h"
#include "commands/batch_messages.h"
#include "commands/commands.h"
#include "config/site_file.h"
#include "log/probe.h"
#include "ledger/ledger.h"
#include "s3/bucket.h"
#include "http/pool.h"
#include "s3/list_objects.h"
#include "source/source.h"
#include "text/buffer.h"
#include "text/message.h"
#include "text/time.h"

enum {
    IDLE_MS = 1000,
    SKEW_MAX_S = 300, /* S3 refuses requests that are 900 s off */
    PIECE_SIZE = 64 * 1024,
};

struct check {
    const struct options *options;
    bool failed;
};

/* A bucket under examination. */
struct examination {
    struct s3_bucket bucket;
    struct http_pool *pool;
    struct s3_object newest;
    struct probe *probe; /* of the newest object */
    uint64_t count, size;
    bool listed, read;
    int64_t store_time; /* the store's clock at local_time, seconds UTC; -1: not known */
    int64_t local_time;
    struct buffer cause; /* of the last request's failure */
};

static void print_step(struct check *check, bool ok, const char *step, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void print_step(struct check *check, bool ok, const char *step, const char *format, ...)
{
    struct buffer text = {0};
    char line[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    for (const unsigned char *p = (const unsigned char *)line; *p; p++)
        buffer_printf(&text, *p < 0x20 || *p == 0x7f ? "\\x%02x" : "%c", *p);
    printf("%-4s  %s: %s\n", ok ? "ok" : "FAIL", step, text.data ? text.data : "");
    fflush(stdout);
    check->failed |= !ok;
    buffer_free(&text);
}

static void keep_outcome(struct examination *examination, const struct s3_outcome *outcome)
{
    examination->store_time = outcome->date;
    examination->local_time = time(NULL);
    buffer_clear(&examination->cause);
    buffer_add_text(&examination->cause, outcome->error ? outcome->error : "out of memory");
}

static bool add_object(void *user, struct s3_object object)
{
    struct examination *examination = user;
    examination->count++;
    examination->size += object.size;
    if (!examination->newest.key || object.modified > examination->newest.modified) {
        free(examination->newest.key);
        examination->newest = object;
    } else {
        free(object.key);
    }
    message_progress("%llu objects listed", (unsigned long long)examination->count);
    return true;
}

static void end_list(void *user, const struct s3_outcome *outcome)
{
    struct examination *examination = user;
    keep_outcome(examination, outcome);
    examination->listed = outcome->result == S3_DONE;
}

static enum s3_taken begin_object(struct s3_request *request)
{
    struct examination *examination = request->user;
    probe_begin(examination->probe);
    return S3_TAKEN;
}

static enum s3_taken take_object(struct s3_request *request, const void *data, size_t size,
                                 const char **cause)
{
    (void)cause;
    struct examination *examination = request->user;
    probe_add(examination->probe, data, size);
    return S3_TAKEN;
}

static enum s3_taken end_object(struct s3_request *request, const char **cause)
{
    (void)request, (void)cause;
    return S3_TAKEN;
}

static void done_object(struct s3_request *request, const struct s3_outcome *outcome)
{
    struct examination *examination = request->user;
    keep_outcome(examination, outcome);
    examination->read = outcome->result == S3_DONE;
}

static void run_requests(struct examination *examination)
{
    while (http_pool_is_busy(examination->pool))
        http_pool_step(examination->pool, IDLE_MS);
    message_progress_end();
}

/* The bytes of NAME have been probed. */
static void print_log(struct check *check, struct probe *probe, bool is_whole, const char *name)
{
    struct buffer text = {0};
    bool ok = probe_end(probe, is_whole, &text);
    const char *said = text.failed ? "out of memory" : text.data;
    if (ok)
        print_step(check, true, "log", "%s", said);
    else
        print_step(check, false, "log", "%s: %s", name, said);
    buffer_free(&text);
}

static void check_object(struct check *check, struct examination *examination)
{
    const struct s3_object *newest = &examination->newest;
    const char *bucket = examination->bucket.uri.bucket;
    char range[32];
    snprintf(range, sizeof range, "bytes=0-%d", PROBE_SIZE - 1);
    bool is_whole = newest->size <= PROBE_SIZE;
    struct s3_request request = {.key = newest->key,
                                 .range = is_whole ? NULL : range,
                                 .size = S3_SIZE_UNKNOWN,
                                 .user = examination,
                                 .begin = begin_object,
                                 .take = take_object,
                                 .end = end_object,
                                 .done = done_object};
    s3_request_start(&request, &examination->bucket, examination->pool);
    run_requests(examination);
    struct buffer name = {0};
    buffer_printf(&name, "s3://%s/%s", bucket, newest->key);
    const char *shown = name.failed ? newest->key : name.data;
    if (examination->read) {
        print_step(check, true, "object", "%s can be read", shown);
        print_log(check, examination->probe, is_whole, shown);
    } else {
        print_step(check, false, "object", "%s: %s", shown, examination->cause.data);
    }
    buffer_free(&name);
}

static void check_clock(struct check *check, const struct examination *examination)
{
    if (examination->store_time < 0)
        return;
    long ahead = (long)(examination->local_time - examination->store_time);
    const char *direction = ahead < 0 ? "behind" : "ahead of";
    if (labs(ahead) > SKEW_MAX_S)
        print_step(check, false, "clock",
                   "this machine's is %ld s %s the store's, which refuses requests that are 15 "
                   "minutes off; set it right (timedatectl set-ntp true)",
                   labs(ahead), direction);
    else
        print_step(check, true, "clock", "%ld s %s the store's", labs(ahead), direction);
}

static void check_region(struct check *check, const struct s3_bucket *bucket)
{
    if (!bucket->moved)
        print_step(check, true, "region", "%s", bucket->region);
    else if (bucket->given_region)
        print_step(check, false, "region", "the bucket is in %s; correct the setting region",
                   bucket->region);
    else
        print_step(check, true, "region",
                   "%s, as the store says; region = %s in the configuration saves a request",
                   bucket->region, bucket->region);
}

static void print_bucket(struct check *check, const struct examination *examination)
{
    const struct s3_bucket *bucket = &examination->bucket;
    char newest[TIME_TEXT_SIZE];
    if (!examination->listed) {
        print_step(check, false, "bucket", "%s", examination->cause.data);
        return;
    }
    if (!examination->count) {
        print_step(check, false, "bucket",
                   "no objects at s3://%s/%s; check the prefix, and that the distribution writes "
                   "its logs there",
                   bucket->uri.bucket, bucket->uri.prefix);
        return;
    }
    time_format(newest, TIME_MINUTE, examination->newest.modified);
    print_step(check, true, "bucket", "%llu objects, %llu bytes, the newest of %s",
               (unsigned long long)examination->count, (unsigned long long)examination->size,
               newest);
}

static void check_bucket(struct check *check, const char *uri, const struct site *site)
{
    struct examination examination = {.store_time = -1};
    struct s3_bucket *bucket = &examination.bucket;
    struct buffer problem = {0};
    message_divert(&problem);
    int opened = s3_bucket_open(bucket, uri, site->region, site->profile, site->endpoint, &problem);
    examination.pool = opened < 0 ? NULL : http_pool_new(1, &problem);
    examination.probe = probe_new(site_reader_kinds(site));
    if (!examination.probe)
        message_error("out of memory");
    message_divert(NULL);
    if (!examination.pool || !examination.probe) {
        print_step(check, false, "credentials", "%s", problem.data);
        goto out;
    }
    size_t id_size = strlen(bucket->signer.keys.key_id);
    print_step(check, true, "credentials", "from %s, access key ID ...%s%s",
               bucket->signer.keys.origin,
               bucket->signer.keys.key_id + (id_size > 8 ? id_size - 4 : id_size),
               bucket->signer.keys.token ? ", with a session token" : "");

    struct s3_list walk = {.user = &examination, .found = add_object, .done = end_list};
    message_divert(&problem);
    s3_list_start(&walk, bucket, examination.pool, bucket->uri.prefix);
    run_requests(&examination);
    message_divert(NULL);
    s3_list_free(&walk);
    if (examination.listed)
        check_region(check, bucket);
    print_bucket(check, &examination);
    if (examination.listed && examination.count)
        check_object(check, &examination);
    check_clock(check, &examination);
out:
    http_pool_free(examination.pool);
    probe_free(examination.probe);
    s3_bucket_close(bucket);
    free(examination.newest.key);
    buffer_free(&examination.cause);
    buffer_free(&problem);
}

/* Names the first of the files that may not be read.  Returns how many there are. */
static size_t count_unreadable(const struct source *source, const char **first, int *cause)
{
    size_t count = 0;
    for (size_t i = 0; i < source->count; i++) {
        if (access(source->names[i], R_OK) == 0)
            continue;
        if (!count++) {
            *first = source->names[i];
            *cause = errno;
        }
    }
    return count;
}

/* The file that was written last. */
static const char *find_newest(const struct source *source)
{
    const char *newest = source->names[0];
    struct timespec newest_time = {0};
    for (size_t i = 0; i < source->count; i++) {
        struct stat status;
        if (stat(source->names[i], &status) < 0)
            continue;
        struct timespec time = status.st_mtim;
        if (time.tv_sec > newest_time.tv_sec ||
            (time.tv_sec == newest_time.tv_sec && time.tv_nsec > newest_time.tv_nsec)) {
            newest = source->names[i];
            newest_time = time;
        }
    }
    return newest;
}

/* Reads the file's first part.  Returns 1 when that is all of it, 0 when it is not, -1 with errno
 * set. */
static int read_part(struct probe *probe, const char *name)
{
    char piece[PIECE_SIZE];
    ssize_t size = 0;
    int fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -1;
    probe_begin(probe);
    for (size_t left = PROBE_SIZE; left && (size = read(fd, piece, sizeof piece)) > 0;) {
        probe_add(probe, piece, (size_t)size);
        left -= (size_t)size < left ? (size_t)size : left;
    }
    int saved = errno;
    close(fd);
    errno = saved;
    return size < 0 ? -1 : size == 0;
}

static void check_newest_file(struct check *check, const struct source *source,
                              const struct site *site)
{
    const char *name = find_newest(source);
    struct probe *probe = probe_new(site_reader_kinds(site));
    int part = probe ? read_part(probe, name) : -1;
    if (part < 0)
        print_step(check, false, "log", "%s: %s", name, strerror(probe ? errno : ENOMEM));
    else
        print_log(check, probe, part > 0, name);
    probe_free(probe);
}

static void print_files(struct check *check, const char *path, const struct source *source,
                        const struct site *site)
{
    const char *first = NULL;
    int cause = 0;
    size_t unreadable = count_unreadable(source, &first, &cause);
    if (!source->count) {
        print_step(check, false, "source", "%s: no files there", path);
    } else if (unreadable) {
        print_step(check, false, "source", "%s: %zu of %zu files may not be read, such as %s: %s",
                   path, unreadable, source->count, first, strerror(cause));
    } else {
        print_step(check, true, "source", "%s, %zu files, %llu bytes", path, source->count,
                   (unsigned long long)source->size);
        check_newest_file(check, source, site);
    }
}

static void check_path(struct check *check, const char *path, const struct site *site)
{
    struct source source;
    struct buffer problem = {0};
    int opened = source_open(&source, path, site, 1, &problem);
    if (opened < 0)
        print_step(check, false, "source", "%s", problem.data);
    else if (!strcmp(path, "-"))
        print_step(check, true, "source", "standard input, which is for cat to read");
    else
        print_files(check, path, &source, site);
    if (opened == 0)
        source_close(&source);
    buffer_free(&problem);
}

static void check_source(struct check *check, const char *uri, const struct site *site)
{
    struct s3_uri parts;
    const char *wrong = site_kind(uri) == SITE_BUCKET ? s3_uri_parse(&parts, uri) : NULL;
    if (wrong) {
        print_step(check, false, "source", "%s: %s", uri, wrong);
    } else if (site_kind(uri) == SITE_BUCKET) {
        print_step(check, true, "source", "%s", uri);
        s3_uri_free(&parts);
        check_bucket(check, uri, site);
    } else {
        check_path(check, uri, site);
    }
}

/* Whether the folder that the state is kept in can be written, or made. */
static void check_state_folder(struct check *check, char *path)
{
    char *slash;
    while ((slash = strrchr(path, '/')) && slash != path) {
        *slash = '\0';
        if (access(path, F_OK) == 0 || errno != ENOENT)
            break;
    }
    if (access(slash == path ? "/" : path, W_OK | X_OK) == 0)
        print_step(check, true, "state", "nothing is counted yet; it can be kept in %s", path);
    else
        print_step(check, false, "state",
                   "%s: %s; make the folder of the setting state writable for this user", path,
                   strerror(errno));
}

/* Whether the batch that was prepared last is committed, or may still be. */
static void check_open_batch(struct check *check, const struct ledger_batch *open)
{
    char since[TIME_TEXT_SIZE];
    if (!ledger_batch_is_late(open, time(NULL)))
        return;
    time_format(since, TIME_MINUTE, open->prepared);
    print_step(check, false, "batch",
               "batch %s was passed to AWStats at %s but never committed, so newer logs are "
               "not counted; "
               "run the AWStats update and check its error message",
               open->id, since);
}

static void check_state(struct check *check, const struct site *site)
{
    struct ledger *ledger = NULL;
    struct ledger_status status = {0};
    struct ledger_batch open = {0};
    struct batch_error error = {0};
    char *path = site_state_path(site), *damage = NULL;
    if (!path)
        return;
    int found = ledger_open(&ledger, path, false, &error.text);
    if (found > 0 && !(damage = ledger_inspect(ledger)) &&
        (!owner_is(ledger, site, path, &error) || !ledger_get_status(ledger, &status) ||
         ledger_get_batch(ledger, &open) < 0))
        found = -1;
    if (found < 0)
        add_batch_advice(site, &error);
    if (found < 0)
        print_step(check, false, "state", "%s", error.text.data);
    else if (damage)
        print_step(
            check, false, "state",
            "%s: the ledger is damaged (%s); put back a copy of it, with the history of that time, "
            "or move both away to count everything again",
            path, damage);
    else if (found)
        print_step(check, true, "state", "%s, %llu objects counted, %llu quarantined", path,
                   (unsigned long long)status.objects, (unsigned long long)status.quarantined);
    else
        check_state_folder(check, path);
    if (found > 0 && !damage)
        check_open_batch(check, &open);
    ledger_close(ledger);
    batch_error_free(&error);
    free(damage);
    free(path);
}

static void check_all_sites(struct check *check)
{
    const char *config = check->options->config;
    struct buffer problem = {0};
    char **names = site_file_names(config, &problem);
    if (names)
        print_step(check, true, "configuration", "%s", config);
    else
        print_step(check, false, "configuration", "%s", problem.data);
    for (char **name = names; name && *name; name++) {
        struct site site = {0};
        if (site_file_read(&site, config, *name, &problem) == 0) {
            printf("\n[%s]\n", *name);
            check_source(check, site.source, &site);
            check_state(check, &site);
        } else {
            print_step(check, false, "configuration", "%s", problem.data);
        }
        site_free(&site);
        free(*name);
    }
    free(names);
    buffer_free(&problem);
}

static void check_awstats(struct check *check)
{
    struct awstats awstats;
    if (awstats_find(&awstats) < 0)
        print_step(check, false, "awstats",
                   "awstats.pl is nowhere; install AWStats (apt-get "
                   "install awstats, or dnf install awstats)");
    else if (awstats.plugin[0])
        print_step(check, true, "awstats", "%s, version %s; plugin %s", awstats.program,
                   awstats.version[0] ? awstats.version : "unknown", awstats.plugin);
    else
        print_step(check, true, "awstats",
                   "%s, version %s; the plugin cloudfront is not installed, so LogFile must be a "
                   "pipe from this program",
                   awstats.program, awstats.version[0] ? awstats.version : "unknown");
}

int command_check(const struct options *options)
{
    struct check check = {.options = options};
    if (!options->site_given && options->site_error.size) {
        print_step(&check, false, "configuration", "%s", options->site_error.data);
    } else if (options->site_given) {
        print_step(&check, true, "configuration", "%s, section [%s]", options->config,
                   options->site.name);
        check_source(&check, options->site.source, &options->site);
        check_state(&check, &options->site);
    } else if (options->source_count) {
        for (size_t i = 0; i < options->source_count; i++)
            check_source(&check, options->sources[i], &options->site);
    } else {
        check_all_sites(&check);
    }
    check_awstats(&check);
    return check.failed ? EXIT_FAILED : EXIT_DONE;
}
