#include "source/check_clean_up.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/sources.h"
#include "files/folders.h"
#include "http/wait.h"
#include "memory/allocate.h"
#include "s3/denial.h"
#include "s3/send.h"
#include "s3/uri.h"
#include "source/delete_objects.h"
#include "source/move_target.h"
#include "source/path.h"
#include "source/source.h"
#include "text/buffer.h"
#include "text/time.h"

#define NAME     ".awstats-cloudfront-check" /* of the object; hidden */
#define NO_ETAG  "00000000000000000000000000000000"
#define CONTENTS "made by awstats-cloudfront check, and deleted by it\n"

/* Ends of the parts of a check, as http_wait() has them: all together take HTTP_WAIT_MAX_MS. */
struct ends {
    int64_t deleting, moving, taking_back;
};

static struct ends find_ends(void)
{
    int64_t end = time_monotonic_ms() + HTTP_WAIT_MAX_MS;
    return (struct ends){.deleting = end - HTTP_WAIT_MAX_MS / 2,
                         .moving = end - HTTP_WAIT_MAX_MS / 6,
                         .taking_back = end};
}

/* Sends a request for the object KEY of the target. */
static bool try_method(struct s3_sent *sent, struct bucket_state *state, enum s3_method method,
                       const char *key)
{
    struct s3_request request = {.method = method, .key = key, .may_be_denied = method == S3_HEAD};
    if (method == S3_PUT) {
        request.payload = CONTENTS;
        request.payload_size = strlen(CONTENTS);
    }
    return s3_send(request, &state->target, state->pool, sent);
}

/* Copies the object KEY of the target to COPY there, if there is none. */
static bool try_copy(struct s3_sent *sent, struct bucket_state *state, const char *key,
                     const char *copy)
{
    struct buffer from = {0};
    s3_uri_add_copy_source(&from, &state->target.uri, key);
    struct s3_request request = {
        .method = S3_PUT, .key = copy, .copy_source = from.data, .is_only_new = true};
    bool is_done = s3_send(request, &state->target, state->pool, sent);
    buffer_free(&from);
    return is_done;
}

static void tell_text(clean_up_result *tell, void *user, bool ok, const char *what,
                      const char *error)
{
    struct buffer text = {0};
    buffer_printf(&text, "%s%s%s", what, *error ? ": " : "", error);
    tell(user, ok ? CLEAN_UP_WORKS : CLEAN_UP_FAILS, text.data);
    buffer_free(&text);
}

/* Tries to delete objects of the source. */
static void try_delete(struct bucket_state *state, const struct site *site, int64_t end,
                       clean_up_result *tell, void *user)
{
    struct buffer key = {0};
    buffer_printf(&key, "%s" NAME, state->bucket.uri.prefix);
    struct clean_item item = {.key = key.data, .tag = memory_copy_text(NO_ETAG)};
    struct clean_item *const items[] = {&item};
    struct cleaner cleaner = {.site = site, .is_quiet = true, .end = end};
    delete_objects(state, &cleaner, items, 1);
    bool ok = item.is_done || !strcmp(item.error, DELETE_OBJECTS_REPLACED);
    tell_text(tell, user, ok,
              ok ? "counted objects can be deleted from the source"
                 : "counted objects cannot be deleted from the source",
              ok ? "" : item.error);
    free(item.tag);
    free(item.error);
    buffer_free(&key);
}

/* What a store does about the condition that the target of a copy has no object.  MISUNDERSTOOD: no copy meets it. */
enum condition { OBEYED, IGNORED, REJECTED, MISUNDERSTOOD, UNKNOWN };

/* Copies the object KEY of the target to COPY there, twice, on the condition that there is none.  The error of UNKNOWN
 * is in SENT. */
