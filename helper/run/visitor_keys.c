#include "run/visitor_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "files/folders.h"
#include "files/own_file.h"
#include "files/replace_file.h"
#include "memory/allocate.h"
#include "normalized/clock.h"
#include "text/file_error.h"
#include "text/hex.h"
#include "text/percent.h"

/* A line is a day, a space and the key in hexadecimal digits. */
enum {
    KEY_OFFSET = CLOCK_DATE_SIZE + 1,
    LINE_SIZE = KEY_OFFSET + 2 * DAY_KEY_SIZE + 1,
    DAY_S = 86400
};

static char *file_path(const struct site *site)
{
    struct buffer path = {0};
    char *ledger = site_state_path(site);
    buffer_printf(&path, "%s.visitor-keys", ledger);
    free(ledger);
    return path.data;
}

static bool read_line(struct day_keys *keys, const char *line)
{
    unsigned char key[DAY_KEY_SIZE];
    uint32_t day;
    if (!clock_parse_date(line, CLOCK_DATE_SIZE, &day) || line[CLOCK_DATE_SIZE] != ' ' ||
        line[LINE_SIZE - 1] != '\n')
        return false;
    for (size_t i = 0; i < DAY_KEY_SIZE; i++) {
        int byte = percent_byte(line + KEY_OFFSET + 2 * i);
        if (byte < 0)
            return false;
        key[i] = (unsigned char)byte;
    }
    day_keys_put(keys, day, key);
    explicit_bzero(key, sizeof key);
    return true;
}

/* Reads all lines.  Returns false after adding an error. */
static bool read_file(struct day_keys *keys, const char *path, FILE *in, struct buffer *error)
{
    char line[LINE_SIZE];
    size_t size;
    while ((size = fread(line, 1, LINE_SIZE, in)) == LINE_SIZE)
        if (!read_line(keys, line))
            break;
    explicit_bzero(line, sizeof line);
    if (!size && !ferror(in))
        return true;
    if (ferror(in))
        buffer_printf(error,
                      "%s: this file of the keys for anonymize = hash cannot be read: %s; make it "
                      "readable for this user",
                      path, strerrordesc_np(errno));
    else
        buffer_printf(
            error,
            "%s: this file of the keys for anonymize = hash has a malformed line; remove this "
            "file: visitors of these days get new names, so AWStats counts them once more",
            path);
    return false;
}

bool visitor_keys_open(struct day_keys **keys, const struct site *site, bool has_ledger,
                       struct buffer *error)
{
    *keys = NULL;
    if (site->anonymize != ANONYMIZE_HASH)
        return true;
    *keys = day_keys_new();
    if (!*keys)
        memory_exhausted();
    if (!has_ledger)
        return true;
    char *path = file_path(site);
    int fd = own_file_open(path, false, 0, NULL);
    FILE *in = fd < 0 ? NULL : fdopen(fd, "r");
    bool done = fd < 0 && errno == ENOENT;
    if (in) {
        done = read_file(*keys, path, in, error);
        fclose(in);
    } else if (!done) {
        buffer_printf(error, "%s: ", path);
        file_error_add(error, path, "", errno);
    }
    free(path);
    return done;
}

static void add_line(struct buffer *lines, uint32_t day, const unsigned char *key)
{
    char date[CLOCK_DATE_SIZE], clock[CLOCK_TIME_SIZE], digits[2 * DAY_KEY_SIZE + 1];
    clock_format(day * DAY_S, date, clock);
    buffer_add(lines, date, sizeof date);
    buffer_add_text(lines, " ");
    hex_write(digits, key, DAY_KEY_SIZE);
    buffer_add_text(lines, digits);
    buffer_add_text(lines, "\n");
}

/* Gives the file to the owner of its folder. */
static bool give(const char *path)
{
    int fd = own_file_open(path, false, 0, NULL);
    bool done = fd >= 0 && folders_give(fd, path) == 0;
    if (fd >= 0)
        close(fd);
    return done;
}

bool visitor_keys_save(const struct day_keys *keys, const struct site *site, struct buffer *error)
{
    struct buffer lines = {.is_secret = true};
    if (!keys)
        return true;
    int64_t late = site->lookback ? site->lookback : SITE_LOOKBACK_DEFAULT;
    int64_t oldest = ((int64_t)time(NULL) - late) / DAY_S - 1;
    for (uint32_t day = 0; day < DAY_KEYS_DAYS; day++) {
        const unsigned char *key = day_keys_needed(keys, day, oldest < 0 ? 0 : (uint32_t)oldest);
        if (key)
            add_line(&lines, day, key);
    }
    char *path = file_path(site);
    bool done = replace_file(path, 0600, lines.data ? lines.data : "", lines.size) == 0 &&
                give(path) && folders_sync_above(path) == 0;
    if (!done)
        buffer_printf(error,
                      "%s: this file of the keys for anonymize = hash cannot be written: %s; make "
                      "its folder writable for this user, and check the free space",
                      path, strerrordesc_np(errno));
    buffer_free(&lines);
    free(path);
    return done;
}
