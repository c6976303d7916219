/* Deletes the objects of a committed batch from their bucket, or moves them elsewhere in the store.
 *
 * HeadObject tells whether an object is still the version that was counted; the program deletes no
 * other version.  A move first looks whether the target has an object of this name.  If not, the
 * program copies the object, on the conditions that it is that version and that the target still
 * has none, and checks the copy with HeadObject: its size, and its MD5 where both objects have one
 * as ETag.  source/delete_objects.c then deletes the objects of a group together.
 *
 * An object that the target has already is never replaced.  It is the copy if size and MD5 are
 * equal: then only the deletion failed, or the response to the copy was lost.  Where the ETags are
 * no MD5, it is the copy if it has the ETag that the response to the copy names; if an earlier run
 * has made it, or another program, the program reads both objects and compares them.
 *
 * Without s3:ListBucket on the target, S3 denies the look at an object that does not exist.  Then
 * the condition of the copy alone protects an object of this name, as AWS does since 2025; other
 * stores must allow the look.
 *
 * The status 412 says that the store knows the condition, so it is no reason to copy without it, even if the other
 * object is gone a moment later: such an object waits for the next run.
 *
 * If an object is not found, another program has deleted it, or the bucket does not exist, or the
 * store is wrong.  A request for the bucket's list tells which, and also whether the store has
 * really deleted what it says.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory/allocate.h"
#include "s3/copy_result.h"
#include "s3/denial.h"
#include "s3/etag.h"
#include "s3/uri.h"
#include "source/bucket.h"
#include "source/delete_objects.h"
#include "source/move_target.h"
#include "source/still_listed.h"
#include "text/buffer.h"
#include "text/digest.h"
#include "text/message.h"

#define ADVICE "; if this lasts, ask the operator of the server, or set after = keep"

enum {
    IDLE_MS = 1000,
    GONE_MAX = 100, /* lists about objects that are gone, for each group of objects */
};

/* The next request for an object.  From DELETE on, run_jobs() has no more requests for it. */
enum stage { FIND_COPY, COPY, LOOK_AT_COPY, LOOK, READ, READ_COPY, DELETE, MISSING, END };

/* What the headers of an object at the target tell about it. */
enum likeness {
    EQUAL,
    UNEQUAL,
    OTHER_MD5, /* unequal, unless the original's ETag is no MD5, which its headers tell */
    UNCLEAR
};

/* One clean-up of a group of objects. */
struct removal {
    struct bucket_state *state;
    struct cleaner *cleaner;
    size_t folder_size; /* bytes at the beginning of a key that its target does not have */
    bool give_up;
    struct buffer error;  /* why it gave up */
    unsigned unsent[END]; /* requests of each stage that failed in all their tries, in a row */
};

struct job {
    struct s3_request request;
    struct removal *removal;
    struct clean_item *item;
    enum stage stage;
    struct buffer target, source; /* the copy's key, and x-amz-copy-source */
    struct buffer response;       /* to the copy; may have an <Error> */
    struct buffer copy_tag;       /* the ETag in the response to the copy; "": none */
    struct buffer obstacle;       /* why the counted version cannot be moved; "": nothing known */
    struct digester *digester;    /* of READ and READ_COPY, else NULL */
    struct digest digest;         /* of the original; all zero: not read */
    enum likeness likeness;
    bool is_new_copy;      /* this clean-up has made a copy */
    bool is_own;           /* the object at the target is this copy, by its ETag */
    bool is_hidden;        /* the store does not tell whether the target has an object */
    bool without_only_new; /* the copy is not under the condition that the target has none */
    bool is_under_way;
};

static enum s3_taken begin(struct s3_request *request)
{
    struct job *job = request->user;
    buffer_clear(&job->response);
    if (job->digester)
        digester_begin(job->digester);
    return S3_TAKEN;
}

