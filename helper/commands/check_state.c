#include "commands/check_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "batch/owner.h"
#include "batch/messages.h"
#include "ledger/corrupt.h"
#include "ledger/ledger.h"
#include "memory/allocate.h"
#include "text/time.h"

/* Checks whether the folder of the ledger can be written, or made. */
static void check_state_folder(struct check *check, const char *ledger)
{
    char *path = memory_copy_text(ledger), *slash;
    while ((slash = strrchr(path, '/')) && slash != path) {
        *slash = '\0';
        if (access(path, F_OK) == 0 || errno != ENOENT)
            break;
    }
    if (access(slash == path ? "/" : path, W_OK | X_OK) == 0)
        check_step(check, true, "state",
                   "nothing is counted yet; the first update makes the ledger file %s", ledger);
    else
        check_step(check, false, "state",
                   "%s: %s; make this folder of the ledger file writable for this user, or change "
                   "the setting \"state\"",
                   path, strerrordesc_np(errno));
    free(path);
}

/* Checks whether the last prepared batch is committed, or its commit is not overdue yet. */
static void check_open_batch(struct check *check, const struct ledger_batch *open)
{
    char since[TIME_TEXT_SIZE];
    if (!ledger_batch_is_late(open, time(NULL)))
        return;
    time_format(since, TIME_MINUTE, open->prepared);
    check_step(check, false, "batch",
               "batch %s was passed to AWStats at %s, but AWStats has not counted it to its end, "
               "so newer logs wait; run the AWStats update and check its error message",
               open->id, since);
}

char *check_read_ledger(const struct site *site, bool (*get)(struct ledger *ledger, char **text))
{
    struct ledger *ledger = NULL;
    struct buffer ignored = {0}; /* the step "state" reports errors of the ledger */
    char *path = site_state_path(site), *text = NULL;
    if (ledger_open_without_lock(&ledger, path, LEDGER_WAIT, &ignored) > 0)
        get(ledger, &text);
    ledger_close(ledger);
    buffer_free(&ignored);
    free(path);
    return text;
}

void check_state(struct check *check, const struct site *site)
{
    struct ledger *ledger = NULL;
    struct ledger_status status = {0};
    struct ledger_batch open = {0};
    struct batch_error error = {0};
    char *path = site_state_path(site), *ledger_error = NULL;
    int found = ledger_open_without_lock(&ledger, path, LEDGER_WAIT, &error.text);
    if (found > 0 && !(ledger_error = ledger_inspect(ledger)) &&
        (!owner_is(ledger, site, path, &error) || !ledger_get_status(ledger, &status) ||
         ledger_get_batch(ledger, &open) < 0))
        found = -1;
    if (found < 0) {
        add_batch_advice(site, &error);
        check_step(check, false, "state", "%s", error.text.data);
    } else if (ledger_error)
        check_step(check, false, "state", "%s: " LEDGER_IS_CORRUPT, path, ledger_error);
    else if (found)
        check_step(
            check, true, "state",
            "the ledger file %s; objects counted: %llu; left out until they can be read: %llu",
            path, (unsigned long long)status.objects, (unsigned long long)status.quarantined);
    else
        check_state_folder(check, path);
    if (found > 0 && !ledger_error)
        check_open_batch(check, &open);
    ledger_status_free(&status);
    ledger_close(ledger);
    batch_error_free(&error);
    free(ledger_error);
    free(path);
}
