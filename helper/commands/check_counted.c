#include "commands/check_counted.h"

#include <stdlib.h>
#include <string.h>

#include "batch/owner.h"
#include "config/sources.h"
#include "ledger/ledger.h"
#include "text/buffer.h"

/* Returns what the keys of the source's objects begin with in a ledger of several sources; the caller frees
 * it. */
static char *key_prefix(const char *uri)
{
    struct buffer prefix = {0};
    char *real = site_kind(uri) == SITE_BUCKET ? NULL : realpath(uri, NULL);
    buffer_add_text(&prefix, real ? real : uri);
    if (site_kind(uri) != SITE_BUCKET || !strchr(uri + strlen("s3://"), '/'))
        buffer_add_text(&prefix, "/");
    free(real);
    return prefix.data;
}

/* Whether the keys of the ledger are whole names: it has, or will have, several sources. */
static bool has_whole_names(struct ledger *ledger, const struct site *site)
{
    struct ledger_owner owner;
    if (!ledger_get_owner(ledger, &owner))
        return false;
    bool has =
        sources_are_several(site->source) || (owner.source && sources_are_several(owner.source));
    ledger_owner_free(&owner);
    return has;
}

/* Other keys are all of the one source, unless the site's source has changed since. */
static bool has_counted(struct ledger *ledger, const struct site *site, const char *uri,
                        struct batch_error *error)
{
    if (has_whole_names(ledger, site)) {
        char *prefix = key_prefix(uri);
        int found = ledger_has_counted_below(ledger, prefix);
        free(prefix);
        return found > 0;
    }
    char *old = NULL;
    bool done =
        owner_get_old_source(ledger, site, &old, error) && !old && ledger_has_counted(ledger) > 0;
    free(old);
    return done;
}

bool check_may_be_empty(const struct site *site, const char *uri)
{
    if (!site->name || site->after == SITE_AFTER_KEEP)
        return false;
    struct ledger *ledger = NULL;
    struct batch_error error = {0}; /* the step "state" tells of the ledger */
    char *path = site_state_path(site);
    bool has = ledger_open(&ledger, path, false, &error.text) > 0 &&
               owner_is(ledger, site, path, &error) && has_counted(ledger, site, uri, &error);
    ledger_close(ledger);
    batch_error_free(&error);
    free(path);
    return has;
}

const char *check_after_done(const struct site *site)
{
    return site->after == SITE_AFTER_MOVE ? "moved" : "deleted";
}
