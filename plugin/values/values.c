#include "values/values.h"

#include <stdlib.h>
#include <string.h>

#include "awstats/settings.h"
#include "memory/allocate.h"
#include "values/internal.h"

/* ---- functions for all kinds of fields ---- */

void values_set_alone(struct values *values, bool alone)
{
    values->is_alone = alone;
}

bool values_are_alone(const struct values *values)
{
    return values->is_alone;
}

void values_no_memory(const struct values *values)
{
    if (values->is_alone)
        memory_exhausted();
    dTHX;
    croak("out of memory");
}

char *values_scratch(struct values *values, size_t size)
{
    if (size > values->scratch_size) {
        char *larger = realloc(values->scratch, size * 2);
        if (!larger)
            values_no_memory(values);
        values->scratch = larger;
        values->scratch_size = size * 2;
    }
    return values->scratch;
}

size_t values_size_without_query(const struct values *values, const char *text, size_t size)
{
    if (values->referer_with_query)
        return size;
    size_t end = 0;
    while (end < size && !values->separator[(unsigned char)text[end]])
        end++;
    return end;
}

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

/* ---- start and end ---- */

static void take_separators(pTHX_ struct values *values, HV *settings)
{
    SV *sv = settings_get(aTHX_ settings, "separators");
    STRLEN size = 0;
    const char *text = sv ? SvPV_const(sv, size) : "";
    for (STRLEN i = 0; i < size; i++)
        values->separator[(unsigned char)text[i]] = true;
}

static void take_ranges(pTHX_ SV *range[RANGES], AV *names)
{
    for (unsigned i = 0; i < RANGES; i++) {
        SV **sv = names ? av_fetch(names, (SSize_t)i, 0) : NULL;
        STRLEN size = 0;
        const char *name = sv ? SvPV_const(*sv, size) : "";
        range[i] = newSVpvn(name, size);
    }
}

static void take_variables(pTHX_ struct values *values, const struct variables *variables)
{
    bool has_sizes = variables_has(variables, AWSTATS_PayloadRange);
    take_ranges(aTHX_ values->session_range, variables_array(variables, AWSTATS_SessionsRange));
    take_ranges(aTHX_ values->size_range,
                has_sizes ? variables_array(variables, AWSTATS_PayloadRange) : NULL);
    values->robot_of = variables_hash(variables, AWSTATS_TmpRobot);
    values->browser_of = variables_hash(variables, AWSTATS_TmpBrowser);
    values->os_of = variables_hash(variables, AWSTATS_TmpOS);
    values->server_of = variables_hash(variables, AWSTATS_TmpRefererServer);
    values->engines_without_query =
        variables_hash(variables, AWSTATS_SearchEnginesWithKeysNotInQuery);
}

static void init_tables(struct values *values, uint64_t seed)
{
    table_init(&values->vhosts, sizeof(struct vhost), seed);
    table_init(&values->urls, sizeof(struct url), seed);
    table_init(&values->url_types, sizeof(struct url), seed);
    table_init(&values->hosts, sizeof(struct host), seed);
    table_init(&values->agents, sizeof(struct agent), seed);
    table_init(&values->referers, sizeof(struct referer), seed);
    table_init(&values->servers, sizeof(struct server), seed);
    table_init(&values->moments, sizeof(struct moment), seed);
    table_init(&values->hours, sizeof(struct local_hour), seed);
    for (unsigned i = 0; i < NAME_KINDS; i++)
        table_init(&values->names[i], sizeof(struct counted_name), seed);
    for (unsigned i = 0; i < PATTERN_FIELDS; i++)
        table_init(&values->plain[i], sizeof(struct field_class), seed);
}

struct values *values_new(pTHX_ const struct variables *variables, HV *settings)
{
    SV *callback[CALLBACKS];
    values_take_callbacks(aTHX_ callback, settings);
    struct values *values;
    Newxz(values, 1, struct values);
    Copy(callback, values->callback, CALLBACKS, SV *);
    values->generation = 1;
    take_separators(aTHX_ values, settings);
    values->url_with_query = settings_flag(aTHX_ settings, "url_with_query");
    values->referer_with_query = settings_flag(aTHX_ settings, "referer_with_query");
    values->decode_agents = settings_flag(aTHX_ settings, "decode_agents");
    values->browsers = settings_flag(aTHX_ settings, "browsers");
    values->oses = settings_flag(aTHX_ settings, "oses");
    values->usual = usual_urls_new(aTHX_ settings);
    UV divisor = settings_number(aTHX_ settings, "period_divisor");
    values->period_divisor = divisor ? divisor : 1;
    take_variables(aTHX_ values, variables);
    init_tables(values, settings_number(aTHX_ settings, "seed"));
    return values;
}

