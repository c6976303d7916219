/* Lists of buckets, with and without guesses of the beginnings of pages.  The stores answer in any order, have
 * pages of any size, and may ignore or reject start-after.  A list always has each key once, in order. */
#include "s3/list_objects.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "loopback_server.h"
#include "memory/allocate.h"
#include "s3/uri.h"
#include "source/key_guess.h"
#include "source/key_hour.h"
#include "tap.h"
#include "text/message.h"

enum { KEYS_MAX = 3000, KEY_SIZE = 100, ROUNDS = 20, HOUR_S = 3600 };

enum fault { NONE, IGNORES_AFTER, REFUSES_AFTER, GIVES_NOTHING_AFTER, FAULTS };
static const char *const fault_names[] = {
    "a store without faults", "a store that ignores start-after",
    "a store that refuses start-after",
    "a store that has no keys, and more pages, after start-after"};

/* The bucket.  It changes only while no request runs. */
static char keys[KEYS_MAX][KEY_SIZE];
static size_t key_count, page_size;
static enum fault fault;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned requests, guesses; /* that the store has seen; the lock protects these */
static unsigned long long order;   /* in which it answers; with the lock */

/* ---- the store ------------------------------------------------------------------------------ */

/* Returns the decoded value of a parameter of the query; NULL when it is missing. */
static char *find_value(const char *query, const char *name)
{
    const char *at = strstr(query, name);
    if (!at)
        return NULL;
    at += strlen(name);
    char *value = memory_copy_bytes(at, strcspn(at, "& "));
    s3_uri_decode(value);
    return value;
}

static void write_page(struct buffer *page, const char *token, const char *after)
{
    bool is_guess = after && !token;
    size_t at = 0, size = page_size;
    if (is_guess && fault == IGNORES_AFTER)
        after = NULL;
    if (is_guess && fault == GIVES_NOTHING_AFTER)
        size = 0;
    while (at < key_count && (token || after) && strcmp(keys[at], token ? token : after) <= 0)
        at++;
    size_t end = at + size < key_count ? at + size : key_count;
    buffer_printf(page,
                  "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>%s</IsTruncated>",
                  end < key_count ? "true" : "false");
    if (end < key_count)
        buffer_printf(page, "<NextContinuationToken>%s</NextContinuationToken>",
                      end ? keys[end - 1] : "none");
    for (; at < end; at++)
        buffer_printf(page,
                      "<Contents><Key>%s</Key><LastModified>2024-02-29T23:59:58.123Z</LastModified>"
                      "<Size>1</Size></Contents>",
                      keys[at]);
    buffer_add_text(page, "</ListBucketResult>");
}

static void *respond(void *argument)
{
    int fd = (int)(intptr_t)argument;
    char head[8192];
    loopback_server_read_head(fd, head, sizeof head);
    head[strcspn(head, "\r")] = '\0';
    char *token = find_value(head, "continuation-token="),
         *after = find_value(head, "start-after=");
    struct buffer page = {0}, text = {0};
    write_page(&page, token, after);
    bool is_refused = after && fault == REFUSES_AFTER;
    buffer_printf(&text, "HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
                  is_refused ? "400 No" : "200 OK", is_refused ? 0 : page.size);
    if (!is_refused)
        buffer_add(&text, page.data, page.size);
    pthread_mutex_lock(&lock);
    requests++;
    guesses += after != NULL;
    useconds_t wait = (useconds_t)(next_random(&order) % 1000);
    pthread_mutex_unlock(&lock);
    usleep(wait);
    ssize_t got;
    for (size_t sent = 0; sent < text.size; sent += (size_t)got)
        if ((got = send(fd, text.data + sent, text.size - sent, MSG_NOSIGNAL)) <= 0)
            break; /* the list no longer wants the response */
    close(fd);
    buffer_free(&page);
    buffer_free(&text);
    free(token);
    free(after);
    return NULL;
}

