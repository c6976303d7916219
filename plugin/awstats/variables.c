#include "awstats/variables.h"

static const struct {
    char sigil;
    const char *name, *since;
} known[VARIABLES] = {
#define VARIABLE(sigil, name, since) {sigil, #name, since},
#include "awstats/variables.def"
#undef VARIABLE
};

/* Returns the glob of package main that has a variable or function with this sigil; NULL if there
 * is none. */
static GV *find(pTHX_ char sigil, const char *name)
{
    const char *full = SvPVX_const(sv_2mortal(newSVpvf("main::%s", name)));
    GV *glob = gv_fetchpv(full, 0, SVt_PVGV);
    if (!glob || !isGV_with_GP(glob))
        return NULL;
    const void *content = sigil == '$'   ? (void *)GvSV(glob)
                          : sigil == '@' ? (void *)GvAV(glob)
                          : sigil == '%' ? (void *)GvHV(glob)
                          : sigil == '&' ? (void *)GvCV(glob)
                                         : (void *)glob;
    return content ? glob : NULL;
}

AV *variables_missing(pTHX)
{
    AV *missing = (AV *)sv_2mortal((SV *)newAV());
    for (unsigned i = 0; i < VARIABLES; i++) {
        if (!known[i].since && !find(aTHX_ known[i].sigil, known[i].name))
            av_push(missing, newSVpvf("%c%s", known[i].sigil, known[i].name));
    }
    return missing;
}

void variables_init(pTHX_ struct variables *variables)
{
    for (unsigned i = 0; i < VARIABLES; i++)
        variables->glob[i] = find(aTHX_ known[i].sigil, known[i].name);
}

void variables_require(pTHX_ const struct variables *variables, enum variable variable)
{
    PERL_UNUSED_CONTEXT;
    if (!variables->glob[variable])
        croak("AWStats has no variable %c%s", known[variable].sigil, known[variable].name);
}

void variables_require_all(pTHX_ const struct variables *variables)
{
    for (unsigned i = 0; i < VARIABLES; i++) {
        if (!known[i].since)
            variables_require(aTHX_ variables, (enum variable)i);
    }
}

bool variables_has(const struct variables *variables, enum variable variable)
{
    return variables->glob[variable];
}

SV *variables_scalar(const struct variables *variables, enum variable variable)
{
    assert(known[variable].sigil == '$');
    return GvSV(variables->glob[variable]);
}

AV *variables_array(const struct variables *variables, enum variable variable)
{
    assert(known[variable].sigil == '@');
    return GvAV(variables->glob[variable]);
}

HV *variables_hash(const struct variables *variables, enum variable variable)
{
    assert(known[variable].sigil == '%');
    return GvHV(variables->glob[variable]);
}

GV *variables_glob(const struct variables *variables, enum variable variable)
{
    return variables->glob[variable];
}

HV *variables_extra_section(pTHX_ UV number, char column)
{
    const char *name = SvPVX_const(sv_2mortal(newSVpvf("_section_%" UVuf "_%c", number, column)));
    GV *glob = find(aTHX_ '%', name);
    if (!glob)
        croak("AWStats has no variable %%%s", name);
    return GvHV(glob);
}
