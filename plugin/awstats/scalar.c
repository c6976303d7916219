#include "awstats/scalar.h"

bool scalar_read_time(pTHX_ SV *sv, UV *time)
{
    if (!sv || (!SvIOK(sv) && looks_like_number(sv) != IS_NUMBER_IN_UV))
        return false;
    *time = SvUV(sv);
    return is_awstats_time(*time);
}

/* Whether Perl would calculate with a scalar as a whole number.  Numbers from a history file are
 * strings. */
static bool is_whole(pTHX_ SV *sv)
{
    if (!(SvFLAGS(sv) & (SVf_IOK | SVp_IOK)) && (SvFLAGS(sv) & (SVf_NOK | SVf_POK)))
        (void)SvIV(sv);
    return SvIOK(sv);
}

void scalar_add(pTHX_ SV *sv, UV amount)
{
    if (!SvOK(sv)) {
        sv_setuv(sv, amount);
    } else if (!is_whole(aTHX_ sv)) {
        sv_setnv(sv, SvNV(sv) + (NV)amount);
    } else if (SvIsUV(sv) || SvIVX(sv) >= 0) {
        UV sum = SvUVX(sv) + amount;
        if (sum >= amount)
            sv_setuv(sv, sum);
        else
            sv_setnv(sv, SvNV(sv) + (NV)amount);
    } else {
        UV debt = -(UV)SvIVX(sv);
        if (amount > debt)
            sv_setuv(sv, amount - debt);
        else
            sv_setiv(sv, amount == debt ? 0 : -(IV)(debt - amount - 1) - 1);
    }
}

void scalar_subtract(pTHX_ SV *sv, UV amount)
{
    if (is_whole(aTHX_ sv) && (SvIsUV(sv) || SvIVX(sv) >= 0) && SvUVX(sv) >= amount)
        sv_setuv(sv, SvUVX(sv) - amount);
    else
        sv_setnv(sv, SvNV(sv) - (NV)amount);
}

void scalar_add_signed(pTHX_ SV *sv, IV amount)
{
    if (amount < 0)
        scalar_subtract(aTHX_ sv, -(UV)amount);
    else
        scalar_add(aTHX_ sv, (UV)amount);
}

bool scalar_read_whole(pTHX_ SV *sv, int64_t *number)
{
    *number = 0;
    if (!SvOK(sv))
        return true;
    if (!SvIOK(sv)) {
        const NV value = looks_like_number(sv) ? SvNV(sv) : 0.5, limit = 9007199254740992.0;
        if (value <= -limit || value >= limit || value != (NV)(IV)value)
            return false;
    } else if (SvIsUV(sv) && SvUVX(sv) > INT64_MAX) {
        return false;
    }
    *number = SvIV(sv);
    return true;
}
