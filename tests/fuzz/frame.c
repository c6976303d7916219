/* Fuzzes what stands around the records of a normalized log: an #End line that is taken is the one that would
 * be written, and a name or path in the header of a batch comes out as one value of visible ASCII. */
#include <stdlib.h>
#include <string.h>

#include "normalized/frame.h"

static void check_end(const char *line, size_t size)
{
    struct frame_end end, again;
    char written[FRAME_END_SIZE];

    if (!frame_parse_end(line, size, &end))
        return;
    size_t len = frame_put_end(written, &end);
    if (!len || written[len - 1] != '\n' || !frame_parse_end(written, len - 1, &again) ||
        again.records != end.records || again.bad != end.bad || again.aside != end.aside)
        abort();
}

static void check_batch(const char *text)
{
    struct buffer out = {0};
    struct frame_batch batch = {"id", text, text, "-", ""};
    size_t lines = 0;

    frame_add_batch(&out, &batch);
    for (size_t i = 0, start = 0; i < out.size; i++) {
        unsigned char byte = (unsigned char)out.data[i];
        if (byte != '\n' && (byte < ' ' || byte > '~'))
            abort();
        if (byte == '\n') {
            if (!frame_is_of_batch(out.data + start, i - start))
                abort();
            start = i + 1;
            lines++;
        }
    }
    if (lines != 3)
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
    check_batch(text);
    free(text);
    return 0;
}
