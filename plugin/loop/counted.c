#include "loop/counted.h"

#include <string.h>

#include "awstats/scalar.h"

void counted_init(struct counted *counted, const struct variables *variables, bool partial_once)
{
    *counted = (struct counted){
        .day_bytes = variables_hash(variables, AWSTATS_DayBytes),
        .day_hits = variables_hash(variables, AWSTATS_DayHits),
        .hour_bytes = variables_array(variables, AWSTATS__time_k),
        .partial_once = partial_once,
    };
}

bool counted_wants(const struct counted *counted, const char *status)
{
    return counted->partial_once && memcmp(status, "206", 3) == 0;
}

/* Subtracts the excess bytes from the record's day and hour.  AWStats writes and adds up only days that have a
 * number of hits, so this sets a missing one to 0. */
static void even_out(pTHX_ const struct counted *counted, const struct counted_record *record)
{
    SV *bytes = HeVAL(hv_fetch_ent(counted->day_bytes, record->day, 1, 0));
    scalar_subtract(aTHX_ bytes, record->excess);
    SV *hour_bytes = *av_fetch(counted->hour_bytes, (SSize_t)record->hour, 1);
    scalar_subtract(aTHX_ hour_bytes, record->excess);
    if (!SvTRUE(bytes))
        return;
    SV *hits = HeVAL(hv_fetch_ent(counted->day_hits, record->day, 1, 0));
    if (!SvTRUE(hits))
        sv_setiv(hits, 0);
}

void counted_tell(pTHX_ const struct counted *counted, const struct counted_record *record)
{
    if (record->excess && counted->partial_once)
        even_out(aTHX_ counted, record);
}
