#include "batch/planned.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/site_command.h"
#include "files/folders.h"
#include "files/read_file.h"
#include "files/replace_file.h"
#include "s3/uri.h"
#include "text/file_error.h"

enum { SIZE_MAX_READ = 2 * PATH_MAX + 256 };

static void add_path(struct buffer *name, const char *path)
{
    buffer_printf(name, "%s.plan", path);
}

/* Copies the value before END, and moves *TEXT behind END.  Returns false when the value is empty or too long. */
static bool take(const char **text, char end, char *value, size_t size)
{
    const char *behind = strchr(*text, end);
    size_t length = behind ? (size_t)(behind - *text) : 0;
    if (!length || length >= size)
        return false;
    memcpy(value, *text, length);
    *text = behind + 1;
    return true;
}

/* Reads the three values of the file's text. */
static bool parse(struct planned *planned, const char *text)
{
    return take(&text, ' ', planned->id, sizeof planned->id) &&
           take(&text, '\n', planned->work, sizeof planned->work) &&
           take(&text, '\n', planned->generation, sizeof planned->generation);
}

bool planned_read(struct planned *planned, const char *path, struct buffer *error)
{
    struct buffer name = {0};
    size_t size = 0;
    add_path(&name, path);
    *planned = (struct planned){0};
    char *text = read_file(name.data, SIZE_MAX_READ, &size);
    bool done = text ? parse(planned, text) : errno == ENOENT;
    if (!done && !text)
        buffer_printf(error, "%s: %s", name.data, strerrordesc_np(errno));
    else if (!done)
        buffer_printf(error,
                      "%s: this is no file of awstats-cloudfront plan; restore it, or remove it to "
                      "give the plan up",
                      name.data);
    free(text);
    buffer_free(&name);
    return done;
}

bool planned_write(const struct planned *planned, const char *path, struct buffer *error)
{
    struct buffer name = {0}, text = {0};
    add_path(&name, path);
    bool done;
    if (planned) {
        buffer_printf(&text, "%s %s\n%s\n", planned->id, planned->work, planned->generation);
        done = replace_file(name.data, 0644, text.data, text.size) == 0 &&
               folders_sync_above(name.data) == 0;
    } else {
        done = (unlink(name.data) == 0 || errno == ENOENT) && folders_sync_above(name.data) == 0;
    }
    if (!done)
        file_error_add_path(error, name.data, errno);
    buffer_free(&text);
    buffer_free(&name);
    return done;
}

bool planned_check_none(const struct site *site, const char *path, struct batch_error *error)
{
    struct planned planned;
    struct buffer text = {0};
    if (!planned_read(&planned, path, &error->text))
        return false;
    if (!*planned.id)
        return true;
    buffer_printf(&text,
                  "[%s]: the new logs of this site are being counted by the shards of a plan; let "
                  "its tasks end, the last of which is: ",
                  site->name);
    site_command_add(&text, site, "collect", "--work=", planned.work);
    buffer_add_text(&text, "; or give the plan up: ");
    site_command_add(&text, site, "plan --abandon", NULL, NULL);
    batch_error_set(error, BATCH_ERROR, "%s", text.data);
    buffer_free(&text);
    return false;
}
