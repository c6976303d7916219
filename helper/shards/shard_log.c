#include "shards/shard_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#include "files/write_all.h"
#include "memory/allocate.h"
#include "normalized/ascii.h"
#include "normalized/columns.h"
#include "text/file_error.h"
#include "zstd/unzstd.h"

/* WINDOW_LOG bounds the memory of a reduce, which reads the logs of all parts at once.  SEED and HOST_BYTES belong to
 * the format: the maps of one plan may run on several machines.  The first HOST_BYTES bytes of a host decide its
 * shard. */
enum { LEVEL = 1, WINDOW_LOG = 17, PIECE = 32 * 1024, SEED = 0, HOST_BYTES = 256 };

/* Returns the size of an IPv4 address at the start of a text if END follows; otherwise 0. */
static size_t address_size(const char *text, const char *text_end, char end)
{
    const char *s = text;
    for (int i = 0; i < 4; i++) {
        const char *number = s;
        while (s < text_end && ascii_is_digit(*s))
            s++;
        if (s == number || s == text_end || *s++ != (i < 3 ? '.' : end))
            return 0;
    }
    return (size_t)(s - 1 - text);
}

/* Returns the field that AWStats takes for the host of a record: the client, or an address in the query ("Check if
 * there's a CloudFlare Visitor IP in the query string", in awstats.pl). */
static struct field host_of(struct field client, struct field query)
{
    static const char mark[] = "[CloudFlare_Visitor_IP:";
    const char *s = query.text, *end = query.text + query.size;
    while ((s = memmem(s, (size_t)(end - s), mark, sizeof mark - 1))) {
        s += sizeof mark - 1;
        size_t size = address_size(s, end, ']');
        if (size)
            return (struct field){s, size};
    }
    return client;
}

/* Returns HOST, or NAME if HOST is NAME:PORT, since AWStats counts it without the port ("Do DNS lookup", in
 * awstats.pl). */
static struct field without_port(struct field host)
{
    const char *colon = memchr(host.text, ':', host.size), *end = host.text + host.size;
    const char *s = colon ? colon + 1 : end;
    while (s < end && ascii_is_digit(*s))
        s++;
    if (colon && colon > host.text && s == end && s > colon + 1)
        host.size = (size_t)(colon - host.text);
    return host;
}

unsigned shard_of(const char *record, size_t size, unsigned shards)
{
    struct field host, query;
    char lower[HOST_BYTES];
    if (!column_get(record, size, COLUMN_CLIENT, &host))
        return 0;
    if (column_get(record, size, COLUMN_QUERY, &query))
        host = host_of(host, query);
    host = without_port(host);
    size_t used = host.size < sizeof lower ? host.size : sizeof lower;
    for (size_t i = 0; i < used; i++)
        lower[i] = ascii_to_lower(host.text[i]);
    return (unsigned)(XXH64(lower, used, SEED) % shards);
}

/* ---- the writer ------------------------------------------------------------------------------ */

struct shard_writer {
    int fd;
    char *path;
    struct buffer *error;
    ZSTD_CCtx *context;
    size_t out_size;
    char *out;
};

static bool fail(struct buffer *error, const char *path, const char *why)
{
    buffer_printf(error, "%s: %s", path, why);
    return false;
}

static bool fail_file(struct buffer *error, const char *path)
{
    file_error_add_path(error, path, errno);
    return false;
}

struct shard_writer *shard_writer_new(const char *path, struct buffer *error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0) {
        fail_file(error, path);
        return NULL;
    }
    struct shard_writer *writer = memory_allocate(1, sizeof *writer);
    writer->fd = fd;
    writer->path = memory_copy_text(path);
    writer->error = error;
    writer->context = ZSTD_createCCtx();
    if (!writer->context)
        memory_exhausted();
    ZSTD_CCtx_setParameter(writer->context, ZSTD_c_compressionLevel, LEVEL);
    ZSTD_CCtx_setParameter(writer->context, ZSTD_c_windowLog, WINDOW_LOG);
    ZSTD_CCtx_setParameter(writer->context, ZSTD_c_checksumFlag, 1);
    writer->out_size = PIECE;
    writer->out = memory_allocate(1, PIECE);
    return writer;
}