static enum s3_taken take(struct s3_request *request, const void *data, size_t size,
                          const char **error)
{
    (void)error;
    struct job *job = request->user;
    if (job->digester)
        digester_add(job->digester, data, size);
    else
        buffer_add(&job->response, data, size);
    return S3_TAKEN;
}

/* A copy that fails late has the status 200 and an <Error>. */
static enum s3_taken end(struct s3_request *request, const char **error)
{
    struct job *job = request->user;
    if (request->method != S3_PUT || s3_copy_result_read(&job->response, &job->copy_tag))
        return S3_TAKEN;
    *error = "the S3 server did not confirm the copy";
    return S3_DAMAGED;
}

static void fail(struct job *job, const char *error)
{
    cleaner_failed(job->removal->cleaner, job->item, error);
    job->stage = END;
}

static void fail_request(struct job *job, const struct s3_outcome *outcome)
{
    struct removal *removal = job->removal;
    bool is_down = removal->unsent[job->stage] >= BUCKET_UNSENT_MAX;
    fail(job, s3_outcome_error(outcome));
    if (!is_down && !outcome->everywhere && outcome->result != S3_STOPPED)
        return;
    removal->give_up = true;
    if (!removal->error.size)
        buffer_add_text(&removal->error, job->item->error);
}

/* Fails an object of which the target has no equal copy, and must not get one. */
static void fail_unequal(struct job *job)
{
    struct buffer error = {0};
    job->item->is_alone = true;
    if (job->is_new_copy)
        buffer_add_text(
            &error, "its copy in the new place is not equal to it, so the original stays" ADVICE);
    else
        buffer_printf(&error,
                      "the target, %s, has an object of this name that is not equal; rename or "
                      "remove that one",
                      job->removal->cleaner->site->after_to);
    fail(job, error.data);
    buffer_free(&error);
}

/* Makes the copy the next step: the target has none, or denies the look at it.  Then only a condition
 * that the store is known to obey can protect an object of this name. */
static void begin_copy(struct job *job)
{
    const struct bucket_state *state = job->removal->state;
    struct buffer *obstacle = &job->obstacle;
    job->stage = COPY;
    job->without_only_new |= state->without_only_new;
    if (!job->is_hidden || (!job->without_only_new && bucket_target_knows_only_new(state)))
        return;
    buffer_add_text(obstacle,
                    "whether another object of this name is in the target cannot be seen: ");
    denial_explain(obstacle, "", &state->target, "s3:ListBucket");
    buffer_add_text(obstacle, ", and s3:GetObject on its objects");
    job->stage = LOOK;
}

/* Decides by the response to HeadObject whether the target has the copy of the object. */
static void decide_copy(struct job *job, const struct s3_outcome *copy)
{
    const char *tag = job->item->tag;
    bool is_md5 = s3_etag_is_md5(copy->etag) && s3_etag_is_md5(tag);
    job->stage = LOOK;
    job->likeness = copy->length != job->item->size              ? UNEQUAL
                    : is_md5 && strcasecmp(copy->etag, tag) == 0 ? EQUAL
                    : is_md5 && !copy->is_encrypted              ? OTHER_MD5
                                                                 : UNCLEAR;
    if (copy->length == S3_SIZE_UNKNOWN)
        buffer_add_text(
            &job->obstacle,
            "the S3 server does not report the size of the object of this name in the "
            "target, so the program cannot tell whether this object is the copy" ADVICE);
    job->is_own =
        job->is_new_copy && job->copy_tag.size && s3_etag_is_equal(copy->etag, job->copy_tag.data);
}

/* Decides on the next request for an object that is still the version that was counted, by its
 * HeadObject. */
static void decide_move(struct job *job, bool is_encrypted)
{
    if (job->obstacle.size) {
        fail(job, job->obstacle.data);
        return;
    }
    if (job->likeness == OTHER_MD5)
        job->likeness = is_encrypted ? UNCLEAR : UNEQUAL;
    if (job->likeness == UNEQUAL)
        fail_unequal(job);
    else
        job->stage = job->likeness == EQUAL || job->is_own ? DELETE : READ;
}

