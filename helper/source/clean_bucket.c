/* Deletes the objects of a committed batch from their bucket, or moves them elsewhere in the store.
 *
 * HeadObject tells whether an object is still the version that was counted; no other is deleted.  A
 * move first copies the object, on the condition that it is that version, and checks the copy with
 * HeadObject.  One request then deletes all objects of a group.
 *
 * Another program may replace an object between HeadObject and the deletion.  The request therefore
 * names the ETag of each object, and AWS deletes only objects that still have it; a weak ETag, which
 * AWS does not give, cannot be compared by a store, and is not named.  Other stores do
 * not support this condition.  Some reject it; then the request is sent without it.  Others ignore
 * it.  There, an object that is replaced between the two requests is deleted without being counted.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html */
#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"
#include "s3/uri.h"
#include "source/bucket.h"
#include "text/buffer.h"
#include "text/message.h"
#include "text/xml.h"

enum { IDLE_MS = 1000 };

/* The next request for an object. */
enum stage { COPY, LOOK_AT_COPY, LOOK, DELETE, GIVE_UP };

/* One clean-up of a group of objects. */
struct removal {
    struct bucket_state *state;
    struct cleaner *cleaner;
    size_t folder_size; /* bytes of a key that are no part of its target's */
    bool give_up;
};

struct job {
    struct s3_request request;
    struct removal *removal;
    struct clean_item *item;
    enum stage stage;
    struct buffer target, source; /* the copy's key, and what is copied */
    struct buffer answer;         /* of a copy: an <Error> can stand in it */
    bool is_under_way;
};

/* Opens the bucket that objects move to, once.
 *
 * The site's region is the source's.  An S3-compatible store has one for all its buckets.  On AWS
 * the target may be in another region than the source: the AWS settings tell it, or S3 does in its
 * answer to the first copy, which is then sent again. */
static bool open_target(struct bucket_state *state, const struct site *site)
{
    if (state->target.uri.bucket)
        return true;
    struct buffer error = {0};
    struct s3_access access = site_access(site);
    access.region = s3_bucket_has_url(&state->bucket) ? state->bucket.region : NULL;
    bool is_open = s3_bucket_open(&state->target, site->after_to, &access, &error) == 0;
    if (!is_open)
        message_error("%s", error.data);
    buffer_free(&error);
    return is_open;
}

static enum s3_taken begin(struct s3_request *request)
{
    struct job *job = request->user;
    buffer_clear(&job->answer);
    return S3_TAKEN;
}

static enum s3_taken take(struct s3_request *request, const void *data, size_t size,
                          const char **error)
{
    (void)error;
    struct job *job = request->user;
    buffer_add(&job->answer, data, size);
    return S3_TAKEN;
}

/* A copy that fails late has the status 200 and an <Error> for its body. */
static enum s3_taken end(struct s3_request *request, const char **error)
{
    const struct job *job = request->user;
    if (request->method != S3_PUT ||
        (job->answer.size && memmem(job->answer.data, job->answer.size, "<CopyObjectResult", 17)))
        return S3_TAKEN;
    *error = "the S3 server did not confirm the copy";
    return S3_DAMAGED;
}

/* Returns whether an ETag has the form of an MD5. */
static bool is_md5(const char *etag)
{
    return strlen(etag) == 32 && strspn(etag, "0123456789abcdefABCDEF") == 32;
}

static void fail(struct job *job, const char *error)
{
    cleaner_failed(job->removal->cleaner, job->item->key, error);
    job->stage = GIVE_UP;
}

/* Decides on an object's next request by the outcome of the last. */
static void done(struct s3_request *request, const struct s3_outcome *outcome)
{
    struct job *job = request->user;
    const struct clean_item *item = job->item;
    job->is_under_way = false;
    bool is_other = outcome->refusal == S3_GONE || outcome->refusal == S3_CHANGED;
    if (outcome->result != S3_DONE && is_other && job->stage != LOOK_AT_COPY) {
        job->item->is_done = true;
        job->stage = GIVE_UP;
    } else if (outcome->result != S3_DONE) {
        fail(job,
             outcome->error ? outcome->error : "this program stopped the request before its end");
        job->removal->give_up |= outcome->everywhere || outcome->result == S3_STOPPED;
    } else if (job->stage == COPY) {
        job->stage = LOOK_AT_COPY;
    } else if (job->stage == LOOK_AT_COPY) {
        if (outcome->length != item->size ||
            (is_md5(outcome->etag) && is_md5(item->tag) && strcasecmp(outcome->etag, item->tag)))
            fail(job, "its copy in the new place differs from it");
        else
            job->stage = LOOK;
    } else if (outcome->length == item->size && *item->tag && !*outcome->etag) {
        fail(job, "the S3 server does not report its ETag, so it may have been replaced");
    } else if (outcome->length == item->size &&
               (!*item->tag || s3_etag_is_equal(outcome->etag, item->tag))) {
        job->stage = DELETE; /* an object that was listed without an ETag is known by its size */
    } else {
        job->item->is_done = true;
        job->stage = GIVE_UP;
    }
}

