/* Gives a ledger to a site with a new name, or to an AWStats history with a new name. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/internal.h"
#include "text/buffer.h"

/* Returns whether NAME is one of the lines of NAMES. */
static bool is_among(const char *names, const char *name)
{
    size_t size = strlen(name);
    for (const char *s = names; s; s = strchr(s, '\n') ? strchr(s, '\n') + 1 : NULL)
        if (!strncmp(s, name, size) && (s[size] == '\n' || !s[size]))
            return true;
    return false;
}

/* Stores the error that the ledger does not belong to FROM.  If a ledger with the default name of
 * FROM is in the same folder, the error says how to use that one. */
static bool fail_on_other_owner(struct batch *batch, const char *from, const char *owner)
{
    struct buffer beside = {0};
    const char *slash = strrchr(batch->path, '/');
    buffer_add(&beside, batch->path, slash ? (size_t)(slash - batch->path) + 1 : 0);
    buffer_printf(&beside, "%s.db", from);
    const char *name = batch->site.name;
    bool is_there = strcmp(beside.data, batch->path) && access(beside.data, F_OK) == 0;
    batch_error_set(
        batch->error, BATCH_ERROR,
        "[%s]: the ledger file %s belongs to %s%s%s, but this command takes over the counted "
        "objects of [%s]; write state = %s into the section [%s], and run the command again",
        name, batch->path, owner ? "[" : "no site", owner ? owner : "", owner ? "]" : "", from,
        is_there ? beside.data : "THE_LEDGER_FILE_OF_THAT_SITE", name);
    buffer_free(&beside);
    return false;
}

static bool adopt_site(struct batch *batch, const char *from)
{
    struct ledger_owner owner;
    const char *name = batch->site.name;
    if (!ledger_get_owner(batch->ledger, &owner) ||
        !ledger_get_former(batch->ledger, &batch->former)) {
        return false;
    }
    bool done = false;
    if (owner.site && !strcmp(owner.site, from))
        done = !strcmp(from, name) || ledger_rename_site(batch->ledger, from, name);
    else if (owner.site && !strcmp(owner.site, name) && is_among(batch->former, from))
        done = true;
    else
        fail_on_other_owner(batch, from, owner.site);
    ledger_owner_free(&owner);
    return done;
}

bool batch_adopt_site(const struct site *site, const char *from,
                      const struct batch_options *options, struct batch_error *error)
{
    struct batch *batch;
    bool done = batch_open(&batch, site, options, true, error) && adopt_site(batch, from);
    batch_free(batch);
    return done;
}

bool batch_adopt_history(const struct site *site, const char *name,
                         const struct batch_options *options, struct batch_error *error)
{
    struct batch *batch;
    bool done =
        batch_open(&batch, site, options, false, error) && ledger_set_history(batch->ledger, name);
    batch_free(batch);
    return done;
}
