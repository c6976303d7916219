/* Fuzzes the loading of saved views: bytes that are taken are saved as bytes that are taken, and
 * the same again; and what is open can be written. */
#include <stdlib.h>
#include <string.h>

#include "stream/views.h"

static bool put(void *context, const struct view *view)
{
    size_t *count = context;

    for (size_t i = 0; i < sizeof view->text / sizeof *view->text; i++)
        *count += view->text[i].size && view->text[i].text[view->text[i].size - 1];
    return true;
}

/* Loads and saves.  False when the bytes are not taken. */
static bool pass(const void *data, size_t size, struct buffer *saved)
{
    size_t count = 0;
    struct views *views = views_new(put, &count);
    bool is_good = views_load(views, data, size);

    if (is_good) {
        views_save(views, saved);
        views_write_open(views);
        views_close(views);
    }
    views_free(views);
    return is_good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer once = {0}, twice = {0};

    if (pass(data, size, &once) &&
        (!pass(once.data, once.size, &twice) || twice.size != once.size ||
         (once.size && memcmp(twice.data, once.data, once.size))))
        abort();
    buffer_free(&once);
    buffer_free(&twice);
    return 0;
}
