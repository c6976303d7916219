/* Deletes the objects of a committed batch from their bucket, or moves them elsewhere in the store.
 *
 * Each object is looked at (HeadObject): only the version that was counted is deleted.  To be moved
 * it is copied before, on the condition that it is that version, and its copy is looked at.  All of
 * a group are then deleted with one request.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "batch/clean_up.h"
#include "s3/bucket.h"
#include "http/pool.h"
#include "s3/uri.h"
#include "text/buffer.h"
#include "text/message.h"

enum { IDLE_MS = 1000 };

/* What is done with an object next. */
enum stage { COPY, LOOK_AT_COPY, LOOK, DELETE, GIVE_UP };

struct job {
    struct s3_request request;
    struct cleaner *cleaner;
    struct clean_item *item;
    enum stage stage;
    struct buffer target, source; /* the copy's key, and what is copied */
    struct buffer answer;         /* of a copy: an <Error> can stand in it */
    bool is_under_way;
};

struct bucket_cleaner {
    struct s3_bucket bucket, target;
    struct s3_pool *pool, *target_pool; /* the target's is the same when the bucket is */
    size_t folder_size;                 /* bytes of a key that are no part of its target's */
    bool give_up;
};

static void close_bucket(struct cleaner *cleaner)
{
    struct bucket_cleaner *state = cleaner->state;
    if (!state)
        return;
    if (state->target_pool != state->pool)
        s3_pool_free(state->target_pool);
    s3_pool_free(state->pool);
    s3_bucket_close(&state->bucket);
    s3_bucket_close(&state->target);
    free(state);
    cleaner->state = NULL;
}

static bool open_bucket(struct cleaner *cleaner)
{
    const struct site *site = cleaner->site;
    struct bucket_cleaner *state = calloc(1, sizeof *state);
    cleaner->state = state;
    if (!state) {
        message_warning("out of memory");
        return false;
    }
    if (s3_bucket_open(&state->bucket, site->source, site->region, site->profile, site->endpoint) <
        0)
        goto failed;
    const char *slash = strrchr(state->bucket.uri.prefix, '/');
    state->folder_size = slash ? (size_t)(slash + 1 - state->bucket.uri.prefix) : 0;
    state->pool = s3_pool_new(&state->bucket, cleaner->transfers);
    if (!state->pool)
        goto failed;
    if (site->after == SITE_AFTER_DELETE)
        return true;
    if (s3_bucket_open(&state->target, site->after_to, NULL, site->profile, site->endpoint) < 0)
        goto failed;
    state->target_pool = strcmp(state->bucket.uri.bucket, state->target.uri.bucket)
                             ? s3_pool_new(&state->target, cleaner->transfers)
                             : state->pool;
    if (state->target_pool)
        return true;
failed:
    close_bucket(cleaner);
    return false;
}

static enum s3_taken begin(struct s3_request *request)
{
    struct job *job = request->user;
    buffer_clear(&job->answer);
    return S3_TAKEN;
}

static enum s3_taken take(struct s3_request *request, const void *data, size_t size,
                          const char **cause)
{
    struct job *job = request->user;
    if (buffer_add(&job->answer, data, size))
        return S3_TAKEN;
    *cause = "out of memory";
    return S3_DAMAGED;
}

/* A copy that fails late has the status 200 and an <Error> for its body. */
static enum s3_taken end(struct s3_request *request, const char **cause)
{
    const struct job *job = request->user;
    if (request->method != S3_PUT ||
        (job->answer.size && memmem(job->answer.data, job->answer.size, "<CopyObjectResult", 17)))
        return S3_TAKEN;
    *cause = "the store's answer is not that of a copy";
    return S3_DAMAGED;
}

/* Whether an ETag is the MD5 of what it stands for, as far as its form tells. */
static bool is_md5(const char *etag)
{
    return strlen(etag) == 32 && strspn(etag, "0123456789abcdefABCDEF") == 32;
}

static void fail(struct job *job, const char *cause)
{
    clean_up_failed(job->cleaner, job->item->key, cause);
    job->stage = GIVE_UP;
}

