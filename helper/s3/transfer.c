#include "s3/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/write_all.h"
#include "memory/allocate.h"
#include "s3/request.h"

enum { IDLE_MS = 1000 };

/* All files of a call. */
struct transfers {
    struct s3_bucket *bucket;
    struct http_pool *pool;
    const struct s3_file *files;
    size_t count, started, under_way;
    bool has_failed;
    struct buffer *error;
};

/* A file under way. */
struct transfer {
    struct transfers *all;
    const struct s3_file *file;
    struct s3_request request;
    int fd;
    void *data; /* of a file that is sent: its mapped bytes */
    size_t size;
};

/* Stores the first error.  Returns false. */
static bool fail(struct transfers *all, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool fail(struct transfers *all, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (!all->has_failed)
        buffer_vprintf(all->error, format, arguments);
    va_end(arguments);
    all->has_failed = true;
    return false;
}

static bool fail_file(const struct transfer *transfer)
{
    return fail(transfer->all, "%s: %s", transfer->file->path, strerrordesc_np(errno));
}

static void free_transfer(struct transfer *transfer)
{
    if (transfer->data)
        munmap(transfer->data, transfer->size);
    if (transfer->fd >= 0)
        close(transfer->fd);
    free(transfer);
}

/* ---- the functions of a request
 * --------------------------------------------------------------- */

static enum s3_taken begin(struct s3_request *request)
{
    const struct transfer *transfer = request->user;
    if (request->method == S3_PUT ||
        (ftruncate(transfer->fd, 0) == 0 && lseek(transfer->fd, 0, SEEK_SET) == 0))
        return S3_TAKEN;
    fail_file(transfer);
    return S3_STOP;
}

static enum s3_taken take(struct s3_request *request, const void *data, size_t size,
                          const char **error)
{
    (void)error;
    const struct transfer *transfer = request->user;
    if (request->method == S3_PUT || write_all(transfer->fd, data, size))
        return S3_TAKEN;
    fail_file(transfer);
    return S3_STOP;
}

static void done(struct s3_request *request, const struct s3_outcome *outcome)
{
    struct transfer *transfer = request->user;
    struct transfers *all = transfer->all;
    if (outcome->result != S3_DONE)
        fail(all, "s3://%s/%s: %s", all->bucket->uri.bucket, transfer->file->key,
             s3_outcome_error(outcome));
    all->under_way--;
    free_transfer(transfer);
}

/* ---- all files
 * -------------------------------------------------------------------------------- */

/* Maps the file whose bytes are sent. */
static bool map_file(struct transfer *transfer)
{
    struct stat status;
    transfer->fd = open(transfer->file->path, O_RDONLY | O_CLOEXEC);
    if (transfer->fd < 0 || fstat(transfer->fd, &status) < 0)
        return fail_file(transfer);
    if ((uint64_t)status.st_size > S3_PUT_MAX)
        return fail(transfer->all,
                    "%s: %llu bytes are more than the 5 GiB that one object can get; make a plan "
                    "with more shards and parts",
                    transfer->file->path, (unsigned long long)status.st_size);
    transfer->size = (size_t)status.st_size;
    if (!transfer->size)
        return true;
    void *data = mmap(NULL, transfer->size, PROT_READ, MAP_PRIVATE, transfer->fd, 0);
    if (data == MAP_FAILED)
        return fail_file(transfer);
    madvise(data, transfer->size, MADV_SEQUENTIAL);
    transfer->data = data;
    return true;
}

static bool make_file(struct transfer *transfer)
{
    transfer->fd = open(transfer->file->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    return transfer->fd >= 0 || fail_file(transfer);
}

static void start(struct transfers *all, enum s3_method method)
{
    const struct s3_file *file = &all->files[all->started++];
    struct transfer *transfer = memory_allocate(1, sizeof *transfer);
    *transfer = (struct transfer){.all = all, .file = file, .fd = -1};
    if (method == S3_PUT ? !map_file(transfer) : !make_file(transfer)) {
        free_transfer(transfer);
        return;
    }
    bool is_get = method == S3_GET;
    transfer->request = (struct s3_request){.method = method,
                                            .key = file->key,
                                            .size = is_get ? file->size : S3_SIZE_UNKNOWN,
                                            .if_match = is_get ? file->etag : NULL,
                                            .payload = transfer->data,
                                            .payload_size = transfer->size,
                                            .resumes = is_get,
                                            .user = transfer,
                                            .begin = begin,
                                            .take = take,
                                            .done = done};
    all->under_way++;
    s3_request_start(&transfer->request, all->bucket, all->pool);
}

static bool run(struct transfers *all, enum s3_method method)
{
    for (;;) {
        while (!all->has_failed && all->started < all->count && http_pool_has_room(all->pool))
            start(all, method);
        if (all->has_failed)
            http_pool_cancel(all->pool);
        if (!all->under_way && (all->has_failed || all->started == all->count))
            return !all->has_failed;
        http_pool_step(all->pool, IDLE_MS);
    }
}

bool s3_put_files(struct s3_bucket *bucket, struct http_pool *pool, const struct s3_file *files,
                  size_t count, struct buffer *error)
{
    struct transfers all = {
        .bucket = bucket, .pool = pool, .files = files, .count = count, .error = error};
    return run(&all, S3_PUT);
}

bool s3_get_files(struct s3_bucket *bucket, struct http_pool *pool, const struct s3_file *files,
                  size_t count, struct buffer *error)
{
    struct transfers all = {
        .bucket = bucket, .pool = pool, .files = files, .count = count, .error = error};
    return run(&all, S3_GET);
}
