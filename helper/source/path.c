/* The sources on this machine: a directory with all files below it, one file, standard input. */
#include "source/path.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/folders.h"
#include "memory/allocate.h"
#include "source/duplicates.h"
#include "source/file_tag.h"
#include "source/source.h"
#include "text/message.h"
#include "text/progress.h"

struct file {
    char *name;
    uint64_t size;
    struct timespec modified;
    dev_t device;
    ino_t inode;
};

struct path_state {
    char *path;
    struct file *files; /* while the source is listed */
    size_t file_count, capacity;
    const struct source_object *objects; /* the objects that next_file() returns */
    pthread_mutex_t lock;                /* of the member next */
    size_t next;                         /* the number of the next object */
};

static void add_file(struct path_state *state, const char *name, const struct stat *status)
{
    state->files =
        array_grow(state->files, state->file_count, &state->capacity, sizeof *state->files);
    state->files[state->file_count++] = (struct file){
        .name = memory_copy_text(name),
        .size = (uint64_t)status->st_size,
        .modified = status->st_mtim,
        .device = status->st_dev,
        .inode = status->st_ino,
    };
    progress_add_objects(1);
}

static void forget_files(struct path_state *state)
{
    for (size_t i = 0; i < state->file_count; i++)
        free(state->files[i].name);
    free(state->files);
    state->files = NULL;
    state->file_count = state->capacity = 0;
}

static int compare_files(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

/* Returns whether a file was listed under two names, as with links. */
static bool has_links(const struct path_state *state)
{
    struct identity *identities = memory_allocate(state->file_count + 1, sizeof *identities);
    for (size_t i = 0; i < state->file_count; i++) {
        const struct file *file = &state->files[i];
        identities[i] = (struct identity){file->device, file->inode, file->name, 0};
    }
    bool has = duplicates_exist(identities, state->file_count);
    free(identities);
    return has;
}

static int fail(struct buffer *error, const char *path, int number)
{
    buffer_printf(error, "%s: %s", path, strerror(number));
    return -1;
}

/* Adds an entry of a folder that cannot be a log; next_file() finds the reason.  Without a device
 * and a time, its name is its identity, and it is not the newest object. */
static void add_unreadable(struct path_state *state, const char *name)
{
    add_file(state, name, &(struct stat){0});
}

/* Lists the files below a directory, except hidden files and folders.  Also lists entries that
 * cannot be read, as objects, so that they are quarantined and named. */
static int list_directory(struct path_state *state, const char *path, struct buffer *error)
{
    char *roots[] = {(char *)path, NULL};
    FTS *tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    if (!tree)
        return fail(error, path, errno);
    int result = 0;
    FTSENT *entry;
    while (!result && (errno = 0, entry = fts_read(tree))) {
        bool is_hidden = entry->fts_level > 0 && entry->fts_name[0] == '.';
        switch (entry->fts_info) {
        case FTS_D:
            if (is_hidden)
                fts_set(tree, entry, FTS_SKIP);
            break;
        case FTS_F:
            if (is_hidden)
                break;
            add_file(state, entry->fts_accpath, entry->fts_statp);
            break;
        case FTS_DNR:
        case FTS_NS:
            if (entry->fts_level == 0)
                result = fail(error, entry->fts_path, entry->fts_errno);
            else if (!is_hidden && entry->fts_errno != ENOENT) /* else it was deleted meanwhile */
                add_unreadable(state, entry->fts_path);
            break;
        case FTS_DC:
        case FTS_SLNONE:
            if (!is_hidden)
                add_unreadable(state, entry->fts_path);
            break;
        case FTS_ERR:
            result = fail(error, entry->fts_path, entry->fts_errno);
            break;
        default:
            break;
        }
    }
    if (!result && errno)
        result = fail(error, path, errno);
    fts_close(tree);
    if (state->file_count)
        qsort(state->files, state->file_count, sizeof *state->files, compare_files);
    return result;
}

static bool find_content(const struct source_object *object, enum content_effort effort,
                         struct content *content)
{
    struct stat status;
    int fd = open(object->key, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool found = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
                 file_is_version(&status, object->tag, object->size) &&
                 content_find(content, fd, object->size, effort);
    if (fd >= 0)
        close(fd);
    return found;
}

static bool take_next(struct source *source, size_t *object)
{
    struct path_state *state = source->state;
    pthread_mutex_lock(&state->lock);
    bool is_one = state->next < source->count;
    if (is_one)
        *object = state->next++;
    pthread_mutex_unlock(&state->lock);
    return is_one;
}

/* Returns whether the open file is still the version that was listed. */
static bool is_version(int fd, const struct source_object *object)
{
    struct stat status;
    return fstat(fd, &status) == 0 && file_is_version(&status, object->tag, object->size);
}

/* Whether this user may search the folder that the file is in. */
static bool is_folder_open(const char *name)
{
    char *folder = folders_above(name);
    bool is_open = faccessat(AT_FDCWD, folder, X_OK, AT_EACCESS) == 0;
    free(folder);
    return is_open;
}

/* Returns the reason that errno gives for one file, NAME; SOURCE_READABLE when the error concerns this machine. */
static enum source_reason find_reason(const char *name)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return SOURCE_GONE;
    case EACCES: /* of the file, or of its folder and so of all files there */
    case EPERM:
        return is_folder_open(name) ? SOURCE_UNREADABLE : SOURCE_FORBIDDEN;
    case EIO:
    case ELOOP:
        return SOURCE_UNREADABLE;
    default:
        return SOURCE_READABLE;
    }
}

static bool is_link(const char *name)
{
    struct stat status;
    return lstat(name, &status) == 0 && S_ISLNK(status.st_mode);
}