void values_forget_delegated(struct values *values)
{
    if (++values->generation == 0)
        values->generation = 1;
}

void values_clear_hosts(struct values *values)
{
    numbered_clear_column(&values->numbered, COLUMN_CLIENT);
    table_clear(&values->hosts, values->patterns_of[PATTERN_HOST] ? values_release_host : NULL,
                NULL);
}

void values_clear(pTHX_ struct values *values)
{
#ifdef PERL_IMPLICIT_CONTEXT
    void *context = aTHX;
#else
    void *context = NULL;
#endif
    numbered_clear(&values->numbered);
    memset(values->session, 0, sizeof values->session);
    table_clear(&values->vhosts, values_release_vhost, context);
    table_clear(&values->urls, values_release_url, context);
    table_clear(&values->url_types, values_release_url, context);
    table_clear(&values->hosts, values_release_host, context);
    table_clear(&values->agents, values_release_agent, context);
    table_clear(&values->referers, values_release_referer, context);
    table_clear(&values->servers, NULL, NULL);
    table_clear(&values->moments, values_release_moment, context);
    table_clear(&values->hours, NULL, NULL);
    for (unsigned i = 0; i < NAME_KINDS; i++)
        table_clear(&values->names[i], values_release_name, context);
    for (unsigned i = 0; i < PATTERN_FIELDS; i++)
        table_clear(&values->plain[i], values_release_plain, context);
    for (unsigned i = 0; i < values->patterns; i++) {
        if (values->pattern[i].rows)
            table_clear(values->pattern[i].rows, NULL, NULL);
    }
}

void values_free(pTHX_ struct values *values)
{
    values_clear(aTHX_ values);
    for (unsigned i = 0; i < STATUS_CODES; i++)
        values_release_status(aTHX_ & values->status[i]);
    for (unsigned i = 0; i < CALLBACKS; i++)
        SvREFCNT_dec(values->callback[i]);
    for (unsigned i = 0; i < RANGES; i++) {
        SvREFCNT_dec(values->session_range[i]);
        SvREFCNT_dec(values->size_range[i]);
    }
    usual_urls_free(aTHX_ & values->usual);
    Safefree(values->pattern);
    Safefree(values->url_row);
    free(values->scratch);
    Safefree(values);
}

/* Returns the approximate memory of a table whose entries each have a scalar with a copy of the key. */
static size_t memory_with_scalars(const struct table *table)
{
    enum { SCALAR = 80 };
    return table_memory(table) + table->entries * SCALAR + table->memory.memory -
           table->entries * table->entry_size;
}

size_t values_memory_of_hosts(const struct values *values)
{
    return table_memory(&values->hosts);
}

size_t values_memory_of_awstats(pTHX_ const struct values *values)
{
    enum { KEY = 240 }; /* bytes of a key of usual size and its value, as measured */
    PERL_UNUSED_CONTEXT;
    return KEY * (HvTOTALKEYS(values->robot_of) + HvTOTALKEYS(values->browser_of) +
                  HvTOTALKEYS(values->os_of) + HvTOTALKEYS(values->server_of));
}

size_t values_memory(const struct values *values)
{
    size_t memory = table_memory(&values->vhosts) +
                    (values->url_with_query ? memory_with_scalars(&values->urls)
                                            : table_memory(&values->urls)) +
                    memory_with_scalars(&values->url_types) + memory_with_scalars(&values->agents) +
                    table_memory(&values->referers) + table_memory(&values->servers) +
                    memory_with_scalars(&values->moments) + table_memory(&values->hours) +
                    numbered_memory(&values->numbered);
    for (unsigned i = 0; i < NAME_KINDS; i++)
        memory += memory_with_scalars(&values->names[i]);
    for (unsigned i = 0; i < PATTERN_FIELDS; i++)
        memory += table_memory(&values->plain[i]);
    for (unsigned i = 0; i < values->patterns; i++) {
        const struct table *rows = values->pattern[i].rows;
        if (rows && (i == 0 || values->pattern[i - 1].rows != rows))
            memory += table_memory(rows);
    }
    return memory;
}
