#include "backup/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/history.h"
#include "files/folders.h"
#include "files/write_all.h"
#include "memory/allocate.h"
#include "normalized/batch_id.h"

#define FIRST_LINE "awstats-cloudfront backup 1"

struct manifest_file *manifest_add(struct manifest *manifest, const char *name)
{
    manifest->files =
        array_grow(manifest->files, manifest->count, &manifest->capacity, sizeof *manifest->files);
    struct manifest_file *file = &manifest->files[manifest->count++];
    *file = (struct manifest_file){.name = memory_copy_text(name)};
    return file;
}

bool manifest_is_request_ids(const char *name)
{
    size_t size = sizeof MANIFEST_REQUEST_IDS - 1;
    return !strncmp(name, MANIFEST_REQUEST_IDS, size) &&
           is_batch_id(name + size, strlen(name + size));
}

void manifest_clear(struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->count; i++)
        free(manifest->files[i].name);
    manifest->count = 0;
}

void manifest_free(struct manifest *manifest)
{
    manifest_clear(manifest);
    free(manifest->files);
    free(manifest->site);
    free(manifest->history);
    free(manifest->ledger.name);
    *manifest = (struct manifest){0};
}

static void add_line(struct buffer *text, const char *kind, const struct manifest_file *file)
{
    buffer_printf(text, "%s\t%04o\t%" PRIu64 "\t%s\t%s\n", kind, file->mode, file->size,
                  file->digest, file->name);
}

bool manifest_write(const struct manifest *manifest, const char *folder, struct buffer *error)
{
    struct buffer text = {0}, path = {0};
    buffer_printf(&text, FIRST_LINE "\nsite\t%s\nhistory\t%s\n", manifest->site, manifest->history);
    add_line(&text, "ledger", &manifest->ledger);
    for (size_t i = 0; i < manifest->count; i++)
        add_line(&text, "file", &manifest->files[i]);
    buffer_printf(&text, "end\t%zu\n", manifest->count);
    buffer_printf(&path, "%s/" MANIFEST_NAME, folder);
    int fd = open(path.data, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool done = fd >= 0 && write_all(fd, text.data, text.size) && fsync(fd) == 0;
    int number = errno;
    if (fd >= 0)
        close(fd);
    done = done && ((folders_sync_above(path.data) == 0) || (number = errno, false));
    if (!done)
        buffer_printf(error, "%s: %s", path.data, strerrordesc_np(number));
    buffer_free(&text);
    buffer_free(&path);
    return done;
}

/* Returns the next field of a line, up to a TAB or the end; NULL when there is none. */
static char *next_field(char **line)
{
    return strsep(line, "\t");
}

static bool read_file_line(struct manifest_file *file, char *rest)
{
    const char *mode = next_field(&rest), *size = next_field(&rest), *digest = next_field(&rest);
    if (!rest || strlen(digest) != DIGEST_TEXT_SIZE - 1 ||
        digest[strspn(digest, "0123456789abcdef")] || !*mode || mode[strspn(mode, "01234567")] ||
        strlen(mode) > 4 || !*size || size[strspn(size, "0123456789")] || strlen(size) > 18)
        return false;
    file->mode = (unsigned)strtoul(mode, NULL, 8) & 0666;
    file->size = strtoull(size, NULL, 10);
    memcpy(file->digest, digest, DIGEST_TEXT_SIZE);
    if (!file->name)
        file->name = memory_copy_text(rest);
    return true;
}

/* Reads a line of the manifest.  Sets *ENDED after the last line. */
static bool read_line(struct manifest *manifest, char *line, bool *ended)
{
    char *kind = next_field(&line);
    if (!line)
        return false;
    if (!strcmp(kind, "site") && !manifest->site) {
        manifest->site = memory_copy_text(line);
        return true;
    }
    if (!strcmp(kind, "history") && !manifest->history) {
        manifest->history = memory_copy_text(line);
        return true;
    }
    if (!strcmp(kind, "ledger"))
        return !manifest->ledger.name && read_file_line(&manifest->ledger, line) &&
               !strcmp(manifest->ledger.name, MANIFEST_LEDGER);
    if (!strcmp(kind, "file")) {
        const char *name = strrchr(line, '\t');
        return name && (backup_is_history_name(name + 1) || manifest_is_request_ids(name + 1)) &&
               read_file_line(manifest_add(manifest, name + 1), line);
    }
    *ended = !strcmp(kind, "end") && strtoull(line, NULL, 10) == manifest->count;
    return *ended;
}

bool manifest_read(struct manifest *manifest, const char *folder, struct buffer *error)
{
    struct buffer path = {0};
    char *line = NULL;
    size_t size = 0;
    bool ended = false, is_good = true;
    buffer_printf(&path, "%s/" MANIFEST_NAME, folder);
    FILE *file = fopen(path.data, "re");
    if (!file) {
        if (errno == ENOENT)
            buffer_printf(error,
                          "%s: no complete backup: the file %s is missing; name a folder that "
                          "awstats-cloudfront backup has finished",
                          folder, MANIFEST_NAME);
        else
            buffer_printf(error, "%s: %s", path.data, strerrordesc_np(errno));
        buffer_free(&path);
        return false;
    }
    for (bool is_first = true; is_good && !ended; is_first = false) {
        ssize_t got = getline(&line, &size, file);
        is_good = got > 0 && line[got - 1] == '\n' && !memchr(line, '\0', (size_t)got);
        if (!is_good)
            break;
        line[got - 1] = '\0';
        is_good = is_first ? !strcmp(line, FIRST_LINE) : read_line(manifest, line, &ended);
    }
    free(line);
    fclose(file);
    is_good = is_good && manifest->site && manifest->history && manifest->ledger.name;
    if (!is_good)
        buffer_printf(
            error,
            "%s: this list of the backup's files is corrupt, or a newer version of "
            "awstats-cloudfront wrote it; install the newest version, or restore another backup",
            path.data);
    buffer_free(&path);
    return is_good;
}
