#include "history/internal.h"

struct history *history_new(pTHX_ struct update_loop *loop, SV *error_details)
{
    struct history *history;
    Newxz(history, 1, struct history);
    history->loop = loop;
    history->error_details = newSVsv(SvOK(error_details) ? error_details : &PL_sv_no);
    history->end = newSVpvs("");
    history->seen = newHV();
    return history;
}

void history_end(struct history *history)
{
    history_stream_reset(history);
}

void history_free(pTHX_ struct history *history)
{
    if (!history)
        return;
    SvREFCNT_dec(history->error_details);
    history_stream_reset(history);
    SvREFCNT_dec(history->end);
    SvREFCNT_dec((SV *)history->seen);
    rows_clear(&history->words);
    counters_key_free(aTHX_ history->day);
    Safefree(history->out);
    Safefree(history);
}
