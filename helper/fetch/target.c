#include "fetch/target.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "files/folders.h"
#include "memory/allocate.h"
#include "text/by_number.h"
#include "text/message.h"
#include "text/percent.h"
#include "threads/condition.h"
#include "threads/error.h"
#include "threads/start.h"

#define PARTIAL   ".partial"
#define PART_NAME "awstats-cloudfront-part-"

/* A part file that waits for its name. */
struct finished {
    uint64_t number;
    char *path;
    struct finished *next;
};

enum {
    ROUND_MS = 250, /* between two syncs, since each one takes time */
    NAMED_MAX = 10, /* parts without a final name for which a line is printed */
    PART_NAME_SIZE = sizeof PART_NAME + 20,
};

struct target {
    const char *name; /* as the user gave it */
    int directory, partial;
    bool was_empty; /* the directory was empty when it was opened */
    _Atomic uint64_t parts;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; /* of the members up to failed */
    pthread_cond_t changed;
    struct finished *first, **last;
    bool no_more, failed;
    uint64_t nameless; /* parts that got no final name; only the thread uses this while it runs */
};

static void part_name(char name[PART_NAME_SIZE], uint64_t number)
{
    snprintf(name, PART_NAME_SIZE, PART_NAME "%llu", (unsigned long long)number);
}

static bool is_part_name(const char *name)
{
    size_t size = sizeof PART_NAME - 1;
    return !strncmp(name, PART_NAME, size) && name[size] &&
           !name[size + strspn(name + size, "0123456789")];
}

/* Returns whether the directory has only the folder of part files, as far as it can be read. */
static bool is_empty(const struct target *target)
{
    int copy = openat(target->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = copy < 0 ? NULL : fdopendir(copy);
    if (!directory) {
        if (copy >= 0)
            close(copy);
        return false;
    }
    const struct dirent *entry;
    while ((errno = 0, entry = readdir(directory)))
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
            strcmp(entry->d_name, PARTIAL))
            break;
    bool empty = !entry && !errno;
    closedir(directory);
    return empty;
}

/* Removes the part files of an earlier run.  Warns of the first file that is no part file, and
 * leaves it. */
