/* Sections of history files, as AWStats' Save_History writes them. */
#include <string.h>

#include "history/internal.h"

/* The parts of a section, before it is written. */
struct saved_section {
    SV *name;      /* as the file has it, "EXTRA_1" */
    HV *lines;     /* a line for each key; NULL: none */
    HV *by;        /* the greatest of this come first; NULL: in no order */
    SV *max, *min; /* how many come first, and how great they must be */
    SV *comment;
};

/* A kind of section that is written here. */
struct kind {
    const char *section; /* as Save_History calls it; "extra_" begins "extra_1" */
    const char *name;    /* as the file has it, the same */
    bool (*find)(
        pTHX_ struct history *history, const struct kind *kind, const char *rest,
        struct saved_section *saved); /* false: it is left to AWStats; REST: "1" of "extra_1" */
    history_put_line *put_line;
    void (*after)(pTHX_ struct history *history, SV *year, SV *month); /* NULL: nothing to do */
    const char *comment, *comment_end;                                 /* around max */
    enum hash_group group;
    unsigned lines, by;    /* columns of the group */
    const char *max, *min; /* keys of %MaxNbOf and %MinHit */
};

/* ---- finding a section's hashes and limits ---- */

/* Returns $hash{name} as perl passes it to a function. */
static SV *limit(pTHX_ const struct history *history, enum variable variable, const char *name)
{
    HV *hash = variables_hash(&history->loop->variables, variable);
    SV **sv = hv_fetch(hash, name, (I32)strlen(name), 0);
    return sv ? *sv : &PL_sv_undef;
}

/* Returns $array[number]; makes it if it is missing. */
static SV *limit_of(pTHX_ const struct history *history, enum variable variable, unsigned number)
{
    AV *array = variables_array(&history->loop->variables, variable);
    return *av_fetch(array, (SSize_t)number, 1);
}

static SV *comment_of(pTHX_ const struct kind *kind, SV *max)
{
    SV *comment = sv_2mortal(newSVpv(kind->comment, 0));
    if (SvOK(max))
        sv_catsv(comment, max);
    sv_catpv(comment, kind->comment_end);
    return comment;
}

static bool find_group(pTHX_ struct history *history, const struct kind *kind, const char *rest,
                       struct saved_section *saved)
{
    HV *const *hash = history->loop->counters->hash[kind->group];
    SV *max = limit(aTHX_ history, AWSTATS_MaxNbOf, kind->max);
    PERL_UNUSED_VAR(rest);
    *saved = (struct saved_section){
        .name = sv_2mortal(newSVpv(kind->name, 0)),
        .lines = hash[kind->lines],
        .by = hash[kind->by],
        .max = max,
        .min = limit(aTHX_ history, AWSTATS_MinHit, kind->min),
        .comment = comment_of(aTHX_ kind, max),
    };
    return true;
}

static bool find_extra(pTHX_ struct history *history, const struct kind *kind, const char *rest,
                       struct saved_section *saved)
{
    uint64_t number;
    const struct field digits = {rest, strlen(rest)};
    if (!history_number(&digits, &number) || number == 0 || number > history->loop->sections)
        return false;
    history->extra = &history->loop->section[number - 1];
    SV *max = limit_of(aTHX_ history, AWSTATS_MaxNbOfExtra, (unsigned)number);
    *saved = (struct saved_section){
        .name = sv_2mortal(newSVpvf("%s%s", kind->name, rest)),
        .lines = history->extra->hash[HITS],
        .by = history->extra->hash[PAGES],
        .max = max,
        .min = limit_of(aTHX_ history, AWSTATS_MinHitExtra, (unsigned)number),
        .comment = comment_of(aTHX_ kind, max),
    };
    return true;
}

/* Returns $hash{code} if it refers to a hash; else NULL. */
static HV *hash_below(pTHX_ HV *hash, const char *code)
{
    SV **sv = hv_fetch(hash, code, (I32)strlen(code), 0);
    return sv && SvROK(*sv) && SvTYPE(SvRV(*sv)) == SVt_PVHV ? (HV *)SvRV(*sv) : NULL;
}

