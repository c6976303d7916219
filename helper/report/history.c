#include "report/history.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "memory/allocate.h"

/* Adds the two parts of a history file's name: before the month (the name of awstats.pl without ".pl"), and
 * behind it. */
static void add_name_parts(const struct report_options *options, struct buffer *before,
                           struct buffer *behind)
{
    const char *slash = strrchr(options->awstats->program, '/');
    const char *name = slash ? slash + 1 : options->awstats->program;
    const char *dot = strrchr(name, '.');
    buffer_add(before, name, dot ? (size_t)(dot - name) : strlen(name));
    const char *config = awstats_config_history(options->config);
    buffer_printf(behind, "%s%s.txt", *config ? "." : "", config);
}

/* Returns the month YYYYMM of a file's name; 0 when the file is not the history of a month. */
static unsigned month_of(const char *name, const char *before, const char *behind)
{
    size_t size = strlen(before);
    unsigned month, year;
    if (strncmp(name, before, size) != 0 || strspn(name + size, "0123456789") != 6 ||
        strcmp(name + size + 6, behind) != 0 || sscanf(name + size, "%2u%4u", &month, &year) != 2)
        return 0;
    return month >= 1 && month <= 12 ? year * 100 + month : 0;
}

static int by_month(const void *a, const void *b)
{
    unsigned first = ((const struct report_history *)a)->month;
    unsigned second = ((const struct report_history *)b)->month;
    return (first > second) - (first < second);
}

/* Lists the history files of the open folder, in the order of their months. */
static struct report_history *list(DIR *folder, const char *path, const char *before,
                                   const char *behind, size_t *count)
{
    struct report_history *files = NULL;
    size_t capacity = 0;
    const struct dirent *entry;
    while ((entry = readdir(folder))) {
        struct stat status;
        unsigned month = month_of(entry->d_name, before, behind);
        struct buffer file = {0};
        if (!month || fstatat(dirfd(folder), entry->d_name, &status, 0) < 0 ||
            !S_ISREG(status.st_mode) || !status.st_size)
            continue;
        buffer_printf(&file, "%s/%s", path, entry->d_name);
        files = array_grow(files, *count, &capacity, sizeof *files);
        files[(*count)++] = (struct report_history){
            .month = month,
            .path = file.data,
            .time = (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec,
            .size = status.st_size};
    }
    if (*count)
        qsort(files, *count, sizeof *files, by_month);
    return files;
}

struct report_history *report_find_history(const struct report_options *options, size_t *count,
                                           struct buffer *error)
{
    struct report_history *files = NULL;
    struct buffer before = {0}, behind = {0};
    DIR *folder = opendir(options->dirdata);
    *count = 0;
    add_name_parts(options, &before, &behind);
    if (folder)
        files = list(folder, options->dirdata, before.data, behind.data, count);
    else
        buffer_printf(error, "%s: the AWStats history cannot be read: %s", options->dirdata,
                      strerrordesc_np(errno));
    if (folder)
        closedir(folder);
    buffer_free(&before);
    buffer_free(&behind);
    return files;
}

void report_free_history(struct report_history *files, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(files[i].path);
    free(files);
}