static enum condition try_condition(struct s3_sent *sent, struct bucket_state *state,
                                    const char *key, const char *copy)
{
    bool is_copied = try_copy(sent, state, key, copy);
    if (is_copied && try_copy(sent, state, key, copy))
        return IGNORED;
    if (sent->reason == S3_CHANGED) /* also by an object that an earlier check could not delete */
        return try_method(sent, state, S3_HEAD, copy) ? OBEYED : MISUNDERSTOOD;
    return sent->reason == S3_UNSUPPORTED ? REJECTED : UNKNOWN;
}

/* Tries what keeps a move from replacing an object at the target, with the object KEY: the look at the object MISSING,
 * which does not exist, and the condition of the copy to COPY. */
static void try_protection(struct bucket_state *state, const struct site *site, int64_t end,
                           const char *key, const char *copy, const char *missing,
                           clean_up_result *tell, void *user)
{
    struct buffer text = {0};
    struct s3_sent sent = {.end = end};
    enum clean_up_verdict verdict = CLEAN_UP_FAILS;
    enum condition condition = try_condition(&sent, state, key, copy);
    buffer_printf(&text, "objects cannot be moved to %s: ", site->after_to);
    if (condition == UNKNOWN) {
        buffer_add_text(&text, sent.error.data);
    } else if (condition == MISUNDERSTOOD) {
        buffer_add_text(&text, "the S3 server refuses each copy with the condition If-None-Match, "
                               "as if an object were there; ask the operator of the server");
    } else if (try_method(&sent, state, S3_HEAD, missing) || sent.reason == S3_GONE) {
        verdict = condition == OBEYED ? CLEAN_UP_WORKS : CLEAN_UP_IS_UNSAFE;
        buffer_clear(&text);
        buffer_printf(&text,
                      "the S3 server %s the condition If-None-Match of a copy, so two programs "
                      "that move objects to %s at once can replace each other's objects",
                      condition == IGNORED ? "ignores" : "rejects", site->after_to);
    } else if (sent.reason != S3_FORBIDDEN) {
        buffer_add_text(&text, sent.error.data);
    } else if (condition == OBEYED && bucket_target_knows_only_new(state)) {
        verdict = CLEAN_UP_WORKS;
    } else {
        buffer_add_text(&text, "whether another object is there cannot be seen: ");
        denial_explain(&text, "", &state->target, "s3:ListBucket");
    }
    if (verdict != CLEAN_UP_WORKS)
        tell(user, verdict, text.data);
    s3_sent_free(&sent);
    buffer_free(&text);
}

/* Deletes the object KEY of the target, which this check has made. */
static void take_back(struct bucket_state *state, int64_t end, const char *key,
                      clean_up_result *tell, void *user)
{
    struct buffer text = {0};
    struct s3_sent sent = {.end = end};
    if (!try_method(&sent, state, S3_DELETE, key) && sent.reason != S3_GONE) {
        buffer_printf(&text,
                      "this check made the test object s3://%s/%s and cannot delete it; delete "
                      "this object yourself if you like; updates delete nothing there",
                      state->target.uri.bucket, key);
        tell_text(tell, user, true, text.data, sent.error.data);
    }
    s3_sent_free(&sent);
    buffer_free(&text);
}

/* Tries to make an object at the target, to read its headers, to copy it, and to delete both. */
static void try_target(struct bucket_state *state, const struct site *site, const struct ends *ends,
                       clean_up_result *tell, void *user)
{
    struct buffer key = {0}, copy = {0}, missing = {0}, text = {0};
    struct s3_sent sent = {.end = ends->moving};
    buffer_printf(&key, "%s" NAME, state->target.uri.prefix);
    buffer_printf(&copy, "%s-copy", key.data);
    buffer_printf(&missing, "%s-missing", key.data);
    if (!try_method(&sent, state, S3_PUT, key.data)) {
        buffer_printf(&text, "objects cannot be copied to %s", site->after_to);
        tell_text(tell, user, false, text.data, sent.error.data);
        goto out;
    }
    bool is_read = try_method(&sent, state, S3_HEAD, key.data);
    buffer_printf(&text,
                  is_read ? "objects can be copied to %s, and the copies can be checked"
                          : "objects can be copied to %s, but the copies cannot be checked",
                  site->after_to);
    tell_text(tell, user, is_read, text.data, is_read ? "" : sent.error.data);
    if (is_read) {
        try_protection(state, site, ends->moving, key.data, copy.data, missing.data, tell, user);
        take_back(state, ends->taking_back, copy.data, tell, user);
    }
    take_back(state, ends->taking_back, key.data, tell, user);
out:
    s3_sent_free(&sent);
    buffer_free(&key);
    buffer_free(&copy);
    buffer_free(&missing);
    buffer_free(&text);
}

