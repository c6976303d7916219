#include "gzip/gzip_check.h"

#include <stdbool.h>

enum { ROOM = 64 * 1024 };

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

void gzip_check_add(struct gzip_check *check, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    while (check->format == GZIP_CHECK_UNKNOWN && size) {
        check->magic[check->magic_size++] = *bytes++;
        size--;
        if (check->magic_size < sizeof check->magic)
            continue;
        if (inflate_is_gzip(check->magic, sizeof check->magic)) {
            begin_gzip(check);
            inflate_piece(check, check->magic, sizeof check->magic);
        } else {
            check->format = GZIP_CHECK_PLAIN;
        }
    }
    if (check->format == GZIP_CHECK_GZIP && size)
        inflate_piece(check, bytes, size);
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
