#include "values/internal.h"

/* The callback mirrors the update loop from "Analyze: Status code", and "Check code" of "Analyze:
 * Extra". */
struct status *values_status(pTHX_ struct values *values, const struct record *record)
{
    struct status *status = &values->status[record->status];
    if (status->classified)
        return status;
    if (values_are_alone(values))
        return NULL;
    const struct field field = record_field(record, COLUMN_STATUS);
    unsigned results;
    SV *argument = values_text(aTHX_ field.text, field.size);
    SV **result = values_call(aTHX_ values, CALLBACK_STATUS, &argument, 1, &results);
    status->unsupported = results == 0;
    if (!status->unsupported) {
        status->valid = SvTRUE(result[0]);
        STRLEN size = 0;
        const char *trapped = SvOK(result[1]) ? SvPV_const(result[1], size) : NULL;
        status->trapped = trapped ? newSVpvn(trapped, size) : NULL;
        status->in_section = savepv(SvPV_nolen_const(result[2]));
    }
    values_call_end(aTHX);
    status->counter = counters_key_new(aTHX_ field.text, field.size);
    status->classified = true;
    return status;
}

void values_release_status(pTHX_ struct status *status)
{
    counters_key_free(aTHX_ status->counter);
    SvREFCNT_dec(status->trapped);
    Safefree(status->in_section);
}
