#include "update/history.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "awstats/history.h"
#include "config/site_command.h"
#include "ledger/lock.h"
#include "memory/allocate.h"
#include "text/file_error.h"
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

/* Whether the history NAME, with these FILES, is that of the configuration CONFIG in DIRDATA, whose name OWN gets.  A
 * DIRDATA that cannot be found counts as the folder that the history has. */
static bool is_of(const char *name, const struct history_files *files, const char *dirdata,
                  const char *config, struct buffer *own)
{
    char real[PATH_MAX];
    awstats_history_add_name(own, realpath(dirdata, real) ? real : files->folder, files->before,
                             files->date_size, config);
    return !strcmp(own->data, name);
}

bool history_is_of(const char *name, const char *dirdata, const char *config, struct buffer *own)
{
    struct history_files files = {0};
    if (!take_apart(&files, name))
        return true;
    bool is = is_of(name, &files, dirdata, config, own);
    free_files(&files);
    return is;
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
    if (*wait) {
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
    struct buffer own = {0};
    if (!name || !take_apart(&files, name))
        return true; /* the ledger does not know a history */
    DIR *folder = opendir(files.folder);
    bool is_right = folder && is_of(name, &files, wanted->dirdata, wanted->config, &own) &&
                    (wanted->ignores_recount || !has_recount(&files, dirfd(folder))) &&
                    has_batch(wanted, &files, folder);
    if (folder)
        closedir(folder);
    buffer_free(&own);
    free_files(&files);
    return is_right;
}

/* ---- the files of single periods -------------------------------------------------------------- */

/* A word "PERIOD=ID" of batch_files(). */
struct known_file {
    char period[AWSTATS_PERIOD_SIZE], id[BATCH_ID_SIZE];
};

/* Takes the last word off LIST.  Returns false when there is none, or none of this form. */
static bool take_last(struct known_file *known, char *list)
{
    char *word = strrchr(list, ' ');
    word = word ? word + 1 : list;
    char *equals = strchr(word, '=');
    bool is = equals && (size_t)(equals - word) < sizeof known->period && equals - word >= 4 &&
              strlen(equals + 1) < sizeof known->id;
    if (is) {
        *known = (struct known_file){0};
        memcpy(known->period, word, (size_t)(equals - word));
        memcpy(known->id, equals + 1, strlen(equals + 1));
        *(word > list ? word - 1 : word) = '\0';
    }
    return is;
}

/* Adds why a file is not the one that the ledger knows.  ID: its batch, or ""; NULL: there is no file. */
static void add_file_error(struct buffer *error, const char *path, const struct site *site,
                           const char *known, const char *id)
{
    buffer_printf(error, "The history file %s ", path);
    if (!id)
        buffer_printf(error, "is missing, and [%s] has records in it", site->name);
    else if (!*id)
        buffer_printf(error,
                      "does not name its last batch of [%s], so it is corrupt or another program "
                      "wrote it",
                      site->name);
    else
        buffer_printf(error,
                      "is an old copy: the last batch of [%s] is %s there, and %s in the ledger",
                      site->name, id, known);
}

/* Checks the file of a period. */
static bool check_file(const struct history_wanted *wanted, const struct history_files *files,
                       const struct known_file *known, const struct site *site,
                       struct buffer *error)
{
    const struct names names = {wanted->site, batch_former(wanted->batch)};
    char id[BATCH_ID_SIZE] = "";
    const char *month = known->period + 4;
    struct buffer path = {0};
    buffer_printf(&path, "%s/%s%.2s%.4s%s%s", files->folder, files->before, month, known->period,
                  *month ? month + 2 : "", files->behind);
    const char *name = strrchr(path.data, '/') + 1;
    int folder = open(files->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_there = folder >= 0 && faccessat(folder, name, F_OK, 0) == 0;
    bool is_read = folder >= 0 && (!is_there || read_batch(&names, folder, name, id));
    bool is_right = is_read && strcmp(id, known->id) >= 0;
    if (!is_read) {
        file_error_add_path(error, path.data, errno);
    } else if (!is_right) {
        add_file_error(error, path.data, site, known->id, is_there ? id : NULL);
        buffer_printf(error,
                      "; restore the file from a backup of the same time as the ledger; to go on "
                      "without it%s, run: ",
                      files->date_size == strlen("MMYYYY")
                          ? ", which awstats-cloudfront recount can count again after that update"
                          : "");
        site_command_add(error, site, "commit", "--previous=", batch_previous(wanted->batch));
    }
    if (folder >= 0)
        close(folder);
    buffer_free(&path);
    return is_right;
}

bool history_check_files(const struct history_wanted *wanted, const struct site *site,
                         struct buffer *error)
{
    const char *name = batch_history(wanted->batch), *list = batch_files(wanted->batch);
    struct history_files files = {0};
    if (!name || !list || !take_apart(&files, name))
        return true;
    char *rest = memory_copy_text(list);
    struct known_file known;
    bool is_right = true;
    while (is_right && take_last(&known, rest))
        is_right = check_file(wanted, &files, &known, site, error);
    free(rest);
    free_files(&files);
    return is_right;
}

bool history_find(const char *dirdata, const char *config, struct buffer *file, struct buffer *name)
{
    struct history_files files = {0};
    char real[PATH_MAX], newest[NAME_MAX + 1], period[AWSTATS_PERIOD_SIZE] = "";
    if (!realpath(dirdata, real))
        return false;
    awstats_history_add_name(name, real, "awstats", strlen("MMYYYY"), config);
    DIR *folder = take_apart(&files, name->data) ? opendir(real) : NULL;
    bool found = folder && find_file(&files, folder, newest, period);
    if (found)
        buffer_printf(file, "%s/%s", real, newest);
    if (folder)
        closedir(folder);
    free_files(&files);
    return found;
}