static bool find_error_pages(pTHX_ struct history *history, const struct kind *kind,
                             const char *rest, struct saved_section *saved)
{
    const struct update_loop *loop = history->loop;
    const struct counters *counters = loop->counters;
    HV *trapped = variables_hash(&loop->variables, AWSTATS_TrapInfosForHTTPErrorCodes);
    HV *const all[ERROR_HASHES] = {counters->error_url, counters->error_referer,
                                   counters->error_host};
    if (!hv_exists(trapped, rest, (I32)strlen(rest)))
        return false;
    for (unsigned i = 0; i < ERROR_HASHES; i++)
        history->error_pages[i] = hash_below(aTHX_ all[i], rest);
    *saved = (struct saved_section){
        .name = sv_2mortal(newSVpvf("%s%s", kind->name, rest)),
        .lines = history->error_pages[ERROR_HITS],
        .comment = sv_2mortal(newSVpvf("%s%s%s%s%s\n", kind->comment, rest, kind->comment_end,
                                       loop->error_referers ? " - Last URL referrer" : "",
                                       loop->error_hosts ? " - Host" : "")),
    };
    return true;
}

/* ---- writing a section ---- */

/* Writes the comment, and the first line of the section; stores the place of that line for
 * AWStats. */
static void begin_section(pTHX_ struct history *history, const char *section,
                          const struct saved_section *saved)
{
    HV *places = variables_hash(&history->loop->variables, AWSTATS_ValueInFile);
    PerlIO_write(history->file, SvPVX_const(saved->comment), SvCUR(saved->comment));
    SV *place = newSViv((IV)PerlIO_tell(history->file));
    (void)hv_store(places, section, (I32)strlen(section), place, 0);
    sv_catpvf(history->out, "BEGIN_%s ", SvPVX_const(saved->name));
    history_put_number(aTHX_ history, saved->lines ? counters_keys(aTHX_ saved->lines) : 0);
    history_end_line(aTHX_ history);
}

static void end_section(pTHX_ struct history *history, const struct saved_section *saved)
{
    sv_catpvf(history->out, "END_%s", SvPVX_const(saved->name));
    history_end_line(aTHX_ history);
}

/* Writes a line for each key in perl's order, except those that have one already. */
static void put_others(pTHX_ struct history *history, HV *lines, history_put_line *put_line)
{
    HE *entry;
    hv_iterinit(lines);
    while ((entry = hv_iternext(lines))) {
        history_set_key(aTHX_ history, HeKEY(entry), (size_t)HeKLEN(entry));
        if (!hv_exists_ent(history->listed, history->key, history->hash))
            put_line(aTHX_ history);
    }
}

/* Calls BuildKeyList, which makes @keylist of the keys that come first. */
static AV *first_keys(pTHX_ const struct history *history, const struct saved_section *saved)
{
    const struct variables *variables = &history->loop->variables;
    dSP;
    ENTER;
    SAVETMPS;
    PUSHMARK(SP);
    EXTEND(SP, 4);
    PUSHs(saved->max);
    PUSHs(saved->min);
    mPUSHs(newRV_inc((SV *)saved->lines));
    mPUSHs(newRV_inc((SV *)saved->by));
    PUTBACK;
    call_sv((SV *)variables_function(variables, AWSTATS_BuildKeyList), G_VOID | G_DISCARD);
    FREETMPS;
    LEAVE;
    return variables_array(variables, AWSTATS_keylist);
}

static void put_first(pTHX_ struct history *history, const struct saved_section *saved,
                      history_put_line *put_line)
{
    AV *list = first_keys(aTHX_ history, saved);
    for (SSize_t i = 0; i <= av_len(list); i++) {
        STRLEN size;
        SV *sv = *av_fetch(list, i, 1);
        const char *key = SvPV_const(sv, size);
        history_set_key(aTHX_ history, key, size);
        (void)hv_store_ent(history->listed, history->key, newSV(0), history->hash);
        put_line(aTHX_ history);
    }
}

