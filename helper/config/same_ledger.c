#include "config/same_ledger.h"

#include <stdlib.h>
#include <string.h>

#include "config/real_path.h"

char *same_ledger_path(const struct site *site)
{
    char *path = site_state_path(site), *real = real_path(path);
    free(path);
    return real;
}

/* Whether the files of both ledgers have one name.  A ledger must not be a link (ledger/database.c), so two files with
 * different names are never one ledger. */
static bool have_one_name(const struct site *a, const struct site *b)
{
    char *of_a = site_state_path(a), *of_b = site_state_path(b);
    bool have = !strcmp(strrchr(of_a, '/'), strrchr(of_b, '/'));
    free(of_a);
    free(of_b);
    return have;
}

bool same_ledger(const struct site *a, const struct site *b)
{
    /* Without the setting "state", each site has its own ledger, by its name. */
    if (!strcmp(a->name, b->name) || (!a->state && !b->state) || !have_one_name(a, b))
        return false;
    char *of_a = same_ledger_path(a), *of_b = same_ledger_path(b);
    bool same = !strcmp(of_a, of_b);
    free(of_a);
    free(of_b);
    return same;
}