/* Decides by the response to HeadObject whether the object is the version that was counted. */
static void decide_version(struct job *job, const struct s3_outcome *outcome)
{
    const struct clean_item *item = job->item;
    bool has_size = outcome->length == item->size;
    job->stage = END;
    if (outcome->length == S3_SIZE_UNKNOWN)
        fail(job, "the S3 server does not report the object's size, so another object may have "
                  "replaced the counted one");
    else if (has_size && *item->tag && !*outcome->etag)
        fail(job, "the S3 server does not report the object's ETag, so another object may have "
                  "replaced the counted one");
    else if (!has_size || (*item->tag && !s3_etag_is_equal(outcome->etag, item->tag)))
        job->item->is_done = true; /* without a listed ETag, the size identifies the object */
    else
        decide_move(job, outcome->is_encrypted);
}

/* Decides whether the object at the target is the copy, when an object has been read. */
static void decide_content(struct job *job)
{
    struct digest digest = digester_end(job->digester);
    if (job->stage == READ) {
        job->digest = digest;
        job->stage = READ_COPY;
        return;
    }
    if (digest_compare(&digest, &job->digest))
        fail_unequal(job);
    else
        job->stage = DELETE;
}

/* Decides on the next request after a look at the target that the store has refused. */
static void decide_unseen(struct job *job, const struct s3_outcome *outcome)
{
    bool is_gone = outcome->reason == S3_GONE, is_denied = outcome->reason == S3_FORBIDDEN;
    if (job->stage == FIND_COPY && (is_gone || is_denied)) {
        job->is_hidden = is_denied;
        begin_copy(job);
    } else if (job->is_new_copy && is_gone) {
        fail(job,
             "the S3 server confirms the copy, but does not find the copy in the new place, so the "
             "original stays" ADVICE);
    } else if (!job->is_new_copy && (is_gone || is_denied)) {
        /* Most often, the original has changed or is gone, which its headers tell. */
        buffer_add_text(&job->obstacle,
                        is_gone ? "the S3 server refuses the copy as if the target had an object "
                                  "of this name, but finds none there" ADVICE
                                : s3_outcome_error(outcome));
        job->stage = LOOK;
    } else {
        fail_request(job, outcome);
    }
}

/* Decides on the next request after any other one that has failed. */
static void decide_refused(struct job *job, const struct s3_outcome *outcome)
{
    bool is_only_new = job->stage == COPY && !job->without_only_new;
    bool is_of_original = job->stage != READ_COPY;
    if (is_only_new && outcome->reason == S3_CHANGED) {
        job->stage =
            LOOK_AT_COPY; /* the target has an object by now, or the original has changed */
    } else if (is_only_new && outcome->reason == S3_UNSUPPORTED) {
        job->without_only_new = true;
        begin_copy(job);
    } else if (is_of_original && outcome->reason == S3_GONE) {
        job->stage = MISSING;
    } else if (is_of_original && outcome->reason == S3_CHANGED) {
        job->item->is_done = true;
        job->stage = END;
    } else {
        fail_request(job, outcome);
    }
}

/* Decides on an object's next request by the outcome of the last one. */
static void done(struct s3_request *request, const struct s3_outcome *outcome)
{
    struct job *job = request->user;
    bool is_done = outcome->result == S3_DONE;
    bool is_of_copy = job->stage == FIND_COPY || job->stage == LOOK_AT_COPY;
    unsigned *unsent = &job->removal->unsent[job->stage];
    *unsent = outcome->reason == S3_UNSENT ? *unsent + 1 : 0;
    job->is_under_way = false;
    if (job->removal->give_up && outcome->result == S3_STOPPED)
        return; /* run_jobs() has cancelled it */
    if (!is_done && is_of_copy) {
        decide_unseen(job, outcome);
    } else if (!is_done) {
        decide_refused(job, outcome);
    } else if (is_of_copy) {
        decide_copy(job, outcome);
    } else if (job->stage == COPY) {
        job->stage = LOOK_AT_COPY;
        job->is_new_copy = true;
        job->removal->state->without_only_new |= job->without_only_new;
    } else if (job->stage == LOOK) {
        decide_version(job, outcome);
    } else {
        decide_content(job);
    }
}