/* Starts the next request for an object, when there is one and room for it. */
static bool start(struct job *job)
{
    struct bucket_state *state = job->removal->state;
    if (job->is_under_way || job->stage >= DELETE || job->removal->give_up ||
        !http_pool_has_room(state->pool))
        return false;
    job->request =
        (struct s3_request){.method = job->stage == COPY ? S3_PUT : S3_HEAD,
                            .key = job->stage == LOOK ? job->item->key : job->target.data,
                            .size = S3_SIZE_UNKNOWN,
                            .user = job,
                            .begin = begin,
                            .take = take,
                            .end = end,
                            .done = done};
    if (job->stage == COPY) {
        job->request.copy_source = job->source.data;
        job->request.if_match = *job->item->tag ? job->item->tag : NULL;
    }
    job->is_under_way = true;
    s3_request_start(&job->request, job->stage == LOOK ? &state->bucket : &state->target,
                     state->pool);
    return true;
}

/* Prepares the clean-up of one object.  The ledger may have it from the time of another source: a
 * key that is not below the present one has no place below the target, so the object stays. */
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
    job->stage = COPY;
    buffer_printf(&job->target, "%s%s", state->target.uri.prefix, item->key + removal->folder_size);
    s3_uri_add_copy_source(&job->source, &state->bucket.uri, item->key);
}

static void add_escaped(struct buffer *xml, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p < ' ' || *p == '<' || *p == '>' || *p == '&' || *p == '"')
            buffer_printf(xml, "&#x%X;", *p);
        else
            buffer_add(xml, p, 1);
    }
}

/* The answer to DeleteObjects, which with Quiet names what was not deleted. */
struct deletion {
    struct job *jobs;
    size_t count;
    bool is_result;
    struct buffer key, code, message; /* of the Error being read */
    struct buffer error;              /* of an Error that is about none of the objects */
};

static void start_element(void *user, const char *path)
{
    struct deletion *deletion = user;
    deletion->is_result |= !strcmp(path, "DeleteResult");
}

static bool is_text(const struct buffer *buffer, const char *text)
{
    return buffer->size && !strcmp(buffer->data, text);
}

static void fail_deletion(const struct deletion *deletion, struct job *job)
{
    if (is_text(&deletion->code, "NoSuchKey")) {
        job->item->is_done = true;
        job->stage = GIVE_UP;
    } else if (is_text(&deletion->code, "PreconditionFailed"))
        fail(job, "another object has just taken its place");
    else
        fail(job,
             deletion->message.size ? deletion->message.data : "the S3 server does not say why");
}

/* An Error is complete: finds the object that it is about.  When there is none, nobody knows which
 * objects are deleted. */
static void end_error(struct deletion *deletion)
{
    bool is_found = false;
    for (size_t i = 0; i < deletion->count; i++) {
        if (!is_text(&deletion->key, deletion->jobs[i].item->key))
            continue;
        is_found = true;
        if (deletion->jobs[i].stage == DELETE)
            fail_deletion(deletion, &deletion->jobs[i]);
    }
    if (!is_found && !deletion->error.size)
        buffer_printf(&deletion->error, "the S3 server reports an error %s%s: %s",
                      deletion->key.size ? "of another object, " : "without the name of an object",
                      deletion->key.size ? deletion->key.data : "",
                      deletion->message.size ? deletion->message.data
                      : deletion->code.size  ? deletion->code.data
                                             : "it gives no reason");
    buffer_clear(&deletion->key);
    buffer_clear(&deletion->code);
    buffer_clear(&deletion->message);
}

static void end_element(void *user, const char *path, const char *text)
{
    struct deletion *deletion = user;
    if (!strcmp(path, "DeleteResult/Error"))
        end_error(deletion);
    else if (text && !strcmp(path, "DeleteResult/Error/Key"))
        buffer_add_text(&deletion->key, text);
    else if (text && !strcmp(path, "DeleteResult/Error/Code"))
        buffer_add_text(&deletion->code, text);
    else if (text && !strcmp(path, "DeleteResult/Error/Message"))
        buffer_add_text(&deletion->message, text);
}

/* Reads the answer, which names the objects that were not deleted.  Returns false after setting
 * ERROR when it does not tell which these are. */
static bool read_deletion(struct job *jobs, size_t count, const struct buffer *answer,
                          struct buffer *error)
{
    static const struct xml_handler handler = {.start = start_element, .end = end_element};
    struct deletion deletion = {.jobs = jobs, .count = count};
    struct xml *xml = xml_new(&handler, &deletion);
    bool read =
        answer->size && xml_add(xml, answer->data, answer->size, true) && deletion.is_result;
    xml_free(xml);
    buffer_clear(error);
    if (!read)
        buffer_add_text(error, "the S3 server did not confirm the deletion (DeleteObjects)");
    else if (deletion.error.size)
        buffer_add_text(error, deletion.error.data);
    buffer_free(&deletion.key);
    buffer_free(&deletion.code);
    buffer_free(&deletion.message);
    buffer_free(&deletion.error);
    return !error->size;
}

