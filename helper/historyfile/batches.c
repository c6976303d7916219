#include "historyfile/batches.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"

struct history_batch {
    char *site, *batch;
    const char *path;
};

void history_batches_free(struct history_batches *batches)
{
    for (size_t i = 0; i < batches->count; i++) {
        free(batches->list[i].site);
        free(batches->list[i].batch);
    }
    free(batches->list);
    free(batches->site);
    free(batches->batch);
    free(batches->host);
}

static bool is_text(const char *text, const char *other, size_t size)
{
    return strlen(text) == size && memcmp(text, other, size) == 0;
}

bool history_batches_add(struct history_batches *batches, const struct history_row *row,
                         const char *path, struct buffer *error)
{
    const struct history_batch *batch = NULL;
    for (size_t i = 0; !batch && i < batches->count; i++)
        if (is_text(batches->list[i].site, row->key, row->key_size))
            batch = &batches->list[i];
    if (!batch) {
        batches->list =
            array_grow(batches->list, batches->count, &batches->capacity, sizeof *batches->list);
        batches->list[batches->count++] = (struct history_batch){
            memory_copy_bytes(row->key, row->key_size),
            row->text_size ? memory_copy_bytes(row->text, row->text_size) : memory_copy_text(""),
            path};
        return true;
    }
    if (!is_text(batch->batch, row->text, row->text_size)) {
        buffer_printf(
            error,
            "%s and %s have different last batches of the site [%s], %s and %.*s: one may "
            "have records of the other, which would count twice; merge files that have "
            "the same batch, or other sites",
            batch->path, path, batch->site, batch->batch, (int)row->text_size, row->text);
        return false;
    }
    if (!batches->site) {
        batches->site = memory_copy_text(batch->site);
        batches->batch = memory_copy_text(batch->batch);
        batches->paths[0] = batch->path;
        batches->paths[1] = path;
    }
    return true;
}

void history_batches_share(struct history_batches *batches, const struct history_row *host)
{
    if (!batches->host)
        batches->host = memory_copy_bytes(host->key, host->key_size);
}

bool history_batches_check(const struct history_batches *batches, struct buffer *error)
{
    if (!batches->site || !batches->host)
        return true;
    buffer_printf(error,
                  "%s and %s both have the batch %s of the site [%s], and more than one file has "
                  "the host %s: its records would count twice; files with batches of one site can "
                  "be merged only if each host is in one of them",
                  batches->paths[0], batches->paths[1], batches->batch, batches->site,
                  batches->host);
    return false;
}
