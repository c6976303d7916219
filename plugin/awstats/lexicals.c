#include "awstats/lexicals.h"

#include <string.h>

#if PERL_REVISION == 5 && PERL_VERSION < 22

SV *lexicals_find(pTHX_ const CV *function, const char *name, size_t size)
{
    PERL_UNUSED_CONTEXT;
    PERL_UNUSED_VAR(function);
    PERL_UNUSED_VAR(name);
    PERL_UNUSED_VAR(size);
    return NULL;
}

#else

enum { NOWHERE = -1 }; /* places count from 0 */

/* Returns the place among NAMES at which a variable is declared; NOWHERE if none or several are. */
static SSize_t place_of(PADNAMELIST *names, const char *name, size_t size)
{
    SSize_t found = NOWHERE;
    for (SSize_t place = 0; place <= PadnamelistMAX(names); place++) {
        PADNAME *declared = PadnamelistARRAY(names)[place];
        if (!declared || !PadnamePV(declared) || PadnameLEN(declared) != size ||
            memcmp(PadnamePV(declared), name, size) != 0)
            continue;
        if (found != NOWHERE)
            return NOWHERE;
        found = place;
    }
    return found;
}

static bool is_declared_by_my(PADNAME *declared)
{
    return !PadnameOUTER(declared) && !PadnameIsOUR(declared) && !PadnameIsSTATE(declared);
}

SV *lexicals_find(pTHX_ const CV *function, const char *name, size_t size)
{
    const CV *code = CvOUTSIDE(function);
    PERL_UNUSED_CONTEXT;
    if (!code || CvISXSUB(code) || CvDEPTH(code) != 1 || !CvPADLIST(code))
        return NULL;
    PADNAMELIST *names = PadlistNAMES(CvPADLIST(code));
    PAD *values = PadlistARRAY(CvPADLIST(code))[CvDEPTH(code)];
    SSize_t place = place_of(names, name, size);
    if (place == NOWHERE || place > AvFILLp(values) ||
        !is_declared_by_my(PadnamelistARRAY(names)[place]))
        return NULL;
    return AvARRAY(values)[place];
}

#endif
