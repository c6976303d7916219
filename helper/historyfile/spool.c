#include "historyfile/spool.h"

#include <string.h>
#include <unistd.h>

#include "files/read_at.h"
#include "files/temporary.h"
#include "files/write_all.h"

enum { PIECE = 1024 * 1024 };

static bool write_lines(struct history_spool *spool)
{
    if (!spool->fd) {
        int fd = temporary_open(spool->directory);
        if (fd < 0)
            return false;
        spool->fd = fd;
    }
    bool done = write_all(spool->fd, spool->lines.data, spool->lines.size);
    buffer_clear(&spool->lines);
    return done;
}

bool history_spool_add(struct history_spool *spool, const char *line, size_t size)
{
    char *end = mempcpy(buffer_extend(&spool->lines, size + 1), line, size);
    *end = '\n';
    spool->lines.size += size + 1;
    return spool->lines.size < PIECE || write_lines(spool);
}

static bool read_file_of(struct history_spool *spool,
                         bool (*take)(void *user, const char *piece, size_t size), void *user)
{
    char *piece = buffer_extend(&spool->lines, PIECE);
    uint64_t offset = 0;
    ssize_t got;
    while ((got = read_at(spool->fd, piece, PIECE, offset)) > 0) {
        if (!take(user, piece, (size_t)got))
            return false;
        offset += (uint64_t)got;
    }
    return got == 0;
}

bool history_spool_read(struct history_spool *spool,
                        bool (*take)(void *user, const char *piece, size_t size), void *user)
{
    if (!spool->fd)
        return !spool->lines.size || take(user, spool->lines.data, spool->lines.size);
    return write_lines(spool) && read_file_of(spool, take, user);
}

void history_spool_clear(struct history_spool *spool)
{
    if (spool->fd)
        close(spool->fd);
    spool->fd = 0;
    buffer_clear(&spool->lines);
}
