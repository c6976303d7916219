#include "awstats/counters.h"

#include "awstats/scalar.h"

/* The variable that is each column of a group, plus 1; 0: the group has no such column. */
#define COLUMN(name) (AWSTATS_##name + 1)
static const unsigned short column_of[GROUPS][GROUP_COLUMNS] = {
    [GROUP_DAY] = {COLUMN(DayPages), COLUMN(DayHits), COLUMN(DayBytes), COLUMN(DayVisits)},
    [GROUP_PERIOD] = {COLUMN(FirstTime), COLUMN(LastTime), 0, 0},
    [GROUP_DOMAIN] = {COLUMN(_domener_p), COLUMN(_domener_h), COLUMN(_domener_k), 0},
    [GROUP_FILE_TYPE] = {0, COLUMN(_filetypes_h), COLUMN(_filetypes_k), 0},
    [GROUP_ROBOT] = {COLUMN(_robot_r), COLUMN(_robot_h), COLUMN(_robot_k), COLUMN(_robot_l)},
    [GROUP_BROWSER] = {COLUMN(_browser_p), COLUMN(_browser_h), 0, 0},
    [GROUP_OS] = {COLUMN(_os_p), COLUMN(_os_h), 0, 0},
    [GROUP_ENGINE] = {COLUMN(_se_referrals_p), COLUMN(_se_referrals_h), 0, 0},
    [GROUP_ERROR] = {0, COLUMN(_errors_h), COLUMN(_errors_k), 0},
    [GROUP_EDGE] = {COLUMN(_cluster_p), COLUMN(_cluster_h), COLUMN(_cluster_k), 0},
    [GROUP_WORM] = {0, COLUMN(_worm_h), COLUMN(_worm_k), COLUMN(_worm_l)},
    [GROUP_SESSION] = {0, COLUMN(_session), 0, 0},
    [GROUP_MISC] = {0, COLUMN(_misc_h), 0, 0},
    [GROUP_SIZE] = {0, COLUMN(_filesize), 0, 0},
};
#undef COLUMN

/* The columns of a group that are times, as bits. */
static const uint8_t times_of[GROUPS] = {
    [GROUP_PERIOD] = 1 << PERIOD_FIRST | 1 << PERIOD_LAST,
    [GROUP_ROBOT] = 1 << LAST,
    [GROUP_WORM] = 1 << LAST,
};

static const enum variable array_of_hour[HOURLY] = {
    [HOUR_PAGES] = AWSTATS__time_p,         [HOUR_HITS] = AWSTATS__time_h,
    [HOUR_BYTES] = AWSTATS__time_k,         [HOUR_OTHER_PAGES] = AWSTATS__time_nv_p,
    [HOUR_OTHER_HITS] = AWSTATS__time_nv_h, [HOUR_OTHER_BYTES] = AWSTATS__time_nv_k,
};

struct counter_key counters_key_new(pTHX_ const char *key, size_t size)
{
    return (struct counter_key){.key = newSVpvn_share(key, (I32)size, 0)};
}

void counters_key_free(pTHX_ struct counter_key key)
{
    SvREFCNT_dec(key.key);
}

void counters_list(struct counters *counters, struct counter_key *key, enum hash_group group)
{
    key->group = group;
    key->is_listed = true;
    key->next = counters->keys;
    counters->keys = key;
}

void counters_even_out(struct counters *counters, struct counter_key *day, unsigned hour,
                       uint64_t bytes)
{
    counters_add(counters, day, GROUP_DAY, BYTES, -bytes);
    counters_add_at(&counters->hourly[HOUR_BYTES], hour, -bytes);
    day->is_evened_out = true;
}

/* ---- giving numbers to AWStats ---- */

void counters_find_variables(struct counter_variables *of_counters,
                             const struct variables *variables)
{
    *of_counters = (struct counter_variables){0};
    for (unsigned group = 0; group < GROUPS; group++) {
        for (unsigned column = 0; column < GROUP_COLUMNS; column++) {
            enum variable variable = (enum variable)(column_of[group][column] - 1);
            if (column_of[group][column] && variables_has(variables, variable))
                of_counters->hash[group][column] = variables_hash(variables, variable);
        }
    }
    for (unsigned i = 0; i < HOURLY; i++)
        of_counters->hourly[i] = variables_array(variables, array_of_hour[i]);
    of_counters->origin[PAGES] = variables_array(variables, AWSTATS__from_p);
    of_counters->origin[HITS] = variables_array(variables, AWSTATS__from_h);
}

SV *counters_variable(pTHX_ const struct counter_variables *of_counters,
                      const struct counter_key *key, enum hash_group group, unsigned column)
{
    return HeVAL(hv_fetch_ent(of_counters->hash[group][column], key->key, 1, 0));
}

static void give_time(pTHX_ SV *sv, uint64_t time, bool is_first, enum given_times times)
{
    bool stays = is_first && SvTRUE(sv);
    if (times == GIVEN_TIMES_ARE_SORTED && SvTRUE(sv))
        stays = is_first ? SvUV(sv) <= time : SvUV(sv) >= time;
    if (!stays)
        sv_setiv(sv, (IV)time);
}

/* Mirrors what counted_tell() does in AWStats' own variables. */
static void give_hits_to_bytes(pTHX_ const struct counter_key *day,
                               const struct counter_variables *to)
{
    if (!SvTRUE(counters_variable(aTHX_ to, day, GROUP_DAY, BYTES)))
        return;
    SV *hits = counters_variable(aTHX_ to, day, GROUP_DAY, HITS);
    if (!SvTRUE(hits))
        sv_setiv(hits, 0);
}

/* Gives the numbers of a key. */
static void give_columns(pTHX_ const struct counter_key *key, const struct counter_variables *to,
                         enum given_times times)
{
    for (unsigned column = 0; column < GROUP_COLUMNS; column++) {
        const unsigned bit = 1U << column;
        if (!(key->columns & bit))
            continue;
        SV *sv = counters_variable(aTHX_ to, key, key->group, column);
        if (times_of[key->group] & bit)
            give_time(aTHX_ sv, key->number[column],
                      key->group == GROUP_PERIOD && column == PERIOD_FIRST, times);
        else
            scalar_add_signed(aTHX_ sv, (IV)key->number[column]);
    }
}

static void give_array(pTHX_ struct counter_array *array, AV *to)
{
    for (unsigned place = 0; place < HOURS; place++) {
        if (array->places & UINT32_C(1) << place)
            scalar_add_signed(aTHX_ * av_fetch(to, (SSize_t)place, 1), (IV)array->number[place]);
    }
    *array = (struct counter_array){0};
}

void counters_give(pTHX_ struct counters *counters, const struct counter_variables *to,
                   enum given_times times)
{
    while (counters->keys) {
        struct counter_key *key = counters->keys;
        counters->keys = key->next;
        give_columns(aTHX_ key, to, times);
        if (key->is_evened_out)
            give_hits_to_bytes(aTHX_ key, to);
        *key = (struct counter_key){.key = key->key};
    }
    for (unsigned i = 0; i < HOURLY; i++)
        give_array(aTHX_ & counters->hourly[i], to->hourly[i]);
    give_array(aTHX_ & counters->origin[PAGES], to->origin[PAGES]);
    give_array(aTHX_ & counters->origin[HITS], to->origin[HITS]);
}