/* Counts the month's hosts, those with a name and those without. */
static void count_hosts(pTHX_ struct history *history, SV *year, SV *month)
{
    HV *const *host = history->loop->counters->hash[GROUP_HOST];
    const struct {
        enum variable hash;
        UV number;
    } month_numbers[] = {
        {AWSTATS_MonthUnique, counters_keys(aTHX_ host[PAGES])},
        {AWSTATS_MonthHostsKnown, history->known_hosts},
        {AWSTATS_MonthHostsUnknown, counters_keys(aTHX_ host[HITS]) - history->known_hosts},
    };
    SV *key = sv_2mortal(newSVpvf("%" SVf "%" SVf, SVfARG(year), SVfARG(month)));
    for (size_t i = 0; i < sizeof month_numbers / sizeof month_numbers[0]; i++) {
        HV *hash = variables_hash(&history->loop->variables, month_numbers[i].hash);
        sv_setuv(HeVAL(hv_fetch_ent(hash, key, 1, 0)), month_numbers[i].number);
    }
}

/* ---- the kinds of sections ---- */

#define FIRST_PAGES " first Pages must be first (order not required for others)\n"

static const struct kind kinds[] = {
    {"visitor", "VISITOR", find_group, history_put_visitor, count_hosts,
     "\n# Host - Pages - Hits - Bandwidth - Last visit date - [Start date of last visit] - [Last "
     "page of last visit]\n# [Start date of last visit] and [Last page of last visit] are saved "
     "only if session is not finished\n# The ",
     " first Hits must be first (order not required for others)\n", GROUP_HOST, HITS, PAGES,
     "HostsShown", "Host"},
    {"sider", "SIDER", find_group, history_put_page, NULL,
     "\n# URL - Pages - Bandwidth - Entry - Exit\n# The ", FIRST_PAGES, GROUP_URL, PAGES, PAGES,
     "PageShown", "File"},
    {"pagerefs", "PAGEREFS", find_group, history_put_referer, NULL,
     "\n# External page referers - Pages - Hits\n# The ", FIRST_PAGES, GROUP_PAGE_REFERER, HITS,
     PAGES, "RefererShown", "Refer"},
    {"extra_", "EXTRA_", find_extra, history_put_extra_row, NULL,
     "\n# Extra key - Pages - Hits - Bandwidth - Last access\n# The ",
     " first number of hits are first\n", 0, 0, 0, NULL, NULL},
    {"sider_", "SIDER_", find_error_pages, history_put_error_page, NULL, "\n# URL with ",
     " errors - Hits", 0, 0, 0, NULL, NULL},
};

/* Returns the kind of a section, and REST: what follows "extra_" or "sider_".  NULL if it is none
 * of these. */
static const struct kind *kind_of(const char *section, const char **rest)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t size = strlen(kinds[i].section);
        bool begins = kinds[i].section[size - 1] == '_';
        *rest = section + size;
        if (strncmp(section, kinds[i].section, size) == 0 && (begins || **rest == '\0'))
            return &kinds[i];
    }
    return NULL;
}

/* Whether perl takes all keys of a hash for bytes. */
static bool has_plain_keys(const HV *hash)
{
    return !hash || !HvHASKFLAGS(hash);
}

bool history_save(pTHX_ struct history *history, const char *section, SV *year, SV *month)
{
    IO *io = GvIO(variables_glob(&history->loop->variables, AWSTATS_HISTORYTMP));
    history->file = io ? IoOFP(io) : NULL;
    if (!history->file || PerlIO_isutf8(history->file))
        return false;
    const char *rest;
    const struct kind *kind = kind_of(section, &rest);
    struct saved_section saved;
    if (!kind || !kind->find(aTHX_ history, kind, rest, &saved) || !has_plain_keys(saved.lines))
        return false;
    history->known_hosts = 0;
    begin_section(aTHX_ history, section, &saved);
    if (saved.by)
        put_first(aTHX_ history, &saved, kind->put_line);
    if (saved.lines)
        put_others(aTHX_ history, saved.lines, kind->put_line);
    hv_clear(history->listed);
    end_section(aTHX_ history, &saved);
    if (kind->after)
        kind->after(aTHX_ history, year, month);
    return true;
}