/* One DeleteObjects request. */
struct delete_request {
    struct s3_request request;
    struct buffer answer, error;
    bool is_done;
    bool is_unsupported; /* the store does not understand the document */
};

static enum s3_taken begin_deleting(struct s3_request *request)
{
    struct delete_request *all = request->user;
    buffer_clear(&all->answer);
    return S3_TAKEN;
}

static enum s3_taken take_deleting(struct s3_request *request, const void *data, size_t size,
                                   const char **error)
{
    (void)error;
    struct delete_request *all = request->user;
    buffer_add(&all->answer, data, size);
    return S3_TAKEN;
}

static enum s3_taken end_deleting(struct s3_request *request, const char **error)
{
    (void)request, (void)error;
    return S3_TAKEN;
}

static void done_deleting(struct s3_request *request, const struct s3_outcome *outcome)
{
    struct delete_request *all = request->user;
    all->is_done = outcome->result == S3_DONE;
    all->is_unsupported = !all->is_done && outcome->refusal == S3_UNSUPPORTED;
    if (!all->is_done)
        buffer_add_text(&all->error, outcome->error
                                         ? outcome->error
                                         : "this program stopped the request before its end");
}

/* Sends DeleteObjects for the jobs that have come so far.  Returns NULL, or the error (owned by
 * ALL). */
static const char *send_delete(struct bucket_state *state, struct delete_request *all,
                               const struct job *jobs, size_t count, bool with_condition)
{
    struct buffer xml = {0};
    buffer_clear(&all->error);
    buffer_add_text(&xml, "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                          "<Quiet>true</Quiet>");
    for (size_t i = 0; i < count; i++) {
        if (jobs[i].stage != DELETE)
            continue;
        buffer_add_text(&xml, "<Object><Key>");
        add_escaped(&xml, jobs[i].item->key);
        buffer_add_text(&xml, "</Key>");
        if (with_condition && *jobs[i].item->tag && !s3_etag_is_weak(jobs[i].item->tag)) {
            buffer_add_text(&xml, "<ETag>&quot;");
            add_escaped(&xml, jobs[i].item->tag);
            buffer_add_text(&xml, "&quot;</ETag>");
        }
        buffer_add_text(&xml, "</Object>");
    }
    buffer_add_text(&xml, "</Delete>");
    all->request = (struct s3_request){.method = S3_POST,
                                       .query = "delete=",
                                       .payload = xml.data,
                                       .payload_size = xml.size,
                                       .size = S3_SIZE_UNKNOWN,
                                       .user = all,
                                       .begin = begin_deleting,
                                       .take = take_deleting,
                                       .end = end_deleting,
                                       .done = done_deleting};
    s3_request_start(&all->request, &state->bucket, state->pool);
    while (http_pool_is_busy(state->pool))
        http_pool_step(state->pool, IDLE_MS);
    buffer_free(&xml);
    return all->is_done ? NULL : all->error.data;
}

/* Deletes the objects whose jobs have come so far, with one request. */
static void delete_all(struct removal *removal, struct job *jobs, size_t count)
{
    struct bucket_state *state = removal->state;
    struct delete_request all = {0};
    size_t first = 0;
    while (first < count && jobs[first].stage != DELETE)
        first++;
    if (first == count)
        return;
    const char *error = send_delete(state, &all, jobs, count, !state->without_condition);
    if (error && s3_bucket_has_url(&state->bucket) && !state->without_condition &&
        all.is_unsupported) {
        /* A store other than AWS may not understand a document with a condition.  After any other
         * error the condition stays: the next run tries again. */
        error = send_delete(state, &all, jobs, count, false);
        state->without_condition = !error;
    }
    if (!error && !read_deletion(jobs, count, &all.answer, &all.error))
        error = all.error.data;
    if (error) {
        fail(&jobs[first], error);
        removal->give_up = true;
    }
    for (size_t i = 0; !error && i < count; i++)
        jobs[i].item->is_done |= jobs[i].stage == DELETE;
    buffer_free(&all.answer);
    buffer_free(&all.error);
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
    bucket_join(state);
    if (cleaner->site->after == SITE_AFTER_MOVE && !open_target(state, cleaner->site))
        return false;
    struct job *jobs = memory_allocate(count, sizeof *jobs);
    for (size_t i = 0; i < count; i++)
        begin_job(&jobs[i], &removal, &items[i]);
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < count; i++)
            more |= start(&jobs[i]);
        if (http_pool_is_busy(state->pool)) {
            http_pool_step(state->pool, IDLE_MS);
            more = true;
        }
    }
    if (!removal.give_up)
        delete_all(&removal, jobs, count);
    for (size_t i = 0; i < count; i++) {
        buffer_free(&jobs[i].target);
        buffer_free(&jobs[i].source);
        buffer_free(&jobs[i].answer);
    }
    free(jobs);
    return !removal.give_up;
}
