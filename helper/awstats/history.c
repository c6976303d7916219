#include "awstats/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text/buffer.h"
#include "text/percent.h"

/* awstats.pl: "Init other parameters". */
char *awstats_history_folder(const char *program, const char *dirdata)
{
    const char *slash = strrchr(program, '/');
    const int size = slash > program ? (int)(slash - program) : 1;
    const char *own = slash ? program : ".";
    struct buffer folder = {0};
    if (!dirdata || !*dirdata || !strcmp(dirdata, "."))
        buffer_printf(&folder, "%.*s", size, own);
    else if (*dirdata == '.')
        buffer_printf(&folder, "%.*s/%s", size, own, dirdata);
    else
        buffer_add_text(&folder, dirdata);
    return folder.data;
}

bool awstats_history_has_period(const char *period)
{
    return !strcmp(period, "month") || !strcmp(period, "day") || !strcmp(period, "hour");
}

void awstats_history_add_name(struct buffer *name, const char *folder, const char *before,
                              size_t date_size, const char *config)
{
    static const char date[] = "MMYYYYDDHH";
    const char *from = date_size == strlen("YYYY") ? date + strlen("MM") : date;
    buffer_printf(name, "%s/%s%.*s%s%s.txt", folder, before, (int)date_size, from,
                  *config ? "." : "", config);
}

char *awstats_history_lock(const char *folder, const char *config)
{
    struct buffer path = {0};
    buffer_printf(&path, "%s/awstats%s%s.cloudfront.lock", folder, *config ? "." : "", config);
    return path.data;
}

void awstats_history_period(char period[AWSTATS_PERIOD_SIZE], const char *date)
{
    int digits = (int)strspn(date, "0123456789");
    if (digits <= 4)
        snprintf(period, AWSTATS_PERIOD_SIZE, "%.4s", date);
    else
        snprintf(period, AWSTATS_PERIOD_SIZE, "%.4s%.2s%.*s", date + 2, date, digits - 6, date + 6);
}

/* Overwrites the tags of AWStats' XML format with spaces. */
static void blank_tags(char *line)
{
    for (char *tag; (tag = strchr(line, '<'));) {
        char *end = strchr(tag, '>');
        memset(tag, ' ', end ? (size_t)(end + 1 - tag) : strlen(tag));
        line = tag;
    }
}

/* Reads the rest of the plugin's section, and stores the batch of the site. */
static void read_section(FILE *file, const char *site, char id[BATCH_ID_SIZE], char **line,
                         size_t *size)
{
    while (getline(line, size, file) > 0 && !strstr(*line, "END_PLUGIN_cloudfront")) {
        char *rest = *line;
        blank_tags(rest);
        const char *name = strtok_r(rest, " \t\r\n", &rest);
        const char *batch = name ? strtok_r(NULL, " \t\r\n", &rest) : NULL;
        if (batch && !strcmp(name, site))
            snprintf(id, BATCH_ID_SIZE, "%s", batch);
    }
}

static bool read_file(FILE *file, const char *site, char id[BATCH_ID_SIZE])
{
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, file) > 0 && !strstr(line, "END_MAP")) {
        const char *at = strstr(line, "POS_PLUGIN_cloudfront");
        if (!at)
            continue;
        at += strcspn(at, "0123456789");
        if (fseeko(file, (off_t)strtoll(at, NULL, 10), SEEK_SET) == 0 &&
            getline(&line, &size, file) > 0)
            read_section(file, site, id, &line, &size);
        break;
    }
    free(line);
    return !ferror(file);
}

/* Opens a history file.  Returns NULL with errno set. */
static FILE *open_history(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    return fd < 0 ? NULL : fdopen(fd, "r");
}

bool awstats_history_read_batch(int folder, const char *name, const char *site,
                                char id[BATCH_ID_SIZE])
{
    *id = '\0';
    FILE *file = open_history(folder, name);
    if (!file)
        return false;
    struct buffer key = {0};
    percent_encode(&key, site, percent_is_word); /* as the plugin does */
    bool done = read_file(file, key.data, id);
    int number = errno;
    buffer_free(&key);
    fclose(file);
    errno = number;
    return done;
}

bool awstats_history_is_xml(const char *path)
{
    char start[sizeof "<xml" - 1];
    FILE *file = open_history(AT_FDCWD, path);
    bool is =
        file && fread(start, sizeof start, 1, file) == 1 && !memcmp(start, "<xml", sizeof start);
    if (file)
        fclose(file);
    return is;
}

bool awstats_history_read_times(int folder, const char *name, struct awstats_history_times *times)
{
    *times = (struct awstats_history_times){0};
    FILE *file = open_history(folder, name);
    if (!file)
        return false;
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, file) > 0 && !strstr(line, "END_GENERAL")) {
        char *rest = line;
        blank_tags(rest);
        const char *key = strtok_r(rest, " \t\r\n", &rest);
        const char *value = key ? strtok_r(NULL, " \t\r\n", &rest) : NULL;
        uint64_t time = value ? strtoull(value, NULL, 10) : 0;
        if (key && !strcmp(key, "FirstTime"))
            times->first = time;
        else if (key && !strcmp(key, "LastLine"))
            times->newest = time;
    }
    bool done = !ferror(file);
    int number = errno;
    free(line);
    fclose(file);
    errno = number;
    return done;
}
