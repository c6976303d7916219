#include <stdlib.h>

#include "awstats/settings.h"
#include "values/internal.h"

static char no_match; /* its address stands in value.found */

/* ---- tables ---- */

void *values_get(struct table *table, const char *key, size_t size)
{
    void *entry = table_get(table, key, size);
    if (!entry)
        croak("out of memory");
    return entry;
}

static struct name *name_in(pTHX_ const char *text, size_t size, struct table *table)
{
    struct name *name = values_get(table, text, size);
    if (!name->item.key)
        name->item = item_new(aTHX_ text, size);
    return name;
}

struct name *values_name(pTHX_ struct values *values, enum kind_of_name kind, const char *text,
                         size_t size)
{
    return name_in(aTHX_ text, size, &values->names[kind]);
}

struct name *values_name_of(pTHX_ struct values *values, enum kind_of_name kind, SV *sv)
{
    STRLEN size;
    const char *text = SvPV_const(sv, size);
    return values_name(aTHX_ values, kind, text, size);
}

struct item values_item_of(pTHX_ SV *sv)
{
    STRLEN size;
    const char *text = SvPV_const(sv, size);
    return item_new(aTHX_ text, size);
}

char *values_scratch(pTHX_ struct values *values, size_t size)
{
    if (size > values->scratch_size) {
        char *larger = realloc(values->scratch, size * 2);
        if (!larger)
            croak("out of memory");
        values->scratch = larger;
        values->scratch_size = size * 2;
    }
    return values->scratch;
}

/* ---- AWStats' memory ---- */

SV *values_remembered(pTHX_ HV *memory, SV *key)
{
    HE *found = hv_fetch_ent(memory, key, 0, 0);
    return found && SvTRUE(HeVAL(found)) ? HeVAL(found) : NULL;
}

bool values_is_character(pTHX_ SV *sv, char c)
{
    STRLEN size;
    const char *text = SvPV_const(sv, size);
    return size == 1 && *text == c;
}

/* ---- status ---- */

struct status *values_status(pTHX_ struct values *values, const struct record *record)
{
    struct status *status = &values->status[record->status];
    if (status->asked)
        return status;
    const struct field *field = &record->field[COLUMN_STATUS];
    unsigned answers;
    SV *argument = values_text(aTHX_ field->text, field->size);
    SV **answer = values_ask(aTHX_ values, ASK_STATUS, &argument, 1, &answers);
    status->odd = answers == 0;
    if (!status->odd) {
        status->valid = SvTRUE(answer[0]);
        status->trapped = SvOK(answer[1]) ? newSVsv(answer[1]) : NULL;
        status->in_section = savepv(SvPV_nolen_const(answer[2]));
    }
    values_answered(aTHX);
    status->item = item_new(aTHX_ field->text, field->size);
    status->asked = true;
    return status;
}

/* ---- sizes ---- */

struct name *values_size(pTHX_ struct values *values, UV bytes)
{
    static const UV up_to[] = {44, 100, 500, 1024, 2048, 5120};
    unsigned range = 0;
    while (range < 6 && bytes > up_to[range])
        range++;
    return values_name_of(aTHX_ values, NAME_SIZE, values->size_range[range]);
}

/* ---- patterns of extra sections ---- */

struct value *values_plain(pTHX_ struct values *values, enum source source, const char *text,
                           size_t size)
{
    return values_get(&values->plain[source], text, size);
}

void *values_match(pTHX_ struct values *values, unsigned pattern, struct value *value,
                   const char *text, size_t size)
{
    const struct pattern *asked = &values->pattern[pattern];
    if (!value->found) {
        value->found = calloc(values->patterns_of[asked->source], sizeof *value->found);
        if (!value->found)
            croak("out of memory");
    }
    void **found = &value->found[asked->index];
    if (!*found) {
        SV *argument[] = {sv_2mortal(newSVuv(pattern)), values_text(aTHX_ text, size)};
        unsigned answers;
        SV **answer = values_ask(aTHX_ values, ASK_PATTERN, argument, 2, &answers);
        void *match = &no_match;
        if (answers > 0) {
            match = value;
            if (asked->rows) {
                STRLEN length;
                const char *row = SvPV_const(answer[0], length);
                match = name_in(aTHX_ row, length, asked->rows);
            }
        }
        values_answered(aTHX);
        *found = match;
    }
    return *found == &no_match ? NULL : *found;
}

/* ---- beginning and end ---- */

static void take_separators(pTHX_ struct values *values, HV *setting)
{
    SV *sv = setting_of(aTHX_ setting, "separators");
    STRLEN size = 0;
    const char *text = sv ? SvPV_const(sv, size) : "";
    for (STRLEN i = 0; i < size; i++)
        values->separator[(unsigned char)text[i]] = true;
}

static void take_ranges(pTHX_ SV *range[7], AV *names)
{
    for (unsigned i = 0; i < 7; i++) {
        SV **sv = av_fetch(names, (SSize_t)i, 0);
        range[i] = sv ? newSVsv(*sv) : newSVpvs("");
    }
}

