#include "s3/get_part.h"

#include <stdio.h>

#include "http/wait.h"
#include "s3/etag.h"
#include "s3/request.h"

struct part {
    struct buffer *data, *error;
    size_t before; /* bytes that data held before */
    size_t size;   /* bytes that are wanted */
    bool read;
};

static enum s3_taken begin(struct s3_request *request)
{
    struct part *part = request->user;
    part->data->size = part->before;
    return S3_TAKEN;
}

static enum s3_taken take(struct s3_request *request, const void *data, size_t size,
                          const char **error)
{
    (void)error;
    struct part *part = request->user;
    size_t room = part->before + part->size - part->data->size;
    buffer_add(part->data, data, size < room ? size : room);
    /* A store that ignores the range sends the whole object. */
    return size > room ? S3_ENOUGH : S3_TAKEN;
}

static void done(struct s3_request *request, const struct s3_outcome *outcome)
{
    struct part *part = request->user;
    part->read = outcome->result == S3_DONE;
    if (outcome->error)
        buffer_add_text(part->error,
                        outcome->reason == S3_CHANGED ? S3_OTHER_ETAG : outcome->error);
}

bool s3_get_part(struct s3_bucket *bucket, struct http_pool *pool, const struct s3_object *object,
                 size_t size, int64_t end_time, struct buffer *data, struct buffer *error)
{
    struct part part = {.data = data, .error = error, .before = data->size, .size = size};
    char range[48];
    snprintf(range, sizeof range, "bytes=0-%zu", size - 1);
    struct s3_request request = {.key = object->key,
                                 .range = object->size > size ? range : NULL,
                                 .size = S3_SIZE_UNKNOWN,
                                 .if_match = *object->etag ? object->etag : NULL,
                                 .user = &part,
                                 .begin = begin,
                                 .take = take,
                                 .done = done};
    struct buffer what = {0};
    buffer_printf(&what, "the object s3://%s/%s", bucket->uri.bucket, object->key);
    s3_request_start(&request, bucket, pool);
    if (!http_wait(pool, &bucket->host, what.data, end_time, NULL))
        buffer_printf(error, "%s has not sent it in time; check the endpoint and the network",
                      bucket->endpoint.host);
    buffer_free(&what);
    return part.read;
}
