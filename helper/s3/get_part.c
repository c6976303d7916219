#include "s3/get_part.h"

#include <stdio.h>

#include "s3/request.h"

enum { IDLE_MS = 1000 };

struct part {
    struct buffer *data, *error;
    size_t before; /* bytes that data held before */
    bool ended, read;
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
    buffer_add(part->data, data, size);
    return S3_TAKEN;
}

static enum s3_taken end(struct s3_request *request, const char **error)
{
    (void)request, (void)error;
    return S3_TAKEN;
}

static void done(struct s3_request *request, const struct s3_outcome *outcome)
{
    struct part *part = request->user;
    part->ended = true;
    part->read = outcome->result == S3_DONE;
    if (!part->read)
        buffer_add_text(part->error,
                        outcome->error
                            ? outcome->error
                            : "this program stopped the request before its end; run this again");
}

bool s3_get_part(struct s3_bucket *bucket, struct http_pool *pool, const struct s3_object *object,
                 size_t size, struct buffer *data, struct buffer *error)
{
    struct part part = {.data = data, .error = error, .before = data->size};
    char range[48];
    snprintf(range, sizeof range, "bytes=0-%zu", size - 1);
    struct s3_request request = {.key = object->key,
                                 .range = object->size > size ? range : NULL,
                                 .size = S3_SIZE_UNKNOWN,
                                 .user = &part,
                                 .begin = begin,
                                 .take = take,
                                 .end = end,
                                 .done = done};
    s3_request_start(&request, bucket, pool);
    while (!part.ended)
        http_pool_step(pool, IDLE_MS);
    return part.read;
}
