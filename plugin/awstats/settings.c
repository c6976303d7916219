#include "awstats/settings.h"

#include <string.h>

SV *settings_get(pTHX_ HV *settings, const char *name)
{
    SV **sv = hv_fetch(settings, name, (I32)strlen(name), 0);
    return sv && SvOK(*sv) ? *sv : NULL;
}

bool settings_flag(pTHX_ HV *settings, const char *name)
{
    SV *sv = settings_get(aTHX_ settings, name);
    return sv && SvTRUE(sv);
}

UV settings_number(pTHX_ HV *settings, const char *name)
{
    SV *sv = settings_get(aTHX_ settings, name);
    return sv ? SvUV(sv) : 0;
}

SV *settings_referent(pTHX_ HV *settings, const char *name)
{
    SV *sv = settings_get(aTHX_ settings, name);
    if (!sv || !SvROK(sv))
        croak("internal error: the plugin's setting %s is not a reference, please report it", name);
    return SvRV(sv);
}

AV *settings_array(pTHX_ HV *settings, const char *name)
{
    SV *referent = settings_referent(aTHX_ settings, name);
    if (SvTYPE(referent) != SVt_PVAV)
        croak("internal error: the plugin's setting %s is not an array, please report it", name);
    return (AV *)referent;
}

HV *settings_hash(pTHX_ HV *settings, const char *name)
{
    SV *referent = settings_referent(aTHX_ settings, name);
    if (SvTYPE(referent) != SVt_PVHV)
        croak("internal error: the plugin's setting %s is not a hash, please report it", name);
    return (HV *)referent;
}

unsigned settings_length(pTHX_ AV *list)
{
    return (unsigned)(av_len(list) + 1);
}
