#include "awstats/counters.h"

/* The variable that has each column of a group, and 1 more; 0: there is no such column. */
#define HERE(name) (AWSTATS_##name + 1)
static const unsigned short hash_of[TALLIES][SLOTS] = {
    [TALLY_HOST] = {HERE(_host_p), HERE(_host_h), HERE(_host_k), 0},
    [TALLY_VISIT] = {HERE(_host_l), HERE(_host_s), HERE(_host_u), 0},
    [TALLY_WAITING] = {HERE(_waithost_e), HERE(_waithost_l), HERE(_waithost_s), HERE(_waithost_u)},
    [TALLY_URL] = {HERE(_url_p), HERE(_url_e), HERE(_url_k), HERE(_url_x)},
    [TALLY_DAY] = {HERE(DayPages), HERE(DayHits), HERE(DayBytes), HERE(DayVisits)},
    [TALLY_BREAK] = {HERE(FirstTime), HERE(LastTime), 0, 0},
    [TALLY_DOMAIN] = {HERE(_domener_p), HERE(_domener_h), HERE(_domener_k), 0},
    [TALLY_FILE_TYPE] = {0, HERE(_filetypes_h), HERE(_filetypes_k), 0},
    [TALLY_ROBOT] = {HERE(_robot_r), HERE(_robot_h), HERE(_robot_k), HERE(_robot_l)},
    [TALLY_BROWSER] = {HERE(_browser_p), HERE(_browser_h), 0, 0},
    [TALLY_OS] = {HERE(_os_p), HERE(_os_h), 0, 0},
    [TALLY_UNKNOWN_AGENT] = {HERE(_unknownrefererbrowser_l), HERE(_unknownreferer_l), 0, 0},
    [TALLY_ENGINE] = {HERE(_se_referrals_p), HERE(_se_referrals_h), 0, 0},
    [TALLY_PAGE_REFERER] = {HERE(_pagesrefs_p), HERE(_pagesrefs_h), 0, 0},
    [TALLY_ERROR] = {0, HERE(_errors_h), HERE(_errors_k), 0},
    [TALLY_EDGE] = {HERE(_cluster_p), HERE(_cluster_h), HERE(_cluster_k), 0},
    [TALLY_WORM] = {0, HERE(_worm_h), HERE(_worm_k), HERE(_worm_l)},
    [TALLY_SESSION] = {0, HERE(_session), 0, 0},
    [TALLY_MISC] = {0, HERE(_misc_h), 0, 0},
    [TALLY_PHRASE] = {0, HERE(_keyphrases), 0, 0},
    [TALLY_SIZE] = {0, HERE(_filesize), 0, 0},
};
#undef HERE

static const enum variable array_of_hour[HOURLY] = {
    [HOUR_PAGES] = AWSTATS__time_p,         [HOUR_HITS] = AWSTATS__time_h,
    [HOUR_BYTES] = AWSTATS__time_k,         [HOUR_OTHER_PAGES] = AWSTATS__time_nv_p,
    [HOUR_OTHER_HITS] = AWSTATS__time_nv_h, [HOUR_OTHER_BYTES] = AWSTATS__time_nv_k,
};

void counters_init(struct counters *counters, const struct variables *variables)
{
    *counters = (struct counters){.generation = 1};
    for (unsigned tally = 0; tally < TALLIES; tally++) {
        for (unsigned slot = 0; slot < SLOTS; slot++) {
            enum variable variable = (enum variable)(hash_of[tally][slot] - 1);
            if (hash_of[tally][slot] && variables_has(variables, variable))
                counters->hash[tally][slot] = variables_hash(variables, variable);
        }
    }
    for (unsigned i = 0; i < HOURLY; i++)
        counters->hourly[i] = variables_array(variables, array_of_hour[i]);
    counters->origin[PAGES] = variables_array(variables, AWSTATS__from_p);
    counters->origin[HITS] = variables_array(variables, AWSTATS__from_h);
    counters->downloads = variables_hash(variables, AWSTATS__downloads);
    counters->error_url = variables_hash(variables, AWSTATS__sider_h);
    counters->error_referer = variables_hash(variables, AWSTATS__referer_h);
    counters->error_host = variables_hash(variables, AWSTATS__err_host_h);
}