/* Returns the error when NAME is no file: a link without a file, or a folder; sets *REASON then.
 * Returns NULL when NAME may be a file.  FD: the open file, or -1 with errno set. */
static const char *find_no_file(const char *name, int fd, enum source_reason *reason)
{
    struct stat status;
    int saved = errno;
    const char *error = NULL;
    if (fd < 0 && saved == ENOENT && is_link(name))
        error = "the symbolic link leads to a file that does not exist; correct or remove the link";
    else if (fd >= 0 && fstat(fd, &status) == 0 && S_ISDIR(status.st_mode))
        error = is_link(name) ? "the symbolic link leads back to a folder above it; remove the link"
                              : "the folder cannot be read; make it readable for this user";
    if (error)
        *reason = SOURCE_UNREADABLE;
    errno = saved;
    return error;
}

static int next_file(struct source *source, struct body *body)
{
    struct path_state *state = source->state;
    *body = (struct body){.fd = -1};
    if (!take_next(source, &body->object))
        return 0;
    const char *name = source->names[body->object], *error = NULL;
    body->fd = open(name, O_RDONLY | O_CLOEXEC);
    error = find_no_file(name, body->fd, &body->reason);
    if (error)
        ;
    else if (body->fd < 0) {
        error = strerror(errno);
        body->reason = find_reason(name);
    } else if (source->is_tolerant && !is_version(body->fd, &state->objects[body->object])) {
        error = "the file changed after it was listed";
        body->reason = SOURCE_CHANGED;
    }
    if (!error)
        return 1;
    if (source->is_tolerant && body->reason != SOURCE_READABLE) {
        body->error = memory_copy_text(error);
        return 1;
    }
    message_error("%s: %s", name, error);
    body_release(body);
    return -1;
}

static bool is_unchanged(struct source *source, const struct body *body)
{
    const struct path_state *state = source->state;
    return is_version(body->fd, &state->objects[body->object]);
}

static int next_stdin(struct source *source, struct body *body)
{
    *body = (struct body){.fd = -1};
    if (!take_next(source, &body->object))
        return 0;
    body->fd = dup(STDIN_FILENO);
    if (body->fd >= 0)
        return 1;
    message_error(SOURCE_STDIN ": %s", strerror(errno));
    return -1;
}

/* Decides about a path for which stat() has failed with the errno NUMBER.  Returns what list_path() returns. */
static int lack_path(const char *path, bool may_be_missing, int number, struct buffer *error)
{
    bool is_missing = number == ENOENT || number == ENOTDIR;
    if (is_missing && may_be_missing)
        return 0;
    fail(error, path, number);
    if (is_missing)
        buffer_add_text(error, "; correct the path, or if it is right, put the logs there again or "
                               "mount their disk");
    return -1;
}

static int list_path(struct source *source, const struct source_listing *listing,
                     struct buffer *error)
{
    struct path_state *state = source->state;
    struct stat status;
    int result = 0;
    if (stat(state->path, &status) < 0)
        return lack_path(state->path, listing->may_be_missing, errno, error);
    if (S_ISDIR(status.st_mode))
        result = list_directory(state, state->path, error);
    else
        add_file(state, state->path, &status);
    source->has_links = !result && has_links(state);
    for (size_t i = 0; !result && i < state->file_count; i++) {
        const struct file *file = &state->files[i];
        char tag[FILE_TAG_SIZE];
        file_tag(tag, &file->modified);
        struct source_object object = {file->name, tag, file->size, file->modified.tv_sec};
        if (!listing->found(listing->user, &object))
            result = -1;
    }
    forget_files(state);
    return result;
}

static int list_stdin(struct source *source, const struct source_listing *listing,
                      struct buffer *error)
{
    (void)source, (void)error;
    struct source_object object = {SOURCE_STDIN, "", 0, 0};
    return listing->found(listing->user, &object) ? 0 : -1;
}

static void put_name(const struct source *source, const char *key, struct buffer *name)
{
    (void)source;
    buffer_add_text(name, key);
}

static int expect(struct source *source, const struct source_object *objects, struct buffer *error)
{
    (void)error;
    struct path_state *state = source->state;
    state->objects = objects;
    return 0;
}

static void close_path(struct source *source)
{
    struct path_state *state = source->state;
    forget_files(state);
    pthread_mutex_destroy(&state->lock);
    free(state->path);
    free(state);
}

static int connect_to(struct source *source, const char *path)
{
    struct path_state *state = memory_allocate(1, sizeof *state);
    pthread_mutex_init(&state->lock, NULL);
    state->path = memory_copy_text(path);
    source->state = state;
    source->is_local = true;
    return 0;
}

static int connect_path(struct source *source, const char *path, const struct site *site,
                        unsigned transfers, struct buffer *error)
{
    (void)site, (void)transfers, (void)error;
    return connect_to(source, path);
}

static int connect_stdin(struct source *source, const char *path, const struct site *site,
                         unsigned transfers, struct buffer *error)
{
    (void)path, (void)site, (void)transfers, (void)error;
    return connect_to(source, SOURCE_STDIN);
}

const struct source_kind source_kind_path = {
    .connect = connect_path,
    .list = list_path,
    .expect = expect,
    .next = next_file,
    .is_unchanged = is_unchanged,
    .find_content = find_content,
    .name = put_name,
    .remove = path_remove,
    .close = close_path,
};

const struct source_kind source_kind_stdin = {
    .connect = connect_stdin,
    .list = list_stdin,
    .expect = expect,
    .next = next_stdin,
    .name = put_name,
    .close = close_path,
};
