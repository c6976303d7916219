#include "normalized/frame.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "normalized/columns.h"

size_t frame_put_header(char out[FRAME_HEADER_SIZE], const char *version)
{
    return (size_t)snprintf(out, FRAME_HEADER_SIZE,
                            "#Version: 1.0\n" FRAME_SOFTWARE " %s\n#Fields: %s\n", version,
                            columns_names);
}

size_t frame_put_end(char out[FRAME_END_SIZE], const struct frame_end *end)
{
    return (size_t)snprintf(out, FRAME_END_SIZE,
                            FRAME_END " records=%" PRIu64 " bad=%" PRIu64 " aside=%" PRIu64 "\n",
                            end->records, end->bad, end->aside);
}

static void add_word(struct buffer *out, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        buffer_printf(out, *p <= ' ' || *p >= 0x7f || *p == '%' ? "%%%02X" : "%c", *p);
}

bool frame_add_batch(struct buffer *out, const struct frame_batch *batch)
{
    buffer_printf(out, FRAME_BATCH " %s\n" FRAME_SITE " ", batch->id);
    add_word(out, batch->site);
    buffer_add(out, " ", 1);
    add_word(out, batch->configuration);
    buffer_add(out, "\n", 1);
    if (*batch->previous)
        buffer_printf(out, FRAME_PREVIOUS " %s\n", batch->previous);
    if (*batch->replaces)
        buffer_printf(out, FRAME_REPLACES " %s\n", batch->replaces);
    return !out->failed;
}

bool frame_is_of_batch(const char *line, size_t size)
{
    static const char *const names[] = {FRAME_BATCH, FRAME_SITE, FRAME_PREVIOUS, FRAME_REPLACES};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (size >= strlen(names[i]) && !memcmp(line, names[i], strlen(names[i])))
            return true;
    return false;
}

bool frame_parse_end(const char *line, size_t size, struct frame_end *end)
{
    char text[FRAME_END_SIZE];
    int used = 0;
    if (size >= sizeof text)
        return false;
    memcpy(text, line, size);
    text[size] = '\0';
    return sscanf(text, FRAME_END " records=%" SCNu64 " bad=%" SCNu64 " aside=%" SCNu64 "%n",
                  &end->records, &end->bad, &end->aside, &used) == 3 &&
           (size_t)used == size;
}