/* Starts the next request for an object, when there is one. */
static void start(struct job *job)
{
    struct bucket_state *state = job->removal->state;
    const struct clean_item *item = job->item;
    const char *tag = *item->tag ? item->tag : NULL;
    bool is_read = job->stage == READ || job->stage == READ_COPY;
    bool is_of_source = job->stage == LOOK || job->stage == READ;
    if (job->is_under_way || job->stage >= DELETE || job->removal->give_up)
        return;
    job->request = (struct s3_request){.method = job->stage == COPY ? S3_PUT
                                                 : is_read          ? S3_GET
                                                                    : S3_HEAD,
                                       .key = is_of_source ? item->key : job->target.data,
                                       .size = is_read ? item->size : S3_SIZE_UNKNOWN,
                                       .may_be_denied = job->stage == FIND_COPY,
                                       .user = job,
                                       .begin = begin,
                                       .take = take,
                                       .end = end,
                                       .done = done};
    if (job->stage == COPY) {
        job->request.copy_source = job->source.data;
        job->request.if_match = tag;
        job->request.is_only_new = !job->without_only_new;
    }
    if (job->stage == READ) {
        job->request.if_match = tag;
        job->digester = digester_new();
    }
    job->is_under_way = true;
    s3_request_start(&job->request, is_of_source ? &state->bucket : &state->target, state->pool);
}

/* Prepares the clean-up of one object.  The ledger may have objects of an earlier source: a key
 * that is not below the present source has no place below the target, so the object stays. */
static void begin_job(struct job *job, struct removal *removal, struct clean_item *item)
{
    const struct bucket_state *state = removal->state;
    job->removal = removal;
    job->item = item;
    job->stage = LOOK;
    if (removal->cleaner->site->after != SITE_AFTER_MOVE)
        return;
    if (strncmp(item->key, state->bucket.uri.prefix, removal->folder_size)) {
        fail(job, "it is in the former source, and only a run with that source can move it, so set "
                  "source back for one run");
        return;
    }
    job->stage = FIND_COPY;
    buffer_printf(&job->target, "%s%s", state->target.uri.prefix, item->key + removal->folder_size);
    if (bucket_target_is_in_source(state, job->target.data)) {
        fail(job, "its new place is inside the source, where it would be found again; choose "
                  "another target in the setting \"after\"");
        return;
    }
    s3_uri_add_copy_source(&job->source, &state->bucket.uri, item->key);
}

/* ---- the responses and the list ------------------------------------------------------------- */

/* Whether the store has responded that the object is gone, or that another object has its key. */
static bool is_gone(const struct job *job)
{
    return job->stage == MISSING || (job->stage == END && job->item->is_done);
}

/* Whether the store has responded that the object is deleted. */
static bool is_deleted(const struct job *job)
{
    return job->stage == DELETE && job->item->is_done;
}

/* Decides about the objects that are gone, or deleted (IS_ONE), by the list of the bucket.  The list is requested for
 * the first of those that are deleted, and for each that is gone, up to GONE_MAX.  If it still has such an object, this
 * one and those behind it fail with the text CONTRADICTION.  If there is no list, those that are gone fail, since the
 * bucket may not exist; those that are deleted are done. */
