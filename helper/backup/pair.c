#include "backup/pair.h"

#include <string.h>

#include "normalized/batch_id.h"

static bool check(struct ledger *ledger, const char *path, const char *site,
                  const struct history *history, struct buffer *error)
{
    struct ledger_owner owner;
    char previous[BATCH_ID_SIZE], counted[BATCH_ID_SIZE];
    const char *last = history->last_batch;
    if (!ledger_get_owner(ledger, &owner) || !ledger_get_previous(ledger, previous))
        return false;
    bool is_other = owner.site && strcmp(owner.site, site);
    if (is_other)
        buffer_printf(error,
                      "the ledger file %s (what is counted so far) belongs to another site, [%s]; "
                      "for a restore, name a backup of [%s] with --from; for a backup, correct the "
                      "setting \"state\" of [%s]",
                      path, owner.site, site, site);
    ledger_owner_free(&owner);
    if (is_other)
        return false;
    int is_open = *last ? ledger_has_prepared(ledger, last) : 0;
    if (is_open < 0 || !ledger_get_last_id(ledger, counted))
        return false;
    if (is_open || (*previous && !strcmp(previous, *last ? last : BATCH_ID_NONE)) ||
        (!*previous && (*last || !*counted)))
        return true;
    if (!*previous) {
        buffer_printf(
            error,
            "[%s]: no AWStats history file has counted this site; name AWStats' DirData with "
            "--dirdata; for a site without the plugin (LogFile is a pipe), copy DirData and the "
            "ledger file (the setting \"state\") by hand while no update runs",
            site);
        return false;
    }
    buffer_printf(error,
                  "[%s]: the ledger file (what is counted so far) and the AWStats history do not "
                  "match: the last batch is %s in the ledger file, and %s in the history; name "
                  "AWStats' DirData with --dirdata, or run the AWStats update: its error message "
                  "has the command that corrects this",
                  site, previous, *last ? last : "none");
    return false;
}

bool pair_fits(const char *path, const char *site, const struct history *history,
               struct buffer *error)
{
    struct ledger *ledger = NULL;
    int opened = ledger_open(&ledger, path, false, error);
    if (opened == 0)
        buffer_printf(
            error,
            "%s: another program deleted this copy of the ledger file, which this command had just "
            "made; run the command again while no other program deletes files there",
            path);
    bool fits = opened > 0 && check(ledger, path, site, history, error);
    ledger_close(ledger);
    return fits;
}
