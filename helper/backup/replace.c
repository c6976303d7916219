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
#include "files/same_file.h"
#include "files/write_all.h"
#include "ledger/ledger.h"

static const char group_line[] = "then\n", last_line[] = "end\n";

/* Adds an absolute path, since another run may finish the list in another working directory. */
static void add_path(struct buffer *list, const char *path)
{
    char *directory = *path == '/' ? NULL : realpath(".", NULL);
    if (directory)
        buffer_printf(list, "%s/", directory);
    buffer_add_text(list, path);
    free(directory);
}

void replacement_add(struct replacement *replacement, const char *from, const char *to)
{
    add_path(&replacement->list, from);
    buffer_add_text(&replacement->list, "\t");
    add_path(&replacement->list, to);
    buffer_add_text(&replacement->list, "\n");
}

void replacement_end_group(struct replacement *replacement)
{
    buffer_add_text(&replacement->list, group_line);
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

/* The steps of the renames.  Each step runs for all renames of a group before the next step begins.  The new
 * names are on the disk before an old name goes, so a file has a name after a power failure at any time. */
enum step { STEP_LINK, STEP_SYNC, STEP_UNLINK, STEP_SYNC_AGAIN, STEP_COUNT };

/* Does a step of a rename, unless an interrupted run has done it already.  FOLDER is the folder that was
 * synced last in this step. */
static bool do_step(enum step step, const char *from, const char *to, struct buffer *folder,
                    struct buffer *error)
{
    struct stat status;
    switch (step) {
    case STEP_LINK:
        if (lstat(from, &status) < 0 || lstat(to, &status) == 0 || link(from, to) == 0)
            return true;
        /* The file system has no links, or this user may not link another user's file. */
        return rename(from, to) == 0 || fail(error, to);
    case STEP_UNLINK:
        return !same_file_names(from, to) || unlink(from) == 0 || fail(error, from);
    default:;
    }
    size_t size = (size_t)(strrchr(to, '/') + 1 - to);
    if (folder->data && size == folder->size && !memcmp(folder->data, to, size))
        return true;
    buffer_clear(folder);
    buffer_add(folder, to, size);
    return folders_sync_above(to) == 0 || fail(error, to);
}

enum group_end { GROUP_FAILED, GROUP_ENDED, LIST_ENDED };

/* Does a step of all renames from the present line of FILE to the end of the group. */
static enum group_end run_step(FILE *file, enum step step, const char *path, struct buffer *error)
{
    enum group_end end = GROUP_FAILED;
    struct buffer folder = {0};
    char *line = NULL;
    size_t size = 0;
    bool done = true, is_cut = false;
    while (done && !end) {
        is_cut = getline(&line, &size, file) <= 0;
        char *to = is_cut ? NULL : strchr(line, '\t');
        if (to) {
            *to++ = '\0';
            to[strcspn(to, "\n")] = '\0';
        }
        if (to && *line == '/' && *to == '/')
            done = do_step(step, line, to, &folder, error);
        else if (!is_cut && (!strcmp(line, last_line) || !strcmp(line, group_line)))
            end = !strcmp(line, last_line) ? LIST_ENDED : GROUP_ENDED;
        else
            is_cut = true;
        done &= !is_cut;
    }
    if (is_cut)
        buffer_printf(error,
                      "%s" LEDGER_RESTORE ": this list of files to restore is incomplete; delete "
                      "this list, and restore the backup again",
                      path);
    buffer_free(&folder);
    free(line);
    return end;
}

/* Runs all groups of renames. */
static bool run_list(FILE *file, const char *path, struct buffer *error)
{
    enum group_end end = GROUP_ENDED;
    long begin = 0; /* of the group */
    while (end == GROUP_ENDED) {
        for (int step = 0; end && step < STEP_COUNT; step++) {
            if (begin < 0 || fseek(file, begin, SEEK_SET) != 0) {
                buffer_printf(error,
                              "%s" LEDGER_RESTORE ": this list of files to restore cannot be read: "
                              "%s; check the disk, and restore the backup again",
                              path, strerrordesc_np(errno));
                return false;
            }
            end = run_step(file, step, path, error);
        }
        if (end == GROUP_ENDED)
            begin = ftell(file);
    }
    return end == LIST_ENDED;
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
