/* What became of the records of the batches: the last one's figures, and the sums. */
#include <stdlib.h>
#include <time.h>

#include "ledger/internal.h"

/* Reads the sums; zeros when there are none. */
static bool get_sum(struct ledger *ledger, struct figures *sum)
{
    char *text;
    *sum = (struct figures){0};
    if (!state_get_text(ledger, STATE_FIGURES_SUM, &text))
        return false;
    if (text)
        figures_read(sum, text);
    for (unsigned i = 0; i < FIGURE_NAMES; i++)
        sum->names[i] = (struct field){0}; /* the names point into the text, which is freed */
    free(text);
    return true;
}

/* Returns 1 if the open batch has objects, 0 if it has none, -1 after an error. */
static int has_objects(struct ledger *ledger)
{
    return database_has_row(&ledger->database, "SELECT 1 FROM batch_object LIMIT 1", "");
}

static bool add_unknown(struct ledger *ledger)
{
    uint64_t unknown;
    return state_get_count(ledger, STATE_FIGURES_UNKNOWN, &unknown) &&
           state_set_number(ledger, STATE_FIGURES_UNKNOWN, (int64_t)unknown + 1) &&
           state_remove(ledger, STATE_FIGURES);
}

static bool add_known(struct ledger *ledger, const char *text, const struct figures *figures)
{
    struct figures sum;
    char sum_text[FIGURES_TEXT_SIZE];
    if (!get_sum(ledger, &sum))
        return false;
    figures_add(&sum, figures);
    figures_put(sum_text, &sum);
    return state_set_text(ledger, STATE_FIGURES, text) &&
           state_set_text(ledger, STATE_FIGURES_SUM, sum_text);
}

bool figures_commit(struct ledger *ledger, const char *text)
{
    struct figures figures;
    int64_t since;
    int found = has_objects(ledger);
    if (found <= 0)
        return found == 0;
    if (!state_get_number(ledger, STATE_FIGURES_SINCE, &since) ||
        (!since && !state_set_number(ledger, STATE_FIGURES_SINCE, (int64_t)time(NULL))))
        return false;
    return text && figures_read(&figures, text) ? add_known(ledger, text, &figures)
                                                : add_unknown(ledger);
}

bool figures_get(struct ledger *ledger, struct ledger_figures *figures)
{
    *figures = (struct ledger_figures){0};
    return state_get_text(ledger, STATE_FIGURES, &figures->text) &&
           get_sum(ledger, &figures->sum) &&
           state_get_number(ledger, STATE_FIGURES_SINCE, &figures->since) &&
           state_get_count(ledger, STATE_FIGURES_UNKNOWN, &figures->unknown);
}