static int remove_parts(const struct target *target)
{
    int copy = openat(target->partial, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = copy < 0 ? NULL : fdopendir(copy);
    if (!directory)
        return -1;
    int result = 0;
    struct buffer other = {0};
    struct dirent *entry;
    while (!result && (errno = 0, entry = readdir(directory))) {
        if (is_part_name(entry->d_name))
            result = unlinkat(target->partial, entry->d_name, 0);
        else if (!other.size && strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
            buffer_add_text(&other, entry->d_name);
    }
    if (errno)
        result = -1;
    int saved = errno;
    if (other.size)
        message_warning(
            "%s/" PARTIAL
            "/%s: not made by this program, so it stays there; remove it if nobody needs it",
            target->name, other.data);
    buffer_free(&other);
    closedir(directory);
    errno = saved;
    return result;
}

/* Prints why a part cannot get its final PATH.  REST is the rest of PATH, from the component that
 * failed; the open FOLDER contains this component; NUMBER is an errno. */
static void print_unnamable(const struct target *target, const char *path, int folder, char *rest,
                            int number)
{
    struct stat status;
    const char *error = strerrordesc_np(number);
    if (number == EISDIR) {
        error = "a folder already has this name, for other objects or by another program";
    } else if (number == ENOTDIR || number == ELOOP) {
        char *slash = rest + strcspn(rest, "/"), saved = *slash;
        *slash = '\0';
        bool is_link =
            fstatat(folder, rest, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
        *slash = saved;
        error = is_link ? "one of its folders is a symbolic link, which is not followed"
                        : "a file already has the name of one of its folders";
    }
    message_error("%s/%s: cannot be made: %s; copy into another directory with --to", target->name,
                  path, error);
}

/* Returns whether all other parts will fail with the same errno. */
static bool is_everywhere(int number)
{
    return number == ENOSPC || number == EDQUOT || number == EIO || number == EROFS ||
           number == ENOMEM || number == EMFILE || number == ENFILE;
}

/* Opens the folder NAME in FOLDER, without following a link, and makes it if it is missing.
 * Returns the descriptor, or -1 with errno set. */
static int enter_folder(int folder, const char *name)
{
    const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int inner = openat(folder, name, flags);
    if (inner < 0 && errno == ENOENT && (mkdirat(folder, name, 0777) == 0 || errno == EEXIST))
        inner = openat(folder, name, flags);
    return inner;
}

/* Gives one part its final name, and makes the folders for it.  Returns false if no other part will
 * get its name, either. */
static bool publish(struct target *target, const struct finished *part)
{
    char name[PART_NAME_SIZE];
    part_name(name, part->number);
    char *where = part->path, *slash;
    int folder = target->directory, number = 0;
    while (!number && (slash = strchr(where, '/'))) {
        *slash = '\0';
        int inner = enter_folder(folder, where);
        number = inner < 0 ? errno : 0;
        if (!number) {
            if (folder != target->directory)
                close(folder);
            folder = inner;
            where = slash + 1;
        }
        *slash = '/';
    }
    if (!number && renameat(target->partial, name, folder, where) < 0)
        number = errno;
    bool goes_on = !is_everywhere(number);
    if (number) {
        if (!goes_on || target->nameless++ < NAMED_MAX)
            print_unnamable(target, part->path, folder, where, number);
        unlinkat(target->partial, name, 0);
    }
    if (folder != target->directory)
        close(folder);
    return goes_on;
}

static bool sync_all(const struct target *target)
{
    if (syncfs(target->directory) == 0)
        return true;
    message_error("%s: cannot be written: %s", target->name, strerrordesc_np(errno));
    return false;
}

/* Waits until there are finished parts and ROUND_MS have passed since the last round, or until
 * there will be no more parts.  The caller has the lock. */
static void wait_for_parts(struct target *target, struct timespec *round)
{
    *round = condition_later(*round, ROUND_MS);
    int over = 0;
    while (!target->no_more && !over)
        over = pthread_cond_timedwait(&target->changed, &target->lock, round);
    while (!target->first && !target->no_more)
        pthread_cond_wait(&target->changed, &target->lock);
    clock_gettime(CLOCK_MONOTONIC, round);
}

/* Runs in the thread: takes the finished parts, syncs, and gives them their names, until there are
 * no more. */
static void *run_publishing(void *argument)
{
    struct target *target = argument;
    bool failed = false, no_more = false;
    struct timespec round;
    clock_gettime(CLOCK_MONOTONIC, &round);
    while (!no_more) {
        pthread_mutex_lock(&target->lock);
        wait_for_parts(target, &round);
        struct finished *part = target->first;
        no_more = target->no_more;
        target->first = NULL;
        target->last = &target->first;
        target->failed |= failed;
        pthread_mutex_unlock(&target->lock);
        if (part && !failed)
            failed = !sync_all(target);
        while (part) {
            struct finished *next = part->next;
            if (!failed)
                failed = !publish(target, part);
            free(part->path);
            free(part);
            part = next;
        }
    }
    if (!failed)
        failed = !sync_all(target);
    pthread_mutex_lock(&target->lock);
    target->failed |= failed;
    pthread_mutex_unlock(&target->lock);
    return NULL;
}

/* Opens the directory and its folder for part files.  Returns false after adding one line to
 * ERROR. */
static bool open_folders(struct target *target, struct buffer *error)
{
    const char *path = target->name;
    if (folders_make(path, 0777) < 0) {
        buffer_printf(error, "%s: cannot be made: %s", path, strerrordesc_np(errno));
        return false;
    }
    target->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (target->directory < 0) {
        buffer_printf(error, "%s: cannot be opened: %s", path, strerrordesc_np(errno));
        return false;
    }
    if (mkdirat(target->directory, PARTIAL, 0777) < 0 && errno != EEXIST) {
        buffer_printf(error, "%s: cannot be written: %s", path, strerrordesc_np(errno));
        return false;
    }
    target->partial =
        openat(target->directory, PARTIAL, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (target->partial < 0)
        buffer_printf(error,
                      "%s/" PARTIAL ": this folder for unfinished copies cannot be opened: %s; "
                      "remove it, or name another directory with --to",
                      path,
                      errno == ENOTDIR || errno == ELOOP ? "it is a file or a symbolic link"
                                                         : strerrordesc_np(errno));
    return target->partial >= 0;
}

static void init_lock(struct target *target)
{
    pthread_mutex_init(&target->lock, NULL);
    condition_init(&target->changed);
}

enum target_result target_open(struct target **result, const char *path, struct buffer *error)
{
    enum target_result failure = TARGET_FAILED;
    struct target *target = memory_allocate(1, sizeof *target);
    target->name = path;
    target->directory = target->partial = -1;
    target->last = &target->first;
    init_lock(target);
    if (!open_folders(target, error))
        goto failed;
    if (flock(target->partial, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EWOULDBLOCK) {
            buffer_printf(
                error, "%s: another run is copying into this directory; wait until it ends", path);
            failure = TARGET_BUSY;
        } else {
            buffer_printf(error,
                          "%s/" PARTIAL
                          ": this folder for unfinished copies cannot be locked: %s; name a "
                          "directory with --to whose file system has file locks (flock)",
                          path, strerrordesc_np(errno));
        }
        goto failed;
    }
    if (remove_parts(target) < 0) {
        buffer_printf(error,
                      "%s/" PARTIAL
                      ": the unfinished copies of an earlier run cannot be removed from this "
                      "folder: %s; remove them, or name another directory with --to",
                      path, strerrordesc_np(errno));
        goto failed;
    }
    int number = thread_start(&target->thread, run_publishing, target);
    if (number) {
        buffer_printf(error, "%s: %s", path, thread_error(number));
        goto failed;
    }
    target->has_thread = true;
    target->was_empty = is_empty(target);
    *result = target;
    return TARGET_OPEN;
failed:
    target_close(target);
    *result = NULL;
    return failure;
}

void target_add_path(struct buffer *path, const char *key)
{
    bool at_start = true;
    const char *plain = key; /* the bytes from here up to p need no encoding, and are added later */
    if (!*key)
        buffer_add_text(path, "%00");
    for (const char *p = key; *p; p++) {
        unsigned char byte = (unsigned char)*p;
        bool is_escape = *p == '%' && percent_byte(p + 1) >= 0;
        bool is_last_slash = *p == '/' && !p[1];
        if (byte < 0x20 || byte == 0x7f || is_escape || is_last_slash ||
            (at_start && (*p == '.' || *p == '/'))) {
            char escape[3];
            percent_put(escape, byte);
            buffer_add(path, plain, (size_t)(p - plain));
            buffer_add(path, escape, sizeof escape);
            plain = p + 1;
        }
        at_start = *p == '/' && !at_start;
    }
    buffer_add_text(path, plain);
}

bool target_has(const struct target *target, const char *path, uint64_t size, int64_t modified)
{
    struct stat status;
    return !target->was_empty &&
           fstatat(target->directory, path, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(status.st_mode) && (uint64_t)status.st_size == size &&
           status.st_mtim.tv_sec == modified;
}

void target_print_unwritable(const struct target *target)
{
    message_error("%s: cannot be written: %s", target->name, strerrordesc_np(errno));
}

int target_begin_part(struct target *target, uint64_t *number)
{
    char name[PART_NAME_SIZE];
    *number = atomic_fetch_add(&target->parts, 1);
    part_name(name, *number);
    return openat(target->partial, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
}

bool target_end_part(struct target *target, uint64_t number, int fd, char *path, int64_t modified)
{
    struct timespec times[2] = {{.tv_sec = (time_t)modified}, {.tv_sec = (time_t)modified}};
    bool failed = futimens(fd, times) < 0;
    if (close(fd) < 0 || failed) {
        target_print_unwritable(target);
        free(path);
        return false;
    }
    struct finished *part = memory_allocate(1, sizeof *part);
    *part = (struct finished){.number = number, .path = path};
    pthread_mutex_lock(&target->lock);
    if (!target->first)
        pthread_cond_signal(&target->changed);
    *target->last = part;
    target->last = &part->next;
    failed = target->failed;
    pthread_mutex_unlock(&target->lock);
    return !failed;
}

void target_drop_part(struct target *target, uint64_t number, int fd)
{
    char name[PART_NAME_SIZE];
    part_name(name, number);
    close(fd);
    unlinkat(target->partial, name, 0);
}

bool target_finish(struct target *target)
{
    if (target->has_thread) {
        pthread_mutex_lock(&target->lock);
        target->no_more = true;
        pthread_cond_signal(&target->changed);
        pthread_mutex_unlock(&target->lock);
        pthread_join(target->thread, NULL);
        target->has_thread = false;
        if (target->nameless > NAMED_MAX)
            message_error("%s: %llu more %s cannot be made, besides those above", target->name,
                          (unsigned long long)(target->nameless - NAMED_MAX),
                          by_number(target->nameless - NAMED_MAX, "file", "files"));
    }
    return !target->failed && !target->nameless;
}

void target_close(struct target *target)
{
    if (!target)
        return;
    target_finish(target);
    if (target->directory >= 0)
        close(target->directory);
    if (target->partial >= 0)
        close(target->partial);
    pthread_mutex_destroy(&target->lock);
    pthread_cond_destroy(&target->changed);
    free(target);
}
