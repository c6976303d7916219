/* Fuzzes a page of a bucket's listing: in pieces of any size it is the same page, or is refused. */
#include <stdlib.h>
#include <string.h>

#include "s3/list_page.h"

static bool read_page(struct s3_page *page, const uint8_t *data, size_t size, size_t piece)
{
    s3_page_begin(page);
    for (size_t at = 0; at < size; at += piece)
        if (s3_page_add(page, data + at, size - at < piece ? size - at : piece))
            return false;
    return !s3_page_end(page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct s3_page whole = {0}, parts = {0};

    if (!size)
        return 0;
    bool is_good = read_page(&whole, data + 1, size - 1, size);
    if (read_page(&parts, data + 1, size - 1, data[0] % 64 + 1) != is_good)
        abort();
    if (is_good) {
        if (parts.count != whole.count || !parts.next != !whole.next ||
            (whole.next && strcmp(parts.next, whole.next)))
            abort();
        /* Without a token, the last key names the next page. */
        if (whole.next && !*whole.next && !whole.count)
            abort();
        for (size_t i = 0; i < whole.count; i++) {
            const struct s3_object *one = &whole.objects[i], *other = &parts.objects[i];
            if (strcmp(one->key, other->key) || strcmp(one->etag, other->etag) ||
                one->size != other->size || one->modified != other->modified)
                abort();
        }
        /* A page is used again. */
        if (!read_page(&parts, data + 1, size - 1, size) || parts.count != whole.count)
            abort();
    }
    s3_page_free(&whole);
    s3_page_free(&parts);
    return 0;
}