static void *serve(void *argument)
{
    int listener = *(int *)argument, fd;
    pthread_t threads[64];
    size_t count = 0;
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        if (count == sizeof threads / sizeof *threads)
            while (count)
                pthread_join(threads[--count], NULL);
        pthread_create(&threads[count++], NULL, respond, (void *)(intptr_t)fd);
    }
    while (count)
        pthread_join(threads[--count], NULL);
    return NULL;
}

/* ---- the list ------------------------------------------------------------------------------- */

struct found {
    char *keys[KEYS_MAX];
    size_t count, most; /* most: how many are wanted */
    int64_t cut;        /* older keys are skipped; 0: none */
    struct s3_outcome outcome;
    unsigned ends;
    unsigned width; /* of the list's guesses, at its end */
};

static bool find_object(void *user, struct s3_object object)
{
    struct found *found = user;
    if (found->count < KEYS_MAX)
        found->keys[found->count++] = object.key;
    return found->count < found->most;
}

static void skip(void *user, const char *key, struct buffer *up_to)
{
    const struct found *found = user;
    struct key_stem stem;
    if (key_stem_find(&stem, key))
        key_stem_add(&stem, key, found->cut, up_to);
}

static void end_list(void *user, const struct s3_outcome *outcome)
{
    struct found *found = user;
    found->outcome = *outcome;
    found->ends++;
}

static void list(struct found *found, const char *origin, s3_list_guess *guess, unsigned slots)
{
    const struct s3_access access = {
        .region = "eu-west-1", .endpoint = origin, .is_anonymous = true};
    struct buffer error = {0};
    struct s3_bucket bucket;
    if (s3_bucket_open(&bucket, "s3://logs/", &access, &error) < 0) {
        ok(false, "%s", error.data);
        return;
    }
    struct http_pool *pool = http_pool_new(slots, &error);
    struct s3_list objects = {.user = found,
                              .found = find_object,
                              .skip = found->cut ? skip : NULL,
                              .guess = guess,
                              .done = end_list};
    pthread_mutex_lock(&lock);
    requests = guesses = 0;
    pthread_mutex_unlock(&lock);
    s3_list_start(&objects, &bucket, pool, "cdn/");
    while (http_pool_is_busy(pool))
        http_pool_step(pool, 1000);
    s3_list_free(&objects);
    found->width = objects.width;
    http_pool_free(pool);
    s3_bucket_close(&bucket);
}

static void clear(struct found *found)
{
    while (found->count)
        free(found->keys[--found->count]);
    *found = (struct found){.most = SIZE_MAX};
}

/* ---- buckets -------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Fills the bucket with logs of some distributions, more in some times than in others, and with other objects. */
static void fill(unsigned long long *state)
{
    static const char *const layouts[] = {
        "cdn/E%u.%%Y-%%m-%%d-%%H",
        "cdn/E%u/%%Y/%%m/%%d/%%H/E%u.%%Y-%%m-%%d-%%H",
        "cdn/DistributionId=E%u/year=%%Y/month=%%m/day=%%d/hour=%%H/x.%%Y-%%m-%%d-%%H",
        "cdn/E%u/date=%%Y-%%m-%%d/x",
        "cdn/%%Y%%m%%d/E%u.%%Y-%%m-%%d-%%H",
        "cdn/%%Y/%%m/E%u.%%Y-%%m-%%d-%%H",
    };
    size_t wanted = 1 + next_random(state) % KEYS_MAX;
    const char *layout = layouts[next_random(state) % (sizeof layouts / sizeof *layouts)];
    unsigned distributions = 1 + (unsigned)(next_random(state) % 5);
    time_t hour = 1700000000;
    page_size = 10 + next_random(state) % 90;
    for (key_count = 0; key_count < wanted; key_count++) {
        char format[KEY_SIZE], *key = keys[key_count];
        struct tm tm;
        unsigned id = (unsigned)(next_random(state) % distributions);
        snprintf(format, sizeof format, layout, id, id);
        if (next_random(state) % 200 == 0)
            hour += (time_t)(next_random(state) % 2000) * HOUR_S;
        hour += (time_t)(next_random(state) % 4 == 0) * HOUR_S;
        strftime(key, KEY_SIZE - 20, format, gmtime_r(&hour, &tm));
        sprintf(key + strlen(key), ".%zx.gz", key_count);
        if (next_random(state) % 300 == 0)
            sprintf(key, "cdn/no-log-%zu", key_count);
    }
    qsort(keys, key_count, KEY_SIZE, compare);
}

