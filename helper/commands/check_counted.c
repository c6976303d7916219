#include "commands/check_counted.h"

#include <stdlib.h>
#include <string.h>

#include "batch/owner.h"
#include "config/real_path.h"
#include "config/sources.h"
#include "ledger/ledger.h"
#include "text/buffer.h"

/* Returns the beginning of the whole names of the source's objects; the caller frees the text. */
static char *name_prefix(const char *uri)
{
    struct buffer prefix = {0};
    char *real = site_kind(uri) == SITE_BUCKET ? NULL : realpath(uri, NULL);
    buffer_add_text(&prefix, real ? real : uri);
    if (site_kind(uri) != SITE_BUCKET || !strchr(uri + strlen("s3://"), '/'))
        buffer_add_text(&prefix, "/");
    free(real);
    return prefix.data;
}

/* Returns whether the ledger of a site with several sources has objects of this source.  Usually the keys are
 * whole names.  If the site had only one source before, the keys are that source's until the next run.  A ledger
 * of version 1 does not know its source: then it is the first one. */
static bool has_counted_of(struct ledger *ledger, const struct site *site, const char *uri,
                           const struct ledger_owner *owner)
{
    struct buffer first = {0}, whole = {0};
    sources_next(site->source, &first);
    const char *before = owner->source ? owner->source : first.data;
    buffer_add_text(&whole, "");
    if (!sources_are_several(before))
        owner_add_whole(&whole, before);
    char *prefix = name_prefix(uri);
    bool has = !strncmp(prefix, whole.data, whole.size) &&
               ledger_has_counted_below(ledger, prefix + whole.size) > 0;
    free(prefix);
    buffer_free(&whole);
    buffer_free(&first);
    return has;
}

static bool has_counted(struct ledger *ledger, const struct site *site, const char *uri,
                        struct batch_error *error)
{
    struct ledger_owner owner;
    char *old = NULL;
    bool has;
    if (!ledger_get_owner(ledger, &owner))
        return false;
    if (sources_are_several(site->source) || (owner.source && sources_are_several(owner.source)))
        has = has_counted_of(ledger, site, uri, &owner);
    else /* all objects belong to the one source, unless the setting "source" has changed */
        has = owner_get_old_source(ledger, site, &old, error) && !old &&
              ledger_has_counted(ledger) > 0;
    free(old);
    ledger_owner_free(&owner);
    return has;
}

/* Whether the source URI is a file that was counted. */
static bool is_counted_file(struct ledger *ledger, const struct site *site, const char *uri,
                            struct batch_error *error)
{
    (void)site, (void)error;
    char *path = real_path(uri);
    bool is = ledger_knows_key(ledger, path) > 0;
    free(path);
    return is;
}

/* Runs a query on the ledger of a site that deletes or moves what it has counted.  Returns false without such a
 * ledger. */
static bool query_ledger(const struct site *site, const char *uri,
                         bool (*query)(struct ledger *ledger, const struct site *site,
                                       const char *uri, struct batch_error *error))
{
    if (!site->name || site->after == SITE_AFTER_KEEP)
        return false;
    struct ledger *ledger = NULL;
    struct batch_error error = {0}; /* not printed: the step "state" reports errors of the ledger */
    char *path = site_state_path(site);
    bool has = ledger_open_without_lock(&ledger, path, LEDGER_WAIT, &error.text) > 0 &&
               owner_is(ledger, site, path, &error) && query(ledger, site, uri, &error);
    ledger_close(ledger);
    batch_error_free(&error);
    free(path);
    return has;
}

bool check_may_be_empty(const struct site *site, const char *uri)
{
    return query_ledger(site, uri, has_counted);
}

bool check_may_be_missing(const struct site *site, const char *path)
{
    return query_ledger(site, path, is_counted_file);
}

const char *check_after_done(const struct site *site)
{
    return site->after == SITE_AFTER_MOVE ? "moved" : "deleted";
}
