#include "historyfile/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/folders.h"
#include "files/write_all.h"
#include "historyfile/general.h"
#include "memory/allocate.h"

/* The file is written in pieces of PIECE bytes.  Texts of DIRECT bytes or more are written without a copy. */
enum { PIECE = 256 * 1024, DIRECT = PIECE / 2 };

/* The temporary name must not end as history files do, by which AWStats finds them. */
#define END ".XXXXXX"

/* The places of a section: of its number in the map, and of its first line in the file. */
struct position {
    uint64_t in_map, in_file;
    bool is_there;
};

struct history_writer {
    const char *path;
    char *beside;     /* the temporary name; NULL: the file has the name PATH */
    int fd, number;   /* errno of the first error, or 0 */
    uint64_t written; /* bytes in the file, without the buffer */
    struct buffer buffer;
    struct position *positions;
    size_t count;
};

/* Gives the new file the permissions and owner of the file that it will replace.  Without such a file, gives it
 * those of any new file in the folder. */
static bool take_permissions(const struct history_writer *writer)
{
    struct stat status;
    mode_t mask = umask(0);
    umask(mask);
    bool is_there = stat(writer->path, &status) == 0;
    if (fchmod(writer->fd, is_there ? status.st_mode & 0777 : 0666 & ~mask) < 0)
        return false;
    if (is_there && geteuid() == 0)
        return fchown(writer->fd, status.st_uid, status.st_gid) == 0;
    return is_there || folders_give(writer->fd, writer->path) == 0;
}

static void explain(const struct history_writer *writer, int number, struct buffer *error)
{
    buffer_printf(error, "%s: %s; the file was not written", writer->path, strerrordesc_np(number));
}

static bool make_file(struct history_writer *writer, struct buffer *error)
{
    struct buffer beside = {0};
    buffer_printf(&beside, "%s" END, writer->path);
    writer->fd = mkostemp(beside.data, O_CLOEXEC);
    if (writer->fd >= 0)
        writer->beside = beside.data;
    else
        buffer_free(&beside);
    if (writer->fd >= 0 && take_permissions(writer))
        return true;
    explain(writer, errno, error);
    return false;
}

static void put_text(struct history_writer *writer, const char *text)
{
    history_writer_put(writer, text, strlen(text));
}

static void put_map(struct history_writer *writer, const char *const *names)
{
    char line[64];
    snprintf(line, sizeof line, "BEGIN_MAP %zu\n", writer->count);
    put_text(writer, line);
    for (size_t i = 0; i < writer->count; i++) {
        put_text(writer, "POS_");
        put_text(writer, names[i]);
        put_text(writer, " ");
        writer->positions[i].in_map = history_writer_place(writer);
        put_text(writer, HISTORY_SPACES "\n");
    }
    put_text(writer, "END_MAP\n");
}

struct history_writer *history_writer_new(const char *path, const char *header,
                                          const char *const *names, size_t count,
                                          struct buffer *error)
{
    struct history_writer *writer = memory_allocate(1, sizeof *writer);
    writer->path = path;
    writer->count = count;
    writer->positions = memory_allocate(count, sizeof *writer->positions);
    if (!make_file(writer, error)) {
        history_writer_free(writer);
        return NULL;
    }
    put_text(writer, header);
    put_map(writer, names);
    return writer;
}

void history_writer_free(struct history_writer *writer)
{
    if (!writer)
        return;
    if (writer->beside)
        unlink(writer->beside);
    if (writer->fd >= 0)
        close(writer->fd);
    free(writer->beside);
    free(writer->positions);
    buffer_free(&writer->buffer);
    free(writer);
}

/* Stores errno if DONE is false and no error is stored yet.  Returns whether no error is stored. */
static bool is_done(struct history_writer *writer, bool done)
{
    if (!done && !writer->number)
        writer->number = errno ? errno : EIO;
    return !writer->number;
}

static bool write_bytes(struct history_writer *writer, const char *bytes, size_t size)
{
    if (writer->number)
        return false;
    writer->written += size;
    return is_done(writer, write_all(writer->fd, bytes, size));
}

static bool flush(struct history_writer *writer)
{
    bool done = write_bytes(writer, writer->buffer.data, writer->buffer.size);
    buffer_clear(&writer->buffer);
    return done;
}

bool history_writer_put(struct history_writer *writer, const char *bytes, size_t size)
{
    if (size >= DIRECT)
        return flush(writer) && write_bytes(writer, bytes, size);
    buffer_add(&writer->buffer, bytes, size);
    return writer->buffer.size < PIECE ? !writer->number : flush(writer);
}

void history_writer_begin(struct history_writer *writer, size_t number)
{
    writer->positions[number].in_file = history_writer_place(writer);
    writer->positions[number].is_there = true;
}

uint64_t history_writer_place(const struct history_writer *writer)
{
    return writer->written + writer->buffer.size;
}

bool history_writer_put_number(struct history_writer *writer, uint64_t place, uint64_t number)
{
    char text[sizeof HISTORY_SPACES];
    int size = snprintf(text, sizeof text, "%" PRIu64, number);
    if (!flush(writer))
        return false;
    ssize_t written = pwrite(writer->fd, text, (size_t)size, (off_t)place);
    if (written >= 0 && written < size)
        errno = ENOSPC;
    return is_done(writer, written == size);
}

bool history_writer_end(struct history_writer *writer, struct buffer *error)
{
    for (size_t i = 0; i < writer->count; i++) {
        const struct position *position = &writer->positions[i];
        if (position->is_there)
            history_writer_put_number(writer, position->in_map, position->in_file);
    }
    /* Without fsync(), a power failure could leave an empty file under the name PATH. */
    if (flush(writer) && is_done(writer, fsync(writer->fd) == 0)) {
        is_done(writer, close(writer->fd) == 0);
        writer->fd = -1;
    }
    if (writer->number || !is_done(writer, rename(writer->beside, writer->path) == 0)) {
        explain(writer, writer->number, error);
        return false;
    }
    free(writer->beside);
    writer->beside = NULL;
    if (folders_sync_above(writer->path) == 0 || errno == EACCES)
        return true;
    buffer_printf(error, "%s: the file was written, but a power failure may undo this: %s",
                  writer->path, strerrordesc_np(errno));
    return false;
}
