#include "unique/id_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "files/folders.h"
#include "text/big_endian.h"

enum { MAGIC_SIZE = 8, ENTRY_SIZE = 20, END_SIZE = MAGIC_SIZE + 8 + 4 + 4 };

static const char begin_magic[] = "AWCFIDS1", end_magic[] = "AWCFEND1";

static bool fail(const struct id_file *file, const char *reason)
{
    if (!file->error->size)
        buffer_printf(file->error, "%s: %s", file->path, reason);
    return false;
}

static bool fail_on_content(const struct id_file *file)
{
    return fail(
        file, "this file with the request IDs of the last 48 hours is corrupt; restore a "
              "backup of the site (awstats-cloudfront restore --site=NAME --from=DIR), or "
              "remove the setting \"unique\", and accept that a request in two logs counts twice");
}

/* Reads the numbers at the end, and checks that they agree with the file's size. */
static bool read_end(struct id_file *file)
{
    unsigned char begin[MAGIC_SIZE], end[END_SIZE];
    struct stat status;
    if (fstat(fileno(file->file), &status) < 0)
        return fail(file, strerror(errno));
    if (fseeko(file->file, -END_SIZE, SEEK_END) < 0 ||
        fread(end, 1, END_SIZE, file->file) != END_SIZE || fseeko(file->file, 0, SEEK_SET) < 0 ||
        fread(begin, 1, MAGIC_SIZE, file->file) != MAGIC_SIZE ||
        memcmp(begin, begin_magic, MAGIC_SIZE) || memcmp(end, end_magic, MAGIC_SIZE))
        return fail_on_content(file);
    file->count = file->left = big_endian_get(end + MAGIC_SIZE, 8);
    file->last_time = (uint32_t)big_endian_get(end + MAGIC_SIZE + 8, 4);
    file->crc_at_end = (uint32_t)big_endian_get(end + MAGIC_SIZE + 12, 4);
    uint64_t room = (uint64_t)status.st_size - MAGIC_SIZE - END_SIZE;
    return (room % ENTRY_SIZE == 0 && room / ENTRY_SIZE == file->count) || fail_on_content(file);
}

bool id_file_read(struct id_file *file, const char *path, struct buffer *error)
{
    *file = (struct id_file){.path = path, .error = error};
    file->file = fopen(path, "re");
    if (!file->file && errno == ENOENT)
        return fail(
            file,
            "this file with the request IDs of the last 48 hours is missing; restore a "
            "backup of the site (awstats-cloudfront restore --site=NAME --from=DIR), or "
            "remove the setting \"unique\", and accept that a request in two logs counts twice");
    return file->file ? read_end(file) : fail(file, strerror(errno));
}

int id_file_next(struct id_file *file, struct timed_id *id)
{
    unsigned char entry[ENTRY_SIZE];
    if (!file->left)
        return 0;
    if (fread(entry, 1, ENTRY_SIZE, file->file) != ENTRY_SIZE) {
        fail(file, ferror(file->file) ? strerror(errno)
                                      : "this file with the request IDs of the last 48 hours "
                                        "became shorter while it was read; run this again");
        return -1;
    }
    file->crc = (uint32_t)crc32(file->crc, entry, ENTRY_SIZE);
    if (!--file->left && file->crc != file->crc_at_end) {
        fail_on_content(file);
        return -1;
    }
    id->time = (uint32_t)big_endian_get(entry, 4);
    id->id.word[0] = big_endian_get(entry + 4, 8);
    id->id.word[1] = big_endian_get(entry + 12, 8);
    return 1;
}

/* Returns the name of the file while it is being written; the caller frees the name. */
static char *new_name(const struct id_file *file)
{
    struct buffer name = {0};
    buffer_printf(&name, "%s.new", file->path);
    return name.data;
}

bool id_file_write(struct id_file *file, const char *path, struct buffer *error)
{
    *file = (struct id_file){.path = path, .error = error};
    char *name = new_name(file);
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
    free(name);
    if (fd < 0 || !(file->file = fdopen(fd, "w")) ||
        fwrite(begin_magic, 1, MAGIC_SIZE, file->file) != MAGIC_SIZE)
        return fail(file, strerror(errno));
    return true;
}

bool id_file_put(struct id_file *file, const struct timed_id *id)
{
    unsigned char entry[ENTRY_SIZE];
    big_endian_put(entry, id->time, 4);
    big_endian_put(entry + 4, id->id.word[0], 8);
    big_endian_put(entry + 12, id->id.word[1], 8);
    file->crc = (uint32_t)crc32(file->crc, entry, ENTRY_SIZE);
    file->last_time = id->time;
    file->count++;
    return fwrite(entry, 1, ENTRY_SIZE, file->file) == ENTRY_SIZE || fail(file, strerror(errno));
}

bool id_file_finish(struct id_file *file)
{
    unsigned char end[END_SIZE];
    memcpy(end, end_magic, MAGIC_SIZE);
    big_endian_put(end + MAGIC_SIZE, file->count, 8);
    big_endian_put(end + MAGIC_SIZE + 8, file->last_time, 4);
    big_endian_put(end + MAGIC_SIZE + 12, file->crc, 4);
    if (fwrite(end, 1, END_SIZE, file->file) != END_SIZE || fflush(file->file) == EOF ||
        fsync(fileno(file->file)) < 0)
        return fail(file, strerror(errno));
    fclose(file->file);
    file->file = NULL;
    char *name = new_name(file);
    bool done = rename(name, file->path) == 0 && folders_sync_above(file->path) == 0;
    free(name);
    return done || fail(file, strerror(errno));
}

void id_file_close(struct id_file *file)
{
    if (file->file)
        fclose(file->file);
    file->file = NULL;
}
