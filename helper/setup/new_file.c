#include "setup/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/folders.h"
#include "files/write_all.h"
#include "memory/allocate.h"
#include "text/file_error.h"

enum { PIECE_SIZE = 64 * 1024, FILE_SIZE_MAX = 4 * 1024 * 1024 };

static void explain(struct buffer *error, const char *path, int number)
{
    buffer_printf(error, "%s: ", path);
    file_error_add(error, path, "", number);
}

static void name_beside(struct new_file *file)
{
    struct buffer name = {0};
    char *folder = folders_above(file->path);
    const char *slash = strrchr(file->path, '/');
    buffer_printf(&name, "%s/.%s.setup", folder, slash ? slash + 1 : file->path);
    free(folder);
    file->beside = name.data;
}

/* Sets owner and mode of the new file: those of the OLD file, or MODE and GROUP if OLD is NULL.  Returns 0 or an
 * errno. */
static int dress(int fd, const char *path, const struct stat *old, mode_t mode, gid_t group)
{
    struct stat now;
    if (fstat(fd, &now) < 0)
        return errno;
    if (old) {
        bool is_same = now.st_uid == old->st_uid && now.st_gid == old->st_gid;
        if (!is_same && fchown(fd, old->st_uid, old->st_gid) < 0)
            return errno;
        return fchmod(fd, old->st_mode & 07777) < 0 ? errno : 0;
    }
    if (folders_give(fd, path) < 0 || (geteuid() == 0 && fchown(fd, (uid_t)-1, group) < 0))
        return errno;
    return fchmod(fd, mode) < 0 ? errno : 0;
}

bool new_file_write(struct new_file *file, const char *path, const void *text, size_t size,
                    mode_t mode, gid_t group, struct buffer *error)
{
    struct stat old;
    *file = (struct new_file){.path = realpath(path, NULL)};
    file->replaces = file->path && stat(file->path, &old) == 0;
    if (!file->path)
        file->path = memory_copy_text(path);
    name_beside(file);
    unlink(file->beside); /* a killed run may have left it; the caller's lock keeps others away */
    int number = 0, fd = open(file->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        explain(error, path, errno);
        free(file->beside);
        free(file->path);
        return false;
    }
    number = dress(fd, file->path, file->replaces ? &old : NULL, mode, group);
    if (!number && (!write_all(fd, text, size) || fsync(fd) < 0))
        number = errno;
    if (close(fd) < 0 && !number)
        number = errno;
    if (!number)
        return true;
    explain(error, path, number);
    new_file_drop(file);
    return false;
}

bool new_file_keep(struct new_file *file, struct buffer *error)
{
    int result = file->replaces
                     ? rename(file->beside, file->path)
                     : renameat2(AT_FDCWD, file->beside, AT_FDCWD, file->path, RENAME_NOREPLACE);
    if (result < 0 && !file->replaces && errno == EINVAL) {
        /* The file system does not support RENAME_NOREPLACE. */
        result = link(file->beside, file->path);
        if (result == 0)
            unlink(file->beside);
    }
    if (result < 0) {
        explain(error, file->path, errno);
        new_file_drop(file);
        return false;
    }
    folders_sync_above(file->path); /* ignores errors: a user may not be able to read the folder */
    free(file->beside);
    free(file->path);
    return true;
}

void new_file_drop(struct new_file *file)
{
    unlink(file->beside);
    free(file->beside);
    free(file->path);
}

int file_read(struct buffer *text, const char *path, struct buffer *error)
{
    ssize_t size = 0;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 0;
    while (fd >= 0 && text->size <= FILE_SIZE_MAX &&
           (size = read(fd, buffer_extend(text, PIECE_SIZE), PIECE_SIZE)) > 0)
        text->size += (size_t)size;
    int number = fd < 0 || size < 0 ? errno : text->size > FILE_SIZE_MAX ? EFBIG : 0;
    if (fd >= 0)
        close(fd);
    buffer_add(text, "", 0);
    if (number)
        explain(error, path, number);
    return number ? -1 : 1;
}