/* What a request's outcome means for its object. */
static void done(struct s3_request *request, const struct s3_outcome *outcome)
{
    struct job *job = request->user;
    struct bucket_cleaner *state = job->cleaner->state;
    const struct clean_item *item = job->item;
    job->is_under_way = false;
    bool is_other = outcome->refusal == S3_GONE || outcome->refusal == S3_CHANGED;
    if (outcome->result != S3_DONE && is_other && job->stage != LOOK_AT_COPY) {
        job->item->is_done = true;
        job->stage = GIVE_UP;
    } else if (outcome->result != S3_DONE) {
        fail(job, outcome->cause ? outcome->cause : "it was interrupted");
        state->give_up |= outcome->everywhere || outcome->result == S3_STOPPED;
    } else if (job->stage == COPY) {
        job->stage = LOOK_AT_COPY;
    } else if (job->stage == LOOK_AT_COPY) {
        if (outcome->length != item->size ||
            (is_md5(outcome->etag) && is_md5(item->tag) && strcasecmp(outcome->etag, item->tag)))
            fail(job, "its copy is not the same");
        else
            job->stage = LOOK;
    } else if (outcome->length == item->size && !strcmp(outcome->etag, item->tag)) {
        job->stage = DELETE;
    } else {
        job->item->is_done = true;
        job->stage = GIVE_UP;
    }
}

/* Starts the next request for an object, when there is one and room for it. */
static bool start(struct job *job)
{
    struct bucket_cleaner *state = job->cleaner->state;
    struct s3_pool *pool = job->stage == LOOK ? state->pool : state->target_pool;
    if (job->is_under_way || job->stage >= DELETE || state->give_up || !s3_pool_has_room(pool))
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
    s3_pool_add(pool, &job->request);
    return true;
}

static void step(struct bucket_cleaner *state)
{
    bool both = state->target_pool && state->target_pool != state->pool;
    if (s3_pool_is_busy(state->pool))
        s3_pool_step(state->pool, both && s3_pool_is_busy(state->target_pool) ? 1 : IDLE_MS);
    if (both && s3_pool_is_busy(state->target_pool))
        s3_pool_step(state->target_pool, s3_pool_is_busy(state->pool) ? 1 : IDLE_MS);
}

static bool is_busy(const struct bucket_cleaner *state)
{
    return s3_pool_is_busy(state->pool) ||
           (state->target_pool && s3_pool_is_busy(state->target_pool));
}

static bool prepare(struct job *job, struct cleaner *cleaner, struct clean_item *item)
{
    const struct bucket_cleaner *state = cleaner->state;
    job->cleaner = cleaner;
    job->item = item;
    job->stage = LOOK;
    if (cleaner->site->after != SITE_AFTER_MOVE)
        return true;
    job->stage = COPY;
    buffer_printf(&job->target, "%s%s", state->target.uri.prefix, item->key + state->folder_size);
    buffer_printf(&job->source, "/%s/", state->bucket.uri.bucket);
    s3_uri_encode(&job->source, item->key, true);
    return true;
}

static bool add_escaped(struct buffer *xml, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p < ' ' || *p == '<' || *p == '>' || *p == '&' || *p == '"')
            buffer_printf(xml, "&#x%X;", *p);
        else
            buffer_add(xml, p, 1);
    }
    return !xml->failed;
}

/* The answer to DeleteObjects, which with Quiet names what was not deleted. */
struct deletion {
    struct job *jobs;
    size_t count;
    char element[8]; /* Key or Message within Error, else "" */
    bool is_result;
    unsigned depth;
    struct buffer key, cause;
};

static void start_element(void *user, const XML_Char *name, const XML_Char **attributes)
{
    (void)attributes;
    struct deletion *deletion = user;
    deletion->depth++;
    deletion->element[0] = '\0';
    if (deletion->depth == 1)
        deletion->is_result = !strcmp(name, "DeleteResult");
    if (deletion->depth == 3 && (!strcmp(name, "Key") || !strcmp(name, "Message")))
        memcpy(deletion->element, name, strlen(name) + 1);
}

static void add_text(void *user, const XML_Char *text, int size)
{
    struct deletion *deletion = user;
    if (deletion->element[0])
        buffer_add(deletion->element[0] == 'K' ? &deletion->key : &deletion->cause, text,
                   (size_t)size);
}