void counters_forget(struct counters *counters)
{
    if (++counters->generation == 0)
        counters->generation = 1;
}

struct item item_new(pTHX_ const char *key, size_t size)
{
    return (struct item){.key = newSVpvn_share(key, (I32)size, 0)};
}

void item_free(pTHX_ struct item item)
{
    SvREFCNT_dec(item.key);
}

static void bring_up_to_date(const struct counters *counters, struct item *item)
{
    if (item->generation == counters->generation)
        return;
    item->generation = counters->generation;
    memset(item->sv, 0, sizeof item->sv);
}

SV *counter_in(pTHX_ const struct counters *counters, struct item *item, HV *const *hash,
               unsigned slot)
{
    bring_up_to_date(counters, item);
    if (!item->sv[slot])
        item->sv[slot] = HeVAL(hv_fetch_ent(hash[slot], item->key, 1, 0));
    return item->sv[slot];
}

SV *counter(pTHX_ struct counters *counters, struct item *item, enum tally tally, unsigned slot)
{
    return counter_in(aTHX_ counters, item, counters->hash[tally], slot);
}

SV *counter_if_any(pTHX_ struct counters *counters, struct item *item, enum tally tally,
                   unsigned slot)
{
    bring_up_to_date(counters, item);
    if (!item->sv[slot]) {
        HE *found = hv_fetch_ent(counters->hash[tally][slot], item->key, 0, 0);
        item->sv[slot] = found ? HeVAL(found) : NULL;
    }
    return item->sv[slot];
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

SV *counter_of_hour(pTHX_ struct counters *counters, enum hourly what, unsigned hour)
{
    bring_arrays_up_to_date(counters);
    SV **sv = &counters->hourly_sv[what][hour];
    if (!*sv)
        *sv = element(aTHX_ counters->hourly[what], hour);
    return *sv;
}

SV *counter_of_origin(pTHX_ struct counters *counters, unsigned slot, unsigned origin)
{
    bring_arrays_up_to_date(counters);
    SV **sv = &counters->origin_sv[slot][origin];
    if (!*sv)
        *sv = element(aTHX_ counters->origin[slot], origin);
    return *sv;
}

SV *counter_below(pTHX_ HV *hash, SV *key, SV *name)
{
    SV *below = HeVAL(hv_fetch_ent(hash, key, 1, 0));
    if (!SvROK(below) || SvTYPE(SvRV(below)) != SVt_PVHV)
        sv_setsv(below, sv_2mortal(newRV_noinc((SV *)newHV())));
    return HeVAL(hv_fetch_ent((HV *)SvRV(below), name, 1, 0));
}

bool counter_time(pTHX_ SV *sv, UV *time)
{
    if (!sv || (!SvIOK(sv) && looks_like_number(sv) != IS_NUMBER_IN_UV))
        return false;
    *time = SvUV(sv);
    return *time >= 10000101000000 && *time <= 99991231235959;
}

void count_one(pTHX_ SV *sv)
{
    if (is_plain(sv))
        SvIV_set(sv, SvIVX(sv) + 1);
    else
        sv_inc(sv);
}

/* Whether Perl would calculate with it as a whole number.  What history files have are strings. */
static bool is_whole(pTHX_ SV *sv)
{
    if (!(SvFLAGS(sv) & (SVf_IOK | SVp_IOK)) && (SvFLAGS(sv) & (SVf_NOK | SVf_POK)))
        (void)SvIV(sv);
    return SvIOK(sv);
}

void count_add(pTHX_ SV *sv, UV amount)
{
    if (is_plain(sv) && amount < IV_MAX / 2) {
        SvIV_set(sv, SvIVX(sv) + (IV)amount);
    } else if (!SvOK(sv)) {
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
