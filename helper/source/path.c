/* The sources on this machine: a directory with all that is below it, one file, standard input. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/kind.h"
#include "text/message.h"

struct file {
    char *name;
    uint64_t size;
    struct timespec modified;
    dev_t device;
    ino_t inode;
};

struct path_state {
    char *path;
    struct file *files; /* while it is listed */
    size_t file_count, capacity;
    const struct source_object *objects; /* that are handed out */
    pthread_mutex_t lock;
    size_t next; /* object to hand out */
};

static int out_of_memory(const char *path)
{
    message_error("%s: out of memory", path);
    return -1;
}

static bool add_file(struct path_state *state, const char *name, const struct stat *status)
{
    if (state->file_count == state->capacity) {
        size_t capacity = state->capacity ? 2 * state->capacity : 64;
        struct file *files = realloc(state->files, capacity * sizeof *files);
        if (!files)
            return false;
        state->files = files;
        state->capacity = capacity;
    }
    struct file *file = &state->files[state->file_count];
    file->name = strdup(name);
    file->size = (uint64_t)status->st_size;
    file->modified = status->st_mtim;
    file->device = status->st_dev;
    file->inode = status->st_ino;
    if (!file->name)
        return false;
    state->file_count++;
    return true;
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

static int compare_inodes(const void *a, const void *b)
{
    const struct file *x = *(const struct file *const *)a, *y = *(const struct file *const *)b;
    if (x->inode != y->inode)
        return x->inode < y->inode ? -1 : 1;
    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* Whether no file was listed under two names, as links have them: its records would be counted
 * twice.  False after printing one line. */
static bool has_no_doubles(const struct path_state *state)
{
    const struct file **files = calloc(state->file_count + 1, sizeof *files);
    bool none = files != NULL;
    if (!files)
        out_of_memory(state->path);
    for (size_t i = 0; files && i < state->file_count; i++)
        files[i] = &state->files[i];
    if (files)
        qsort(files, state->file_count, sizeof *files, compare_inodes);
    for (size_t i = 1; none && i < state->file_count; i++)
        if (files[i]->inode == files[i - 1]->inode && files[i]->device == files[i - 1]->device) {
            message_error("%s and %s are the same object; its records would be counted twice",
                          files[i - 1]->name, files[i]->name);
            none = false;
        }
    free(files);
    return none;
}

/* A file's time of modification as the tag that stands for its version. */
static void put_tag(char tag[32], const struct timespec *modified)
{
    snprintf(tag, 32, "%lld", (long long)modified->tv_sec * 1000000000LL + modified->tv_nsec);
}

/* Lists the files below a directory; hidden files and folders are not looked at. */
static int list_directory(struct path_state *state, const char *path)
{
    char *roots[] = {(char *)path, NULL};
    FTS *tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    if (!tree)
        return out_of_memory(path);
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
            if (!add_file(state, entry->fts_accpath, entry->fts_statp))
                result = out_of_memory(path);
            break;
        case FTS_DC:
            message_error("%s: a link leads back to a folder above it", entry->fts_path);
            result = -1;
            break;
        case FTS_DNR:
        case FTS_ERR:
        case FTS_NS:
        case FTS_SLNONE:
            if (!is_hidden) {
                message_error("%s: %s", entry->fts_path,
                              strerror(entry->fts_errno ? entry->fts_errno : ENOENT));
                result = -1;
            }
            break;
        default:
            break;
        }
    }
    if (!result && errno) {
        message_error("%s: %s", path, strerror(errno));
        result = -1;
    }
    fts_close(tree);
    if (state->file_count)
        qsort(state->files, state->file_count, sizeof *state->files, compare_files);
    return result;
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

/* Whether the open file is still the version that was listed. */
static bool is_version(int fd, const struct source_object *object)
{
    struct stat status;
    char tag[32];
    if (fstat(fd, &status) < 0)
        return false;
    put_tag(tag, &status.st_mtim);
    return !strcmp(tag, object->tag) && (uint64_t)status.st_size == object->size;
}

/* What errno says of one file, as opposed to what it says of this machine. */
static enum source_trouble find_trouble(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return SOURCE_GONE;
    case EACCES:
    case EPERM:
    case EIO:
    case ELOOP:
        return SOURCE_UNREADABLE;
    default:
        return SOURCE_FINE;
    }
}

static int next_file(struct source *source, struct body *body)
{
    struct path_state *state = source->state;
    *body = (struct body){.fd = -1};
    if (!take_next(source, &body->object))
        return 0;
    const char *name = source->names[body->object], *cause = NULL;
    body->fd = open(name, O_RDONLY | O_CLOEXEC);
    if (body->fd < 0) {
        cause = strerror(errno);
        body->trouble = find_trouble();
    } else if (source->is_tolerant && !is_version(body->fd, &state->objects[body->object])) {
        cause = "the file changed after it was listed";
        body->trouble = SOURCE_CHANGED;
    }
    if (!cause)
        return 1;
    if (source->is_tolerant && body->trouble != SOURCE_FINE) {
        body->cause = strdup(cause);
        return 1;
    }
    message_error("%s: %s", name, cause);
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

static int list_path(struct source *source, const struct source_listing *listing)
{
    struct path_state *state = source->state;
    struct stat status;
    int result = 0;
    if (stat(state->path, &status) < 0) {
        message_error("%s: %s", state->path, strerror(errno));
        return -1;
    }
    if (S_ISDIR(status.st_mode))
        result = list_directory(state, state->path);
    else if (!add_file(state, state->path, &status))
        result = out_of_memory(state->path);
    if (!result && !has_no_doubles(state))
        result = -1;
    for (size_t i = 0; !result && i < state->file_count; i++) {
        const struct file *file = &state->files[i];
        char tag[32];
        put_tag(tag, &file->modified);
        struct source_object object = {file->name, tag, file->size, file->modified.tv_sec};
        if (!listing->found(listing->user, &object))
            result = -1;
    }
    forget_files(state);
    return result;
}

static int list_stdin(struct source *source, const struct source_listing *listing)
{
    (void)source;
    struct source_object object = {SOURCE_STDIN, "", 0, 0};
    return listing->found(listing->user, &object) ? 0 : -1;
}

static bool put_name(const struct source *source, const char *key, struct buffer *name)
{
    (void)source;
    return buffer_add_text(name, key);
}

static int expect(struct source *source, const struct source_object *objects)
{
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

static const struct source_kind kind_files = {.next = next_file,
                                              .close = close_path,
                                              .list = list_path,
                                              .expect = expect,
                                              .is_unchanged = is_unchanged,
                                              .name = put_name};
static const struct source_kind kind_stdin = {.next = next_stdin,
                                              .close = close_path,
                                              .list = list_stdin,
                                              .expect = expect,
                                              .name = put_name};

static int connect_to(struct source *source, const struct source_kind *kind, const char *path)
{
    struct path_state *state = calloc(1, sizeof *state);
    char *copy = strdup(path);
    if (!state || !copy) {
        free(state);
        free(copy);
        return out_of_memory(path);
    }
    pthread_mutex_init(&state->lock, NULL);
    state->path = copy;
    source->state = state;
    source->kind = kind;
    source->is_local = true;
    return 0;
}

int source_connect_path(struct source *source, const char *path)
{
    return connect_to(source, &kind_files, path);
}

int source_connect_stdin(struct source *source)
{
    return connect_to(source, &kind_stdin, SOURCE_STDIN);
}
