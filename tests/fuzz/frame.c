/* Fuzzes what stands around the records of a normalized log: an #End line that is taken is the one
 * that would be written, and a name or path in the header of a batch comes out as one value of
 * visible ASCII. */
#include <stdlib.h>
#include <string.h>

#include "normalized/frame.h"

static void check_end(const char *line, size_t size)
{
    struct frame_end end, again;
    struct field value;
    char written[FRAME_END_SIZE];

    if (frame_read_line(line, size, &value) != FRAME_END || !frame_read_end(value, &end))
        return;
    size_t len = frame_put_end(written, &end);
    if (!len || written[len - 1] != '\n' ||
        frame_read_line(written, len - 1, &value) != FRAME_END || !frame_read_end(value, &again) ||
        again.records != end.records || again.bad != end.bad ||
        again.quarantined != end.quarantined)
        abort();
}

static void check_batch(const char *text)
{
    static const enum frame_line want[] = {FRAME_BATCH,   FRAME_SITE,     FRAME_FORMERLY,
                                           FRAME_HISTORY, FRAME_PREVIOUS, FRAME_REPLACES};
    enum { LINES = sizeof want / sizeof *want };
    struct buffer out = {0};
    struct frame_batch batch = {.id = "id",
                                .site = text,
                                .configuration = text,
                                .former = text,
                                .history = text,
                                .previous = "-",
                                .replaces = "id id"};
    size_t lines = 0;

    frame_add_batch(&out, &batch);
    for (size_t i = 0, start = 0; i < out.size; i++) {
        unsigned char byte = (unsigned char)out.data[i];
        if (byte != '\n' && (byte < ' ' || byte > '~'))
            abort();
        if (byte == '\n') {
            struct field value;
            if (lines >= LINES ||
                frame_read_line(out.data + start, i - start, &value) != want[lines] || !value.size)
                abort();
            start = i + 1;
            lines++;
        }
    }
    if (lines != LINES)
        abort();
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    memcpy(text, data, size);
    check_end(text, size);
    text[size] = 0;
    check_batch(*text ? text : "x");
    free(text);
    return 0;
}
