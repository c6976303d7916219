#include "commands/check_path.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "commands/check_counted.h"
#include "log/probe.h"
#include "source/source.h"
#include "text/buffer.h"
#include "text/by_number.h"
#include "text/progress.h"

enum { PIECE_SIZE = 64 * 1024 };

/* Counts the files that this user may not read.  Stores the name of the first one, and its errno in *NUMBER. */
static size_t count_unreadable(const struct source *source, const char **first, int *number)
{
    size_t count = 0;
    for (size_t i = 0; i < source->count; i++) {
        if (access(source->names[i], R_OK) == 0)
            continue;
        if (!count++) {
            *first = source->names[i];
            *number = errno;
        }
    }
    return count;
}

/* Finds the newest files by the times of the listing.  Stores their numbers, the newest first.  Returns how
 * many there are. */
static size_t find_newest(const struct source *source, size_t newest[CHECK_LOGS])
{
    size_t count = 0;
    for (size_t i = 0; i < source->listed_count; i++) {
        size_t at = count;
        while (at && source->listed[i].modified > source->listed[newest[at - 1]].modified)
            at--;
        if (at == CHECK_LOGS)
            continue;
        count += count < CHECK_LOGS;
        memmove(newest + at + 1, newest + at, (count - at - 1) * sizeof *newest);
        newest[at] = i;
    }
    return count;
}

/* Reads up to SIZE bytes of the file NAME into DATA.  Returns 1 if this is the whole file, 0 if it is not, or
 * -1 with errno set. */
static int read_part(struct buffer *data, const char *name, size_t size)
{
    ssize_t got = 0;
    int fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -1;
    while (data->size < size && (got = read(fd, buffer_extend(data, PIECE_SIZE), PIECE_SIZE)) > 0)
        data->size += (size_t)got;
    int saved = errno;
    close(fd);
    errno = saved;
    return got < 0 ? -1 : got == 0;
}

static void check_file(struct check *check, const char *name, const struct site *site)
{
    struct buffer data = {0};
    int part = read_part(&data, name, PROBE_SIZE);
    if (part < 0)
        check_step(check, false, "log", "%s: %s", name, strerrordesc_np(errno));
    else
        check_log(check, site, name, data.data, data.size, part > 0);
    buffer_free(&data);
}

static void check_files(struct check *check, const char *path, const struct source *source,
                        const struct site *site)
{
    const char *first = NULL;
    int number = 0;
    size_t unreadable = count_unreadable(source, &first, &number);
    if (!source->count && source->left_out) {
        check_step(check, false, "source",
                   "%s: %" PRIu64
                   " %s there, none of which the settings \"include\" and \"exclude\" choose; "
                   "correct these settings",
                   path, source->left_out, by_number(source->left_out, "file is", "files are"));
    } else if (!source->count && check_may_be_empty(site, path)) {
        check_step(check, true, "source",
                   "%s: no files there now: those that were counted were %s, as the setting "
                   "\"after\" says",
                   path, check_after_done(site));
    } else if (!source->count) {
        check_step(check, false, "source",
                   "%s: no files there; check the path, and that the logs are copied there", path);
    } else if (unreadable) {
        check_step(
            check, false, "source",
            "%s: %zu of %zu %s cannot be read, such as %s: %s; make them readable for this user",
            path, unreadable, source->count, by_number(source->count, "file", "files"), first,
            strerrordesc_np(number));
    } else {
        check_step(check, true, "source", "%s, %zu %s, %llu %s", path, source->count,
                   by_number(source->count, "file", "files"), (unsigned long long)source->size,
                   by_number(source->size, "byte", "bytes"));
        size_t newest[CHECK_LOGS], found = find_newest(source, newest);
        for (size_t i = 0; i < found; i++)
            check_file(check, source->names[newest[i]], site);
    }
}

void check_path(struct check *check, const char *path, const struct site *site)
{
    struct source source;
    struct buffer error = {0};
    if (access(path, F_OK) < 0 && check_may_be_missing(site, path)) {
        check_step(check, true, "source",
                   "%s: no such file now: it was counted and %s, as the setting \"after\" says",
                   path, check_after_done(site));
        return;
    }
    progress_show();
    bool is_open = source_open(&source, path, site, 1, &error) == 0;
    progress_hide();
    if (!is_open) {
        check_step(check, false, "source", "%s", error.data);
        buffer_free(&error);
        return;
    }
    if (site_kind(path) == SITE_STDIN)
        check_step(check, true, "source",
                   "standard input, which only the command cat reads; nothing to check");
    else
        check_files(check, path, &source, site);
    source_close(&source);
}