void bucket_check_clean_up(const char *uri, const struct site *site, clean_up_result *tell,
                           void *user)
{
    struct source source = {0};
    struct buffer error = {0};
    if (source_connect(&source, uri, site, 1, &error) < 0) {
        tell(user, CLEAN_UP_FAILS, error.data);
    } else {
        const struct ends ends = find_ends(); /* credentials may have taken a while */
        try_delete(source.state, site, ends.deleting, tell, user);
        if (site->after == SITE_AFTER_MOVE && bucket_open_target(source.state, site))
            try_target(source.state, site, &ends, tell, user);
    }
    source_close(&source);
    buffer_free(&error);
}

/* Returns PATH, or the nearest folder or file above PATH that exists.  The caller frees the text. */
static char *find_existing(const char *path)
{
    struct stat status;
    char *existing = memory_copy_text(path);
    while (lstat(existing, &status) < 0 && (errno == ENOENT || errno == ENOTDIR) &&
           strcmp(existing, "/")) {
        char *above = folders_above(existing);
        free(existing);
        existing = above;
    }
    return existing;
}

/* Makes a file in the folder FROM, moves this file to the folder TO, and deletes it.  Returns 0, or
 * an errno. */
static int try_move(const char *from, const char *to)
{
    struct buffer file = {0}, moved = {0};
    int error = 0;
    buffer_printf(&file, "%s/" NAME "-%ld", from, (long)getpid());
    buffer_printf(&moved, "%s/" NAME "-%ld-moved", to, (long)getpid());
    int fd = open(file.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || path_move(file.data, moved.data) < 0)
        error = errno;
    if (fd >= 0) {
        close(fd);
        unlink(file.data);
        unlink(moved.data);
    }
    buffer_free(&file);
    buffer_free(&moved);
    return error;
}

void path_check_move(const char *folder, const char *source, const struct site *site,
                     clean_up_result *tell, void *user)
{
    char *target = sources_are_several(site->source) ? sources_target(source, site->after_to)
                                                     : memory_copy_text(site->after_to);
    char *existing = find_existing(target);
    struct buffer text = {0};
    struct stat status;
    int error = stat(existing, &status) < 0 ? errno : 0;
    if (!error && !S_ISDIR(status.st_mode))
        error = ENOTDIR;
    if (!error && access(existing, W_OK | X_OK) < 0)
        error = errno;
    if (!error)
        error = try_move(folder, existing);
    if (!error)
        buffer_printf(&text, "counted files can be moved to %s", target);
    else if (error == EXDEV)
        buffer_printf(&text,
                      "counted files cannot be moved to %s: %s is on another filesystem than %s; "
                      "name a directory on the same filesystem in the setting \"after\"",
                      target, existing, folder);
    else if (error == EACCES || error == EPERM)
        buffer_printf(&text,
                      "counted files cannot be moved to %s: %s: %s; give this user read and write "
                      "permission for this folder, or name another one in the setting \"after\"",
                      target, existing, strerror(error));
    else
        buffer_printf(&text,
                      "counted files cannot be moved to %s: %s: %s; name a directory in the "
                      "setting \"after\" in which this user may write",
                      target, existing, strerror(error));
    tell(user, error ? CLEAN_UP_FAILS : CLEAN_UP_WORKS, text.data);
    buffer_free(&text);
    free(existing);
    free(target);
}
