#include "backup/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/folders.h"
#include "files/own_file.h"
#include "files/write_all.h"
#include "ledger/ledger.h"

static const char last_line[] = "end\n";

void replacement_add(struct replacement *replacement, const char *from, const char *to)
{
    buffer_printf(&replacement->list, "%s\t%s\n", from, to);
}

static bool fail(struct buffer *error, const char *path)
{
    buffer_printf(error, "%s: %s", path, strerrordesc_np(errno));
    return false;
}

bool replacement_store(const struct replacement *replacement, const char *path,
                       struct buffer *error)
{
    struct buffer name = {0}, new = {0};
    buffer_printf(&name, "%s" LEDGER_RESTORE, path);
    buffer_printf(&new, "%s.new", name.data);
    unlink(new.data);
    int fd = own_file_open(new.data, true, 0600, NULL);
    bool done = fd >= 0 && write_all(fd, replacement->list.data, replacement->list.size) &&
                write_all(fd, last_line, sizeof last_line - 1) && fsync(fd) == 0 &&
                rename(new.data, name.data) == 0 && folders_sync_above(name.data) == 0;
    if (!done)
        fail(error, name.data);
    if (fd >= 0)
        close(fd);
    buffer_free(&name);
    buffer_free(&new);
    return done;
}

/* A rename that was done before the program ended is not done again. */
static bool do_rename(const char *from, const char *to, struct buffer *error)
{
    struct stat status;
    if (lstat(from, &status) < 0 || lstat(to, &status) == 0)
        return true;
    return rename(from, to) == 0 || fail(error, to);
}

/* Runs the renames of FILE, and syncs all folders. */
static bool run_list(FILE *file, const char *path, struct buffer *error)
{
    char *line = NULL;
    size_t size = 0;
    bool done = true, ended = false;
    for (int round = 0; done && round < 2; round++) {
        rewind(file);
        ended = false;
        while (done && !ended && getline(&line, &size, file) > 0) {
            ended = !strcmp(line, last_line);
            line[strcspn(line, "\n")] = '\0';
            char *to = strchr(line, '\t');
            if (ended || !to)
                continue;
            *to++ = '\0';
            done = round == 0 ? do_rename(line, to, error)
                              : folders_sync_above(to) == 0 || fail(error, to);
        }
        if (done && !ended) {
            buffer_printf(error, "%s" LEDGER_RESTORE ": not complete; remove it", path);
            done = false;
        }
    }
    free(line);
    return done;
}

int replacement_finish(const char *path, struct buffer *error)
{
    struct buffer name = {0};
    int result = 0;
    buffer_printf(&name, "%s" LEDGER_RESTORE, path);
    FILE *file = fopen(name.data, "re");
    if (file)
        result = run_list(file, path, error) ? 1 : -1;
    else if (errno != ENOENT)
        result = fail(error, name.data) - 1;
    if (file)
        fclose(file);
    if (result == 1 && (unlink(name.data) < 0 || folders_sync_above(name.data) < 0))
        result = fail(error, name.data) - 1;
    buffer_free(&name);
    return result;
}
