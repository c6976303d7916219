#include "s3/send.h"

#include "http/wait.h"

enum { IDLE_MS = 1000 };

struct sending {
    struct s3_sent *sent;
    bool has_ended;
};

static enum s3_taken begin(struct s3_request *request)
{
    struct sending *sending = request->user;
    buffer_clear(&sending->sent->body);
    return S3_TAKEN;
}

static enum s3_taken take(struct s3_request *request, const void *data, size_t size,
                          const char **error)
{
    (void)error;
    struct sending *sending = request->user;
    if (sending->sent->keeps_body)
        buffer_add(&sending->sent->body, data, size);
    return S3_TAKEN;
}

static void done(struct s3_request *request, const struct s3_outcome *outcome)
{
    struct sending *sending = request->user;
    struct s3_sent *sent = sending->sent;
    sending->has_ended = true;
    sent->is_done = outcome->result == S3_DONE;
    sent->is_everywhere = outcome->everywhere || outcome->result == S3_STOPPED;
    sent->reason = outcome->reason;
    if (!sent->is_done)
        buffer_add_text(&sent->error, s3_outcome_error(outcome));
}

/* Waits for the request until the time sent->end. */
static void wait(const struct s3_request *request, const struct s3_bucket *bucket,
                 struct http_pool *pool, struct s3_sent *sent)
{
    struct buffer what = {0};
    buffer_printf(&what, "the response to a request for s3://%s/%s", bucket->uri.bucket,
                  request->key ? request->key : "");
    if (!http_wait(pool, &bucket->host, what.data, sent->end, NULL)) {
        buffer_clear(&sent->error);
        buffer_printf(&sent->error,
                      "no usable response from %s in time; check the endpoint and the network",
                      bucket->endpoint.host);
    }
    buffer_free(&what);
}

bool s3_send(struct s3_request request, struct s3_bucket *bucket, struct http_pool *pool,
             struct s3_sent *sent)
{
    struct sending sending = {.sent = sent};
    buffer_clear(&sent->body);
    buffer_clear(&sent->error);
    request.size = S3_SIZE_UNKNOWN;
    request.user = &sending;
    request.begin = begin;
    request.take = take;
    request.done = done;
    s3_request_start(&request, bucket, pool);
    if (sent->end)
        wait(&request, bucket, pool, sent);
    while (!sending.has_ended)
        http_pool_step(pool, IDLE_MS);
    return sent->is_done;
}

void s3_sent_free(struct s3_sent *sent)
{
    buffer_free(&sent->body);
    buffer_free(&sent->error);
}
