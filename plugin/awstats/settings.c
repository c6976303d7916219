#include "awstats/settings.h"

#include <stdlib.h>
#include <string.h>

SV *setting_of(pTHX_ HV *setting, const char *name)
{
    SV **sv = hv_fetch(setting, name, (I32)strlen(name), 0);
    return sv && SvOK(*sv) ? *sv : NULL;
}

bool setting_flag(pTHX_ HV *setting, const char *name)
{
    SV *sv = setting_of(aTHX_ setting, name);
    return sv && SvTRUE(sv);
}

UV setting_number(pTHX_ HV *setting, const char *name)
{
    SV *sv = setting_of(aTHX_ setting, name);
    return sv ? SvUV(sv) : 0;
}

AV *setting_array(pTHX_ HV *setting, const char *name)
{
    SV *sv = setting_of(aTHX_ setting, name);
    if (!sv || !SvROK(sv) || SvTYPE(SvRV(sv)) != SVt_PVAV)
        croak("%s is not an array", name);
    return (AV *)SvRV(sv);
}

unsigned setting_length(pTHX_ AV *list)
{
    return (unsigned)(av_len(list) + 1);
}

void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        croak("out of memory");
    return memory;
}
