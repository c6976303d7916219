#include "historyfile/batches.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"

/* The last batch of a site. */
struct site_batch {
    struct entry entry; /* the site */
    char *batch;        /* NULL: this entry was just made */
    const char *path;   /* of the file with this batch */
};

void history_batches_init(struct history_batches *batches, uint64_t seed)
{
    *batches = (struct history_batches){0};
    table_init(&batches->sites, sizeof(struct site_batch), seed);
}

static void free_batch(void *entry, void *context)
{
    (void)context;
    free(((struct site_batch *)entry)->batch);
}

void history_batches_free(struct history_batches *batches)
{
    table_clear(&batches->sites, free_batch, NULL);
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
    struct site_batch *batch = table_get(&batches->sites, row->key, row->key_size);
    if (!batch)
        memory_exhausted();
    if (!batch->batch) {
        batch->batch =
            row->text_size ? memory_copy_bytes(row->text, row->text_size) : memory_copy_text("");
        batch->path = path;
        return true;
    }
    if (!is_text(batch->batch, row->text, row->text_size)) {
        buffer_printf(
            error,
            "%s and %s have different last batches of the site [%s], %s and %.*s: one may "
            "have records of the other, which would count twice; merge files that have "
            "the same batch, or other sites",
            batch->path, path, batch->entry.key, batch->batch, (int)row->text_size, row->text);
        return false;
    }
    if (!batches->site && batch->path != path) {
        batches->site = memory_copy_text(batch->entry.key);
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
