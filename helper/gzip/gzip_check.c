#include "gzip/gzip_check.h"

#include <stdbool.h>

/* Bytes on the stack.  The check is fastest when all bytes that one piece inflates to have room. */
enum { ROOM = 256 * 1024 };

void gzip_check_begin(struct gzip_check *check)
{
    *check = (struct gzip_check){.inflate = check->inflate};
}

static void begin_gzip(struct gzip_check *check)
{
    check->format = GZIP_CHECK_GZIP;
    if (!check->inflate)
        check->inflate = inflate_new();
    if (check->inflate)
        inflate_begin(check->inflate);
    else
        check->error = "gzip data that cannot be checked: out of memory; free memory, and run the "
                       "command again";
}

static void inflate_piece(struct gzip_check *check, const unsigned char *data, size_t size)
{
    unsigned char out[ROOM];
    size_t written = ROOM;
    while (!check->error && (size || written == ROOM)) {
        written = ROOM;
        if (!inflate_run(check->inflate, &data, &size, out, &written))
            check->error = "corrupt gzip data";
    }
}

/* Finds the format in the first bytes, of which CHECK has none or one already. */
static void find_format(struct gzip_check *check, const unsigned char *data, size_t size)
{
    unsigned char magic[2] = {check->first, data[0]};
    if (!check->has_first && size == 1) {
        check->has_first = true;
        check->first = data[0];
        return;
    }
    if (!inflate_is_gzip(check->has_first ? magic : data, sizeof magic)) {
        check->format = GZIP_CHECK_PLAIN;
        return;
    }
    begin_gzip(check);
    if (check->has_first)
        inflate_piece(check, magic, 1);
}

void gzip_check_add(struct gzip_check *check, const void *data, size_t size)
{
    if (check->format == GZIP_CHECK_UNKNOWN && size)
        find_format(check, data, size);
    if (check->format == GZIP_CHECK_GZIP && size)
        inflate_piece(check, data, size);
}

const char *gzip_check_end(const struct gzip_check *check)
{
    if (check->format != GZIP_CHECK_GZIP || check->error)
        return check->error;
    return inflate_is_complete(check->inflate) ? NULL : "truncated gzip data";
}

void gzip_check_free(struct gzip_check *check)
{
    inflate_free(check->inflate);
    *check = (struct gzip_check){0};
}
