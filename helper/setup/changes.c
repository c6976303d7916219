#include "setup/changes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/folders.h"
#include "memory/allocate.h"
#include "text/file_error.h"

static struct change *add(struct changes *changes, int kind, const char *path)
{
    changes->list =
        array_grow(changes->list, changes->count, &changes->capacity, sizeof *changes->list);
    struct change *change = &changes->list[changes->count++];
    *change = (struct change){.kind = kind, .path = memory_copy_text(path)};
    return change;
}

/* Sets owner and mode of a folder that was just made.  Returns 0 or an errno. */
static int dress_folder(const char *path, mode_t mode, const struct account *owner)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), number = 0;
    if (fd < 0)
        return errno;
    if (!owner)
        number = folders_give(fd, path) < 0 ? errno : 0;
    else if (!account_is_self(owner) && fchown(fd, owner->user, owner->group) < 0)
        number = errno;
    if (!number && fchmod(fd, mode) < 0)
        number = errno;
    close(fd);
    return number;
}

/* Makes one folder; its parent must exist. */
static bool make_one(struct changes *changes, const char *path, mode_t mode,
                     const struct account *owner, struct buffer *error)
{
    struct stat status;
    int number = mkdir(path, 0700) < 0 ? errno : 0;
    if (number == EEXIST && stat(path, &status) == 0) {
        if (S_ISDIR(status.st_mode))
            return true;
        number = ENOTDIR;
    }
    if (!number) {
        add(changes, CHANGE_FOLDER, path);
        number = dress_folder(path, mode, owner);
        folders_sync_above(path);
    }
    if (!number)
        return true;
    buffer_printf(error, "%s: ", path);
    file_error_add(error, path, "", number);
    return false;
}

bool changes_make_folder(struct changes *changes, const char *path, mode_t mode,
                         const struct account *owner, struct buffer *error)
{
    char *copy = memory_copy_text(path);
    bool done = true;
    for (char *slash = copy; done && (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        done = make_one(changes, copy, mode, owner, error);
        *slash = '/';
    }
    done = done && make_one(changes, copy, mode, owner, error);
    free(copy);
    return done;
}

bool changes_keep_file(struct changes *changes, struct new_file *file, const struct buffer *before,
                       struct buffer *error)
{
    char *path = memory_copy_text(file->path);
    bool done = new_file_keep(file, error);
    if (done) {
        struct change *change = add(changes, before ? CHANGE_TEXT : CHANGE_FILE, path);
        if (before)
            buffer_add(&change->before, before->data, before->size);
    }
    free(path);
    return done;
}

static bool undo(const struct change *change)
{
    struct new_file file;
    struct buffer ignored = {0};
    bool done = false;
    switch (change->kind) {
    case CHANGE_FOLDER:
        return rmdir(change->path) == 0;
    case CHANGE_FILE:
        return unlink(change->path) == 0;
    case CHANGE_TEXT:
        done = new_file_write(&file, change->path, change->before.data, change->before.size, 0600,
                              0, &ignored) &&
               new_file_keep(&file, &ignored);
        buffer_free(&ignored);
    }
    return done;
}

void changes_undo(struct changes *changes, struct buffer *left)
{
    for (size_t i = changes->count; i-- > 0;)
        if (!undo(&changes->list[i]))
            buffer_printf(left, "%s\n", changes->list[i].path);
    changes_free(changes);
}

void changes_free(struct changes *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        free(changes->list[i].path);
        buffer_free(&changes->list[i].before);
    }
    free(changes->list);
    *changes = (struct changes){0};
}
