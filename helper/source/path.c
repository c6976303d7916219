/* The sources on this machine: a directory with all that is below it, one file, standard input. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/source.h"
#include "text/message.h"

struct path_state {
    pthread_mutex_t lock;
    size_t next;     /* object to hand out */
    size_t capacity; /* of the source's names */
};

static bool add_name(struct source *source, const char *name)
{
    struct path_state *state = source->state;
    if (source->count == state->capacity) {
        size_t capacity = state->capacity ? 2 * state->capacity : 64;
        char **names = realloc(source->names, capacity * sizeof *names);
        if (!names)
            return false;
        source->names = names;
        state->capacity = capacity;
    }
    char *copy = strdup(name);
    if (!copy)
        return false;
    source->names[source->count++] = copy;
    return true;
}

static int out_of_memory(const char *path)
{
    message_error("%s: out of memory", path);
    return -1;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lists the files below a directory; hidden files and folders are not looked at. */
static int list_directory(struct source *source, const char *path)
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
            if (!add_name(source, entry->fts_accpath))
                result = out_of_memory(path);
            source->size += (uint64_t)entry->fts_statp->st_size;
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
    if (source->count)
        qsort(source->names, source->count, sizeof *source->names, compare_names);
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

static int next_file(struct source *source, struct body *body)
{
    *body = (struct body){.fd = -1};
    if (!take_next(source, &body->object))
        return 0;
    const char *name = source->names[body->object];
    body->fd = open(name, O_RDONLY | O_CLOEXEC);
    if (body->fd >= 0)
        return 1;
    message_error("%s: %s", name, strerror(errno));
    return -1;
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

static void close_path(struct source *source)
{
    struct path_state *state = source->state;
    for (size_t i = 0; i < source->count; i++)
        free(source->names[i]);
    free(source->names);
    pthread_mutex_destroy(&state->lock);
    free(state);
}

static const struct source_kind kind_files = {next_file, close_path};
static const struct source_kind kind_stdin = {next_stdin, close_path};

static int begin(struct source *source, const struct source_kind *kind, const char *path)
{
    struct path_state *state = calloc(1, sizeof *state);
    if (!state)
        return out_of_memory(path);
    pthread_mutex_init(&state->lock, NULL);
    source->state = state;
    source->kind = kind;
    source->is_local = true;
    return 0;
}

int source_open_path(struct source *source, const char *path)
{
    struct stat status;
    if (stat(path, &status) < 0) {
        message_error("%s: %s", path, strerror(errno));
        return -1;
    }
    if (begin(source, &kind_files, path) < 0)
        return -1;
    if (S_ISDIR(status.st_mode)) {
        if (list_directory(source, path) == 0)
            return 0;
    } else {
        source->size = (uint64_t)status.st_size;
        if (add_name(source, path))
            return 0;
        out_of_memory(path);
    }
    source_close(source);
    return -1;
}

int source_open_stdin(struct source *source)
{
    if (begin(source, &kind_stdin, SOURCE_STDIN) < 0)
        return -1;
    if (add_name(source, SOURCE_STDIN))
        return 0;
    source_close(source);
    return out_of_memory(SOURCE_STDIN);
}