static void end_element(void *user, const XML_Char *name)
{
    struct deletion *deletion = user;
    if (deletion->depth == 2 && !strcmp(name, "Error") && deletion->key.size) {
        for (size_t i = 0; i < deletion->count; i++)
            if (!strcmp(deletion->jobs[i].item->key, deletion->key.data) &&
                deletion->jobs[i].stage == DELETE)
                fail(&deletion->jobs[i],
                     deletion->cause.size ? deletion->cause.data : "the store does not say why");
    }
    if (deletion->depth == 2) {
        buffer_clear(&deletion->key);
        buffer_clear(&deletion->cause);
    }
    deletion->element[0] = '\0';
    deletion->depth--;
}

/* Reads the answer; what it does not name is deleted. */
static bool read_deletion(struct job *jobs, size_t count, const struct buffer *answer)
{
    struct deletion deletion = {.jobs = jobs, .count = count};
    XML_Parser xml = XML_ParserCreate(NULL);
    if (!xml)
        return false;
    XML_SetUserData(xml, &deletion);
    XML_SetElementHandler(xml, start_element, end_element);
    XML_SetCharacterDataHandler(xml, add_text);
    bool read = answer->size &&
                XML_Parse(xml, answer->data, (int)answer->size, 1) == XML_STATUS_OK &&
                deletion.is_result && !deletion.key.failed && !deletion.cause.failed;
    XML_ParserFree(xml);
    buffer_free(&deletion.key);
    buffer_free(&deletion.cause);
    return read;
}

static void done_deleting(struct s3_request *request, const struct s3_outcome *outcome)
{
    struct job *all = request->user;
    all->is_under_way = false;
    if (outcome->result != S3_DONE)
        fail(all, outcome->cause ? outcome->cause : "it was interrupted");
}

/* Deletes what is to be deleted, with one request. */
static void delete_all(struct bucket_cleaner *state, struct cleaner *cleaner, struct job *jobs,
                       size_t count)
{
    struct buffer xml = {0};
    struct job all = {.cleaner = cleaner, .stage = DELETE};
    buffer_add_text(&xml, "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                          "<Quiet>true</Quiet>");
    for (size_t i = 0; i < count; i++)
        if (jobs[i].stage == DELETE) {
            all.item = jobs[i].item;
            buffer_add_text(&xml, "<Object><Key>");
            add_escaped(&xml, jobs[i].item->key);
            buffer_add_text(&xml, "</Key></Object>");
        }
    if (!all.item)
        goto out;
    if (!buffer_add_text(&xml, "</Delete>")) {
        fail(&all, "out of memory");
        goto out;
    }
    all.request = (struct s3_request){.method = S3_POST,
                                      .query = "delete=",
                                      .payload = xml.data,
                                      .payload_size = xml.size,
                                      .size = S3_SIZE_UNKNOWN,
                                      .user = &all,
                                      .begin = begin,
                                      .take = take,
                                      .end = end,
                                      .done = done_deleting};
    s3_pool_add(state->pool, &all.request);
    while (s3_pool_is_busy(state->pool))
        s3_pool_step(state->pool, IDLE_MS);
    if (all.stage == DELETE && !read_deletion(jobs, count, &all.answer))
        fail(&all, "the store's answer is not that of DeleteObjects");
    if (all.stage == GIVE_UP)
        state->give_up = true;
    for (size_t i = 0; all.stage == DELETE && i < count; i++)
        jobs[i].item->is_done |= jobs[i].stage == DELETE;
out:
    buffer_free(&all.answer);
    buffer_free(&xml);
}

static bool clean(struct cleaner *cleaner, struct clean_item *items, size_t count)
{
    struct bucket_cleaner *state = cleaner->state;
    struct job *jobs = calloc(count, sizeof *jobs);
    bool prepared = jobs != NULL;
    for (size_t i = 0; prepared && i < count; i++)
        prepared = prepare(&jobs[i], cleaner, &items[i]);
    if (!prepared) {
        clean_up_failed(cleaner, items[0].key, "out of memory");
        state->give_up = true;
        goto out;
    }
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < count; i++)
            more |= start(&jobs[i]);
        more |= is_busy(state);
        step(state);
    }
    if (!state->give_up)
        delete_all(state, cleaner, jobs, count);
out:
    for (size_t i = 0; jobs && i < count; i++) {
        buffer_free(&jobs[i].target);
        buffer_free(&jobs[i].source);
        buffer_free(&jobs[i].answer);
    }
    free(jobs);
    return !state->give_up;
}

const struct cleaner cleaner_bucket = {.open = open_bucket, .clean = clean, .close = close_bucket};
