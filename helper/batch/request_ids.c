/* The files with the request IDs of recent batches, beside the ledger: LEDGER.requests-BATCH.  The
 * ledger has the ID of the batch whose file is the current one. */
#include "batch/request_ids.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/internal.h"
#include "batch/messages.h"

static const char infix[] = ".requests-";

static char *path_of(const struct batch *batch, const char *id)
{
    struct buffer path = {0};
    buffer_printf(&path, "%s%s%s", batch->path, infix, id);
    return path.data;
}

bool batch_get_request_ids(struct batch *batch, char **before, char **after)
{
    char id[BATCH_ID_SIZE];
    *before = *after = NULL;
    if (!ledger_get_request_ids(batch->ledger, id))
        return false;
    *before = *id ? path_of(batch, id) : NULL;
    *after = batch->end == BATCH_STAYS ? NULL : path_of(batch, batch->current.id);
    if (*after && !*before && batch_has_counted(batch))
        print_unknown_request_ids(&batch->site);
    return true;
}

bool request_ids_exist(const struct batch *batch, const char *id)
{
    char *path = path_of(batch, id);
    bool exist = access(path, F_OK) == 0;
    free(path);
    return exist;
}

void request_ids_remove_old(const struct batch *batch)
{
    char id[BATCH_ID_SIZE];
    struct buffer folder = {0}, stem = {0};
    if (!ledger_get_request_ids(batch->ledger, id))
        return;
    const char *name = strrchr(batch->path, '/');
    buffer_add(&folder, batch->path, (size_t)(name - batch->path + 1));
    buffer_printf(&stem, "%s%s", name + 1, infix);
    DIR *entries = opendir(folder.data);
    const int directory = entries ? dirfd(entries) : -1;
    for (const struct dirent *entry; directory >= 0 && (entry = readdir(entries)) != NULL;)
        if (!strncmp(entry->d_name, stem.data, stem.size) &&
            strcmp(entry->d_name + stem.size, id) != 0)
            unlinkat(directory, entry->d_name, 0);
    if (entries)
        closedir(entries);
    buffer_free(&folder);
    buffer_free(&stem);
}
