#include "awstats/counters.h"

static const char *const hash_name[TALLIES][SLOTS] = {
    [TALLY_HOST] = {"_host_p", "_host_h", "_host_k", NULL},
    [TALLY_VISIT] = {"_host_l", "_host_s", "_host_u", NULL},
    [TALLY_WAITING] = {"_waithost_e", "_waithost_l", "_waithost_s", "_waithost_u"},
    [TALLY_URL] = {"_url_p", "_url_e", "_url_k", "_url_x"},
    [TALLY_DAY] = {"DayPages", "DayHits", "DayBytes", "DayVisits"},
    [TALLY_BREAK] = {"FirstTime", "LastTime", NULL, NULL},
    [TALLY_DOMAIN] = {"_domener_p", "_domener_h", "_domener_k", NULL},
    [TALLY_FILE_TYPE] = {NULL, "_filetypes_h", "_filetypes_k", NULL},
    [TALLY_ROBOT] = {"_robot_r", "_robot_h", "_robot_k", "_robot_l"},
    [TALLY_BROWSER] = {"_browser_p", "_browser_h", NULL, NULL},
    [TALLY_OS] = {"_os_p", "_os_h", NULL, NULL},
    [TALLY_UNKNOWN_AGENT] = {"_unknownrefererbrowser_l", "_unknownreferer_l", NULL, NULL},
    [TALLY_ENGINE] = {"_se_referrals_p", "_se_referrals_h", NULL, NULL},
    [TALLY_PAGE_REFERER] = {"_pagesrefs_p", "_pagesrefs_h", NULL, NULL},
    [TALLY_ERROR] = {NULL, "_errors_h", "_errors_k", NULL},
    [TALLY_EDGE] = {"_cluster_p", "_cluster_h", "_cluster_k", NULL},
    [TALLY_WORM] = {NULL, "_worm_h", "_worm_k", "_worm_l"},
    [TALLY_SESSION] = {NULL, "_session", NULL, NULL},
    [TALLY_MISC] = {NULL, "_misc_h", NULL, NULL},
    [TALLY_PHRASE] = {NULL, "_keyphrases", NULL, NULL},
    [TALLY_SIZE] = {NULL, "_filesize", NULL, NULL},
};

static const char *const hourly_name[HOURLY] = {
    [HOUR_PAGES] = "_time_p",         [HOUR_HITS] = "_time_h",
    [HOUR_BYTES] = "_time_k",         [HOUR_OTHER_PAGES] = "_time_nv_p",
    [HOUR_OTHER_HITS] = "_time_nv_h", [HOUR_OTHER_BYTES] = "_time_nv_k",
};

static HV *hash_of(pTHX_ const char *name)
{
    SV *full = sv_2mortal(newSVpvf("main::%s", name));
    return get_hv(SvPVX(full), GV_ADD);
}

static AV *array_of(pTHX_ const char *name)
{
    SV *full = sv_2mortal(newSVpvf("main::%s", name));
    return get_av(SvPVX(full), GV_ADD);
}

void counters_init(pTHX_ struct counters *counters)
{
    *counters = (struct counters){.generation = 1};
    for (unsigned tally = 0; tally < TALLIES; tally++) {
        for (unsigned slot = 0; slot < SLOTS; slot++) {
            if (hash_name[tally][slot])
                counters->hash[tally][slot] = hash_of(aTHX_ hash_name[tally][slot]);
        }
    }
    for (unsigned i = 0; i < HOURLY; i++)
        counters->hourly[i] = array_of(aTHX_ hourly_name[i]);
    counters->origin[PAGES] = array_of(aTHX_ "_from_p");
    counters->origin[HITS] = array_of(aTHX_ "_from_h");
    counters->downloads = hash_of(aTHX_ "_downloads");
    counters->error_url = hash_of(aTHX_ "_sider_h");
    counters->error_referer = hash_of(aTHX_ "_referer_h");
    counters->error_host = hash_of(aTHX_ "_err_host_h");
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