void values_init(pTHX_ struct values *values, const struct variables *variables,
                 struct counters *counters, HV *setting)
{
    SV *seed_sv = setting_of(aTHX_ setting, "seed");
    UV seed = seed_sv ? SvUV(seed_sv) : 0;
    values->variables = variables;
    values->counters = counters;
    values_take_questions(aTHX_ values, setting);
    take_separators(aTHX_ values, setting);
    values->url_with_query = setting_flag(aTHX_ setting, "url_with_query");
    values->referer_with_query = setting_flag(aTHX_ setting, "referer_with_query");
    values->decode_agents = setting_flag(aTHX_ setting, "decode_agents");
    values->browsers = setting_flag(aTHX_ setting, "browsers");
    values->oses = setting_flag(aTHX_ setting, "oses");
    SV *divisor = setting_of(aTHX_ setting, "break_divisor");
    values->break_divisor = divisor && SvUV(divisor) ? SvUV(divisor) : 1;
    take_ranges(aTHX_ values->session_range, variables_array(variables, AWSTATS_SessionsRange));
    if (variables_has(variables, AWSTATS_PayloadRange))
        take_ranges(aTHX_ values->size_range, variables_array(variables, AWSTATS_PayloadRange));
    values->robot_of = variables_hash(variables, AWSTATS_TmpRobot);
    values->browser_of = variables_hash(variables, AWSTATS_TmpBrowser);
    values->os_of = variables_hash(variables, AWSTATS_TmpOS);
    values->server_of = variables_hash(variables, AWSTATS_TmpRefererServer);
    values->engines_without_query =
        variables_hash(variables, AWSTATS_SearchEnginesWithKeysNotInQuery);

    table_init(&values->vhosts, sizeof(struct vhost), seed);
    table_init(&values->urls, sizeof(struct url), seed);
    table_init(&values->hosts, sizeof(struct host), seed);
    table_init(&values->agents, sizeof(struct agent), seed);
    table_init(&values->referers, sizeof(struct referer), seed);
    table_init(&values->servers, sizeof(struct server), seed);
    table_init(&values->moments, sizeof(struct moment), seed);
    table_init(&values->hours, sizeof(struct hour), seed);
    for (unsigned i = 0; i < NAMES; i++)
        table_init(&values->names[i], sizeof(struct name), seed);
    for (unsigned i = 0; i < SOURCES; i++)
        table_init(&values->plain[i], sizeof(struct value), seed);
}

static void release_plain(void *entry, void *context)
{
    PERL_UNUSED_VAR(context);
    free(((struct value *)entry)->found);
}

static void release_name(void *entry, void *context)
{
    dTHXa(context);
    item_free(aTHX_((struct name *)entry)->item);
}

void values_clear(pTHX_ struct values *values)
{
#ifdef PERL_IMPLICIT_CONTEXT
    void *context = aTHX;
#else
    void *context = NULL;
#endif
    table_clear(&values->vhosts, values_release_vhost, context);
    table_clear(&values->urls, values_release_url, context);
    table_clear(&values->hosts, values_release_host, context);
    table_clear(&values->agents, values_release_agent, context);
    table_clear(&values->referers, values_release_referer, context);
    table_clear(&values->servers, NULL, NULL);
    table_clear(&values->moments, values_release_moment, context);
    table_clear(&values->hours, NULL, NULL);
    for (unsigned i = 0; i < NAMES; i++)
        table_clear(&values->names[i], release_name, context);
    for (unsigned i = 0; i < SOURCES; i++)
        table_clear(&values->plain[i], release_plain, context);
    for (unsigned i = 0; i < values->patterns; i++) {
        if (values->pattern[i].rows)
            table_clear(values->pattern[i].rows, release_name, context);
    }
}

void values_free(pTHX_ struct values *values)
{
    values_clear(aTHX_ values);
    for (unsigned i = 0; i < 1000; i++) {
        struct status *status = &values->status[i];
        item_free(aTHX_ status->item);
        SvREFCNT_dec(status->trapped);
        Safefree(status->in_section);
    }
    for (unsigned i = 0; i < QUESTIONS; i++)
        SvREFCNT_dec(values->ask[i]);
    for (unsigned i = 0; i < 7; i++) {
        SvREFCNT_dec(values->session_range[i]);
        SvREFCNT_dec(values->size_range[i]);
    }
    free(values->scratch);
}

/* An entry's scalars take some of the heap beside it, and of its key there are copies. */
static size_t memory_of(const struct table *table)
{
    return table->slots * sizeof *table->slot + table->entries * (table->entry_size + 256) +
           table->key_bytes * 3;
}

size_t values_memory(const struct values *values)
{
    size_t memory = memory_of(&values->vhosts) + memory_of(&values->urls) +
                    memory_of(&values->hosts) + memory_of(&values->agents) +
                    memory_of(&values->referers) + memory_of(&values->servers) +
                    memory_of(&values->moments) + memory_of(&values->hours);
    for (unsigned i = 0; i < NAMES; i++)
        memory += memory_of(&values->names[i]);
    for (unsigned i = 0; i < SOURCES; i++)
        memory += memory_of(&values->plain[i]);
    return memory;
}