static bool compress(struct shard_writer *writer, const char *data, size_t size,
                     ZSTD_EndDirective end)
{
    ZSTD_inBuffer in = {data, size, 0};
    size_t left;
    do {
        ZSTD_outBuffer out = {writer->out, writer->out_size, 0};
        left = ZSTD_compressStream2(writer->context, &out, &in, end);
        if (ZSTD_isError(left))
            return fail(writer->error, writer->path, ZSTD_getErrorName(left));
        if (out.pos && !write_all(writer->fd, out.dst, out.pos))
            return fail_file(writer->error, writer->path);
    } while (end == ZSTD_e_end ? left > 0 : in.pos < in.size);
    return true;
}

bool shard_writer_put(struct shard_writer *writer, const char *record, size_t size)
{
    return compress(writer, record, size, ZSTD_e_continue);
}

bool shard_writer_end(struct shard_writer *writer)
{
    bool done = compress(writer, NULL, 0, ZSTD_e_end);
    int fd = writer->fd;
    writer->fd = -1;
    if (close(fd) < 0 && done)
        done = fail_file(writer->error, writer->path);
    shard_writer_free(writer);
    return done;
}

void shard_writer_free(struct shard_writer *writer)
{
    if (!writer)
        return;
    if (writer->fd >= 0)
        close(writer->fd);
    ZSTD_freeCCtx(writer->context);
    free(writer->out);
    free(writer->path);
    free(writer);
}

/* ---- the reader ------------------------------------------------------------------------------ */

struct shard_reader {
    int fd;
    char *path;
    struct buffer *error;
    struct unzstd *unzstd;
    unsigned char in[PIECE];
    const unsigned char *next; /* the next of the bytes in `in` */
    size_t left;
    bool has_begun;      /* the file is not empty */
    bool is_ended;       /* the file is read to its end */
    struct buffer lines; /* decompressed lines */
    size_t place;        /* of the next record in `lines` */
};

struct shard_reader *shard_reader_new(const char *path, struct buffer *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fail_file(error, path);
        return NULL;
    }
    struct shard_reader *reader = memory_allocate(1, sizeof *reader);
    reader->fd = fd;
    reader->path = memory_copy_text(path);
    reader->error = error;
    reader->unzstd = unzstd_new();
    if (!reader->unzstd)
        memory_exhausted();
    unzstd_begin(reader->unzstd);
    return reader;
}

/* Decompresses more lines.  Returns false at the end, and after adding an error. */
static bool fill(struct shard_reader *reader)
{
    if (!reader->left && !reader->is_ended) {
        ssize_t size = read(reader->fd, reader->in, sizeof reader->in);
        if (size < 0)
            return fail_file(reader->error, reader->path);
        reader->next = reader->in;
        reader->left = (size_t)size;
        reader->has_begun |= size > 0;
        reader->is_ended = size == 0;
    }
    unsigned char out[PIECE];
    size_t out_size = sizeof out;
    if (!unzstd_run(reader->unzstd, &reader->next, &reader->left, out, &out_size))
        return fail(reader->error, reader->path, unzstd_error(reader->unzstd));
    buffer_add(&reader->lines, out, out_size);
    if (out_size || !reader->is_ended)
        return true;
    return reader->has_begun && unzstd_is_complete(reader->unzstd) &&
                   reader->place == reader->lines.size
               ? false
               : fail(reader->error, reader->path, "the log is truncated");
}

int shard_reader_next(struct shard_reader *reader, const char **record, size_t *size)
{
    size_t searched = reader->place;
    for (;;) {
        const char *begin = reader->lines.data + reader->place;
        const char *end =
            searched < reader->lines.size
                ? memchr(reader->lines.data + searched, '\n', reader->lines.size - searched)
                : NULL;
        if (end) {
            *record = begin;
            *size = (size_t)(end + 1 - begin);
            reader->place += *size;
            return 1;
        }
        /* Keep only the beginning of the next record. */
        size_t rest = reader->lines.size - reader->place;
        if (reader->place) {
            memmove(reader->lines.data, begin, rest);
            reader->lines.size = rest;
            reader->place = 0;
        }
        searched = rest;
        size_t errors = reader->error->size;
        if (!fill(reader))
            return reader->error->size > errors ? -1 : 0;
    }
}

void shard_reader_free(struct shard_reader *reader)
{
    if (!reader)
        return;
    close(reader->fd);
    unzstd_free(reader->unzstd);
    buffer_free(&reader->lines);
    free(reader->path);
    free(reader);
}