static void settle(struct removal *removal, struct job *jobs, size_t count,
                   bool (*is_one)(const struct job *job), const char *contradiction)
{
    struct buffer error = {0};
    bool has_list = true, is_listed;
    unsigned most = is_one == is_gone ? GONE_MAX : 1;
    for (size_t i = 0; !removal->give_up && i < count; i++) {
        if (!is_one(&jobs[i]))
            continue;
        if (!error.size && most && most--) {
            has_list = bucket_still_lists(removal->state, jobs[i].item, &is_listed, &error);
            if (has_list && is_listed)
                buffer_add_text(&error, contradiction);
        }
        jobs[i].item->is_done = !error.size || (!has_list && is_one == is_deleted);
        if (!jobs[i].item->is_done)
            fail(&jobs[i], error.data);
    }
    removal->give_up |= !has_list && is_one == is_gone;
    buffer_free(&error);
}

/* ---- the clean-up --------------------------------------------------------------------------- */

/* Runs the requests before the deletion.  If it gives up, it cancels them, and the objects that are left fail, too. */
static void run_jobs(struct removal *removal, struct job *jobs, size_t count)
{
    struct http_pool *pool = removal->state->pool;
    size_t first = 0; /* all jobs before it need no more requests */
    for (;;) {
        for (size_t i = first; i < count && http_pool_has_room(pool); i++)
            start(&jobs[i]);
        for (size_t i = first; removal->give_up && i < count; i++)
            if (jobs[i].is_under_way)
                s3_request_cancel(&jobs[i].request, pool);
        while (first < count && !jobs[first].is_under_way &&
               (jobs[first].stage >= DELETE || removal->give_up))
            first++;
        if (first == count)
            break;
        http_pool_step(pool, IDLE_MS);
    }
    for (size_t i = 0; removal->give_up && i < count; i++)
        if (jobs[i].stage < DELETE)
            fail(&jobs[i], removal->error.data);
}

/* Deletes the objects whose next stage is DELETE. */
static void delete_all(struct removal *removal, struct job *jobs, size_t count)
{
    struct clean_item **items = memory_allocate(count, sizeof *items);
    size_t ready = 0;
    for (size_t i = 0; i < count; i++)
        if (jobs[i].stage == DELETE)
            items[ready++] = jobs[i].item;
    if (!delete_objects(removal->state, removal->cleaner, items, ready))
        removal->give_up = true;
    free(items);
}

bool bucket_remove(struct source *source, struct cleaner *cleaner, struct clean_item *items,
                   size_t count)
{
    struct bucket_state *state = source->state;
    const char *slash = strrchr(state->bucket.uri.prefix, '/');
    struct removal removal = {.state = state,
                              .cleaner = cleaner,
                              .folder_size =
                                  slash ? (size_t)(slash + 1 - state->bucket.uri.prefix) : 0};
    int lock = -1;
    bucket_join(state);
    if (cleaner->site->after == SITE_AFTER_MOVE &&
        (!bucket_open_target(state, cleaner->site) ||
         !bucket_lock_target(state, cleaner->site, &lock)))
        return false;
    struct job *jobs = memory_allocate(count, sizeof *jobs);
    for (size_t i = 0; i < count; i++)
        begin_job(&jobs[i], &removal, &items[i]);
    run_jobs(&removal, jobs, count);
    settle(&removal, jobs, count, is_gone,
           "the S3 server says that it is gone or replaced, but still lists it" ADVICE);
    if (!removal.give_up)
        delete_all(&removal, jobs, count);
    settle(&removal, jobs, count, is_deleted,
           "the S3 server confirms the deletion, but still lists the object" ADVICE);
    for (size_t i = 0; i < count; i++) {
        buffer_free(&jobs[i].target);
        buffer_free(&jobs[i].source);
        buffer_free(&jobs[i].response);
        buffer_free(&jobs[i].copy_tag);
        buffer_free(&jobs[i].obstacle);
        digester_free(jobs[i].digester);
    }
    free(jobs);
    buffer_free(&removal.error);
    if (lock >= 0)
        close(lock);
    return !removal.give_up;
}
