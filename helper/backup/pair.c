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
        buffer_printf(
            error, "%s is the ledger of another site, [%s]; correct --site, or the setting state",
            path, owner.site);
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
        buffer_printf(error,
                      "[%s]: no file of the AWStats history names this site; name the right "
                      "DirData with --dirdata, or, if AWStats counts the site without the plugin, "
                      "copy ledger and history yourself, while no update runs",
                      site);
        return false;
    }
    buffer_printf(error,
                  "the ledger and the AWStats history do not belong together: the last batch of "
                  "[%s] is %s in the ledger, and %s in the history; name the right DirData with "
                  "--dirdata, or, if it is right, run the AWStats update, which names the way out",
                  site, previous, *last ? last : "none");
    return false;
}

bool pair_fits(const char *path, const char *site, const struct history *history,
               struct buffer *error)
{
    struct ledger *ledger = NULL;
    int opened = ledger_open(&ledger, path, false, error);
    if (opened == 0)
        buffer_printf(error, "%s: the copy of the ledger is missing; run the command again", path);
    bool fits = opened > 0 && check(ledger, path, site, history, error);
    ledger_close(ledger);
    return fits;
}