static bool is_equal(const struct found *a, const struct found *b)
{
    for (size_t i = 0; i < a->count; i++)
        if (i == b->count || strcmp(a->keys[i], b->keys[i]) != 0)
            return false;
    return a->count == b->count;
}

static bool has_all(const struct found *found)
{
    for (size_t i = 0; i < found->count; i++)
        if (i == key_count || strcmp(found->keys[i], keys[i]) != 0)
            return false;
    return found->count == key_count && found->ends == 1 && found->outcome.result == S3_DONE;
}

int main(void)
{
    static struct found found, other;
    struct loopback_server server;
    unsigned all_guesses = 0, all = 0, wrong[FAULTS] = {0}, wrong_skips = 0, wrong_stops = 0,
             narrow = 0;
    unsigned long long state = 88172645463325252ULL;
    order = state;
    message_set_level(MESSAGE_QUIET);
    if (!loopback_server_start(&server, serve))
        return 1;
    clear(&found);
    clear(&other);
    for (unsigned round = 0; round < ROUNDS; round++) {
        fill(&state);
        for (fault = NONE; fault < FAULTS; fault++) {
            list(&found, server.origin, key_guess, S3_LIST_REQUESTS_MAX);
            wrong[fault] += !has_all(&found);
            clear(&found);
            all_guesses += fault ? 0 : guesses;
            all += fault ? 0 : requests;
        }
        fault = NONE;
        list(&found, server.origin, key_guess, 1 + round % 3);
        narrow += !has_all(&found);
        clear(&found);

        found.cut = other.cut = 1700000000 + (int64_t)(next_random(&state) % 1000) * HOUR_S;
        list(&found, server.origin, key_guess, S3_LIST_REQUESTS_MAX);
        list(&other, server.origin, NULL, S3_LIST_REQUESTS_MAX);
        wrong_skips += !is_equal(&found, &other) || found.ends != 1;
        clear(&found);
        clear(&other);

        found.most = 1 + next_random(&state) % key_count;
        list(&found, server.origin, key_guess, S3_LIST_REQUESTS_MAX);
        wrong_stops +=
            found.count != found.most || found.ends != 1 || found.outcome.result != S3_STOPPED;
        clear(&found);
    }
    for (fault = NONE; fault < FAULTS; fault++)
        ok(!wrong[fault], "%s: %d lists, of these wrong: %u", fault_names[fault], ROUNDS,
           wrong[fault]);
    ok(all_guesses > 0, "pages that are asked for: %u, by a guess: %u", all, all_guesses);
    ok(!narrow, "of one to three requests at once: wrong: %u", narrow);
    ok(!wrong_skips, "that skip keys: wrong: %u", wrong_skips);
    ok(!wrong_stops, "that are stopped: wrong: %u", wrong_stops);

    /* Buckets whose logs are spread evenly, so that the guesses are right; with some hours on a page, and with some
     * pages of an hour. */
    fault = NONE;
    page_size = 50;
    for (size_t an_hour = 3; an_hour <= 200; an_hour += 197) {
        for (key_count = 0; key_count < KEYS_MAX; key_count++) {
            time_t hour = 1600000000 + (time_t)(key_count / an_hour) * HOUR_S;
            char *key = keys[key_count];
            struct tm tm;
            strftime(key, KEY_SIZE, "cdn/E1.%Y-%m-%d-%H.", gmtime_r(&hour, &tm));
            sprintf(key + strlen(key), "%03zu.gz", key_count % an_hour);
        }
        list(&found, server.origin, key_guess, S3_LIST_REQUESTS_MAX);
        ok(has_all(&found) && guesses >= 12 && requests <= 130 && found.width >= 4,
           "60 pages, %zu logs an hour: requests: %u, by a guess: %u, at once: up to %u", an_hour,
           requests, guesses, found.width);
        clear(&found);
    }
    loopback_server_stop(&server);
    return done_testing();
}
