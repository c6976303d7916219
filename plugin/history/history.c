#include "history/internal.h"

struct history *history_new(pTHX_ struct update_loop *loop, SV *error_details)
{
    struct history *history;
    Newxz(history, 1, struct history);
    history->loop = loop;
    history->error_details = newSVsv(SvOK(error_details) ? error_details : &PL_sv_no);
    history->key = newSV(256);
    history->end = newSVpvs("");
    history->code = newSVpvs("");
    history->out = newSV(1024);
    history->seen = newHV();
    history->listed = newHV();
    sv_setpvs(history->out, "");
    return history;
}

void history_free(pTHX_ struct history *history)
{
    if (!history)
        return;
    SvREFCNT_dec(history->error_details);
    SvREFCNT_dec(history->key);
    SvREFCNT_dec(history->end);
    SvREFCNT_dec(history->code);
    SvREFCNT_dec(history->out);
    SvREFCNT_dec((SV *)history->seen);
    SvREFCNT_dec((SV *)history->listed);
    Safefree(history);
}
