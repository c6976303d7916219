#include "update/history.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "awstats/history.h"
#include "ledger/lock.h"
#include "memory/allocate.h"
#include "text/time.h"

/* The parts of a history's name in the ledger: FOLDER/awstatsMMYYYY.SITE.txt, or with another period. */
struct history_files {
    char *folder;
    char *before;     /* the text before the period: "awstats" */
    char *behind;     /* the text behind the period: ".SITE.txt" */
    size_t date_size; /* digits of the period */
};

static void free_files(struct history_files *files)
{
    free(files->folder);
    free(files->before);
    free(files->behind);
}

/* Divides a name into its parts.  Returns false when it is not the name of a history. */
static bool take_apart(struct history_files *files, const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *date = slash ? strstr(slash, "MMYYYY") : NULL;
    if (slash && !date)
        date = strstr(slash, "YYYY");
    if (!date)
        return false;
    files->folder = memory_copy_bytes(name, slash > name ? (size_t)(slash - name) : 1);
    files->before = memory_copy_bytes(slash + 1, (size_t)(date - slash - 1));
    files->date_size = strspn(date, "MYDH");
    files->behind = memory_copy_text(date + files->date_size);
    return true;
}

/* Whether DIRDATA is certainly another folder than FOLDER. */
static bool is_elsewhere(const char *folder, const char *dirdata)
{
    char real[PATH_MAX];
    return dirdata && *dirdata == '/' && realpath(dirdata, real) && strcmp(real, folder) != 0;
}

/* Whether a recount was interrupted while it replaced history files (AWStats::CloudFront::Replacement). */
static bool has_recount(const struct history_files *files, int folder)
{
    struct buffer name = {0};
    struct stat status;
    buffer_printf(&name, "%s%.*s.cloudfront-recount", files->before,
                  (int)(strlen(files->behind) - strlen(".txt")), files->behind);
    bool has = fstatat(folder, name.data, &status, AT_SYMLINK_NOFOLLOW) == 0;
    buffer_free(&name);
    return has;
}

/* Finds the newest file whose period is before PERIOD ("": any period).  Stores the file's name and period. */
static bool find_file(const struct history_files *files, DIR *folder, char name[NAME_MAX + 1],
                      char period[AWSTATS_PERIOD_SIZE])
{
    size_t size = strlen(files->before);
    char newest[AWSTATS_PERIOD_SIZE] = "", other[AWSTATS_PERIOD_SIZE];
    const struct dirent *entry;
    rewinddir(folder);
    while ((entry = readdir(folder))) {
        const char *date = entry->d_name + size;
        if (strncmp(entry->d_name, files->before, size) != 0 ||
            strspn(date, "0123456789") != files->date_size ||
            strcmp(date + files->date_size, files->behind) != 0)
            continue;
        awstats_history_period(other, date);
        if (strcmp(other, newest) <= 0 || (*period && strcmp(other, period) >= 0))
            continue;
        memcpy(newest, other, sizeof newest);
        snprintf(name, NAME_MAX + 1, "%s", entry->d_name);
    }
    memcpy(period, newest, sizeof newest);
    return *newest;
}

/* A site's name, and its former names as batch_former() returns them. */
struct names {
    const char *site, *former;
};

/* Reads the site's last batch in a file, under the site's name or else its latest former name that the file has. */
static bool read_batch(const struct names *site, int folder, const char *file,
                       char id[BATCH_ID_SIZE])
{
    char *names = memory_copy_text(site->former ? site->former : ""), *end = names + strlen(names);
    bool done = awstats_history_read_batch(folder, file, site->site, id);
    while (done && !*id && end > names) {
        char *name = memrchr(names, '\n', (size_t)(end - names));
        *end = '\0';
        done = awstats_history_read_batch(folder, file, name ? name + 1 : names, id);
        end = name ? name : names;
    }
    free(names);
    return done;
}

/* Reads the site's last batch in the newest file that has one; BATCH_ID_NONE when no file has one. */
static bool read_last(const struct names *site, const struct history_files *files, DIR *folder,
                      char id[BATCH_ID_SIZE])
{
    char name[NAME_MAX + 1], period[AWSTATS_PERIOD_SIZE] = "";
    *id = '\0';
    while (!*id && find_file(files, folder, name, period))
        if (!read_batch(site, dirfd(folder), name, id))
            return false;
    if (!*id)
        memcpy(id, BATCH_ID_NONE, sizeof BATCH_ID_NONE);
    return true;
}

bool history_read_last(const char *name, const char *site, const char *former,
                       char id[BATCH_ID_SIZE])
{
    const struct names names = {site, former};
    struct history_files files = {0};
    if (!take_apart(&files, name)) {
        errno = EINVAL;
        return false;
    }
    DIR *folder = opendir(files.folder);
    bool done = folder && read_last(&names, &files, folder, id);
    int number = errno;
    if (folder)
        closedir(folder);
    free_files(&files);
    errno = number;
    return done;
}

/* Whether the newest file with a batch of the site has the batch that the ledger knows as the last one. */
static bool has_batch(const struct history_wanted *wanted, const struct history_files *files,
                      DIR *folder)
{
    const struct names names = {wanted->site, batch_former(wanted->batch)};
    const char *previous = batch_previous(wanted->batch);
    char id[BATCH_ID_SIZE];
    return !*previous || (read_last(&names, files, folder, id) && !strcmp(previous, id));
}

bool history_wait(const char *dirdata, const char *config, unsigned *wait,
                  struct batch_error *error)
{
    char *path = NULL;
    int64_t began = time_monotonic_ms();
    enum lock_result result = LOCK_HELD;
    if (*wait && dirdata) {
        path = awstats_history_lock(dirdata, config);
        result = lock_wait_until_free(path, AWSTATS_HISTORY_LOCKED, *wait, &error->text);
    }
    if (result == LOCK_TAKEN_BY_OTHER)
        error->reason = BATCH_HELD;
    int64_t seconds = (time_monotonic_ms() - began) / 1000;
    if (*wait != UINT_MAX)
        *wait -= seconds < *wait ? (unsigned)seconds : *wait;
    free(path);
    return result == LOCK_HELD;
}

bool history_is_right(const struct history_wanted *wanted)
{
    const char *name = batch_history(wanted->batch);
    struct history_files files = {0};
    if (!name || !take_apart(&files, name))
        return true; /* the ledger does not know a history */
    DIR *folder = opendir(files.folder);
    bool is_right = folder && !is_elsewhere(files.folder, wanted->dirdata) &&
                    (wanted->ignores_recount || !has_recount(&files, dirfd(folder))) &&
                    has_batch(wanted, &files, folder);
    if (folder)
        closedir(folder);
    free_files(&files);
    return is_right;
}

bool history_find(const char *dirdata, const char *config, struct buffer *file, struct buffer *name)
{
    struct history_files files = {0};
    char real[PATH_MAX], newest[NAME_MAX + 1], period[AWSTATS_PERIOD_SIZE] = "";
    if (!dirdata || !realpath(dirdata, real))
        return false;
    buffer_printf(name, "%s/awstatsMMYYYY%s%s.txt", real, *config ? "." : "", config);
    DIR *folder = take_apart(&files, name->data) ? opendir(real) : NULL;
    bool found = folder && find_file(&files, folder, newest, period);
    if (found)
        buffer_printf(file, "%s/%s", real, newest);
    if (folder)
        closedir(folder);
    free_files(&files);
    return found;
}
