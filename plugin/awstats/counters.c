#include "awstats/counters.h"

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

static const enum variable array_of_hour[HOURLY] = {
    [HOUR_PAGES] = AWSTATS__time_p,         [HOUR_HITS] = AWSTATS__time_h,
    [HOUR_BYTES] = AWSTATS__time_k,         [HOUR_OTHER_PAGES] = AWSTATS__time_nv_p,
    [HOUR_OTHER_HITS] = AWSTATS__time_nv_h, [HOUR_OTHER_BYTES] = AWSTATS__time_nv_k,
};

void counters_init(struct counters *counters, const struct variables *variables)
{
    *counters = (struct counters){.generation = 1};
    for (unsigned group = 0; group < GROUPS; group++) {
        for (unsigned column = 0; column < GROUP_COLUMNS; column++) {
            enum variable variable = (enum variable)(column_of[group][column] - 1);
            if (column_of[group][column] && variables_has(variables, variable))
                counters->hash[group][column] = variables_hash(variables, variable);
        }
    }
    for (unsigned i = 0; i < HOURLY; i++)
        counters->hourly[i] = variables_array(variables, array_of_hour[i]);
    counters->origin[PAGES] = variables_array(variables, AWSTATS__from_p);
    counters->origin[HITS] = variables_array(variables, AWSTATS__from_h);
}

void counters_forget(struct counters *counters)
{
    if (++counters->generation == 0)
        counters->generation = 1;
}

struct counter_key counters_key_new(pTHX_ const char *key, size_t size)
{
    return (struct counter_key){.key = newSVpvn_share(key, (I32)size, 0)};
}

void counters_key_free(pTHX_ struct counter_key key)
{
    SvREFCNT_dec(key.key);
}

static void bring_up_to_date(const struct counters *counters, struct counter_key *key)
{
    if (key->generation == counters->generation)
        return;
    key->generation = counters->generation;
    memset(key->sv, 0, sizeof key->sv);
}

SV *counters_find(pTHX_ const struct counters *counters, struct counter_key *key, HV *hash,
                  unsigned column)
{
    bring_up_to_date(counters, key);
    key->sv[column] = HeVAL(hv_fetch_ent(hash, key->key, 1, 0));
    return key->sv[column];
}

static SV *element(pTHX_ AV *array, unsigned index)
{
    return *av_fetch(array, (SSize_t)index, 1);
}

static void bring_arrays_up_to_date(struct counters *counters)
{
    if (counters->array_generation == counters->generation)
        return;
    counters->array_generation = counters->generation;
    memset(counters->hourly_sv, 0, sizeof counters->hourly_sv);
    memset(counters->origin_sv, 0, sizeof counters->origin_sv);
}

SV *counters_of_hour(pTHX_ struct counters *counters, enum hourly what, unsigned hour)
{
    bring_arrays_up_to_date(counters);
    SV **sv = &counters->hourly_sv[what][hour];
    if (!*sv)
        *sv = element(aTHX_ counters->hourly[what], hour);
    return *sv;
}

SV *counters_of_origin(pTHX_ struct counters *counters, unsigned column, unsigned origin)
{
    bring_arrays_up_to_date(counters);
    SV **sv = &counters->origin_sv[column][origin];
    if (!*sv)
        *sv = element(aTHX_ counters->origin[column], origin);
    return *sv;
}

bool counters_read_time(pTHX_ SV *sv, UV *time)
{
    if (!sv || (!SvIOK(sv) && looks_like_number(sv) != IS_NUMBER_IN_UV))
        return false;
    *time = SvUV(sv);
    return counters_is_time(*time);
}

/* Whether Perl would calculate with a scalar as a whole number.  Numbers from a history file are
 * strings. */
static bool is_whole(pTHX_ SV *sv)
{
    if (!(SvFLAGS(sv) & (SVf_IOK | SVp_IOK)) && (SvFLAGS(sv) & (SVf_NOK | SVf_POK)))
        (void)SvIV(sv);
    return SvIOK(sv);
}

void counters_add_otherwise(pTHX_ SV *sv, UV amount)
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

void counters_subtract(pTHX_ SV *sv, UV amount)
{
    if (is_whole(aTHX_ sv) && (SvIsUV(sv) || SvIVX(sv) >= 0) && SvUVX(sv) >= amount)
        sv_setuv(sv, SvUVX(sv) - amount);
    else
        sv_setnv(sv, SvNV(sv) - (NV)amount);
}

void counters_add_signed(pTHX_ SV *sv, IV amount)
{
    if (amount < 0)
        counters_subtract(aTHX_ sv, -(UV)amount);
    else
        counters_add(aTHX_ sv, (UV)amount);
}

bool counters_read_whole(pTHX_ SV *sv, int64_t *number)
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
