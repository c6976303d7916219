#include "awstats/exchange.h"

#include "awstats/scalar.h"

/* How a hash's values change the column. */
enum meaning {
    ADDS,       /* a number that adds up */
    ADDS_BYTES, /* a number that adds up, and may be below 0 */
    REPLACES,   /* a number that replaces the one before */
    IS_PAGE,    /* the key of a page */
    IGNORED     /* AWStats does not use it */
};

/* A hash of AWStats, and the column with the same numbers. */
struct pair {
    enum variable hash;
    enum table_kind table;
    unsigned column;
    enum meaning meaning;
    bool is_always; /* each row of the table has a key in the hash, even for 0 */
    bool is_read;   /* awstats.pl reads it while it counts */
};

static const struct pair pairs[] = {
    {AWSTATS__host_p, TABLE_HOSTS, ROW_PAGES, ADDS, false, false},
    {AWSTATS__host_h, TABLE_HOSTS, ROW_HITS, ADDS, false, false},
    {AWSTATS__host_k, TABLE_HOSTS, ROW_BYTES, ADDS_BYTES, false, false},
    {AWSTATS__host_l, TABLE_HOSTS, ROW_LAST, REPLACES, false, true},
    {AWSTATS__host_s, TABLE_HOSTS, HOST_START, REPLACES, false, true},
    {AWSTATS__host_u, TABLE_HOSTS, HOST_PAGE, IS_PAGE, false, true},
    {AWSTATS__waithost_e, TABLE_HOSTS, HOST_ENTRY, IS_PAGE, false, false},
    {AWSTATS__waithost_l, TABLE_HOSTS, HOST_WAITING_LAST, REPLACES, false, false},
    {AWSTATS__waithost_s, TABLE_HOSTS, HOST_WAITING_START, REPLACES, false, true},
    {AWSTATS__waithost_u, TABLE_HOSTS, 0, IGNORED, false, false},
    {AWSTATS__url_p, TABLE_PAGES, PAGE_VIEWS, ADDS, false, false},
    {AWSTATS__url_k, TABLE_PAGES, PAGE_BYTES, ADDS_BYTES, false, false},
    {AWSTATS__url_e, TABLE_PAGES, PAGE_ENTRIES, ADDS, false, false},
    {AWSTATS__url_x, TABLE_PAGES, PAGE_EXITS, ADDS, false, false},
    {AWSTATS__pagesrefs_p, TABLE_REFERERS, REFERER_PAGES, ADDS, false, false},
    {AWSTATS__pagesrefs_h, TABLE_REFERERS, REFERER_HITS, ADDS, false, false},
    {AWSTATS__keyphrases, TABLE_PHRASES, PHRASE_SEARCHES, ADDS, false, false},
    {AWSTATS__unknownrefererbrowser_l, TABLE_UNKNOWN_BROWSERS, UNKNOWN_LAST, REPLACES, true, false},
    {AWSTATS__unknownreferer_l, TABLE_UNKNOWN_OSES, UNKNOWN_LAST, REPLACES, true, false},
};
enum { PAIRS = sizeof pairs / sizeof pairs[0] };

static const struct {
    const char *name;
    unsigned column;
    enum meaning meaning;
} downloads[DOWNLOAD_COLUMNS] = {
    {"AWSTATS_HITS", DOWNLOAD_HITS, ADDS},
    {"AWSTATS_206", DOWNLOAD_PARTIAL, ADDS},
    {"AWSTATS_SIZE", DOWNLOAD_BYTES, ADDS_BYTES},
};

static const struct {
    enum variable hash;
    unsigned column;
} errors[ERROR_COLUMNS] = {
    {AWSTATS__sider_h, ERROR_HITS},
    {AWSTATS__referer_h, ERROR_REFERER},
    {AWSTATS__err_host_h, ERROR_HOST},
};

/* A hash whose entries appear when awstats.pl looks for them. */
struct shown {
    const struct exchange *exchange;
    HV *hash;
    const struct pair *pair;
};

struct exchange {
    const struct variables *variables;
    struct tables *tables;
    uint64_t record; /* number of the record that awstats.pl counts */
    struct shown shown[PAIRS];
    HV **extra; /* of each section ROW_COLUMNS_COUNTED hashes */
};

static HV *extra_hash(const struct exchange *exchange, unsigned section, unsigned column)
{
    return exchange->extra[section * ROW_COLUMNS_COUNTED + column];
}

/* ---- numbers and keys ---- */

static void check_memory(const void *memory)
{
    if (!memory)
        croak("out of memory");
}

/* Whether perl takes an entry's key for bytes, not for characters. */
static bool is_bytes(const HE *entry)
{
    return HeKLEN(entry) >= 0 && !(HeKFLAGS(entry) & (HVhek_UTF8 | HVhek_WASUTF8));
}

/* Returns the row of an entry's key; NULL if the key is not bytes. */
static struct row *row_of(pTHX_ struct rows *rows, HE *entry)
{
    if (!is_bytes(entry))
        return NULL;
    struct row *row = rows_get(rows, HeKEY(entry), (size_t)HeKLEN(entry));
    check_memory(row);
    return row;
}

static SV *new_value(pTHX_ const struct row *row, unsigned column, enum meaning meaning)
{
    if (meaning != IS_PAGE)
        return newSViv((IV)row->column[column]);
    const struct row *page = row_pointer(row, column);
    return newSVpvn(page->key, page->size);
}

/* ---- showing rows to awstats.pl ---- */

/* The data of the magic of a hash. */
struct showing {
    struct ufuncs functions; /* must be the first member: perl's type for this magic */
    const struct shown *shown;
};

/* Adds the row of a key to a hash.  Perl calls this function before it looks the key up; the object of the magic
 * is the key. */
static I32 show(pTHX_ IV action, SV *sv)
{
    const MAGIC *magic = mg_find(sv, PERL_MAGIC_uvar);
    const struct showing *showing = (const struct showing *)(const void *)magic->mg_ptr;
    const struct shown *shown = showing->shown;
    const struct tables *tables = shown->exchange->tables;
    SV *key = magic->mg_obj;
    STRLEN size;
    PERL_UNUSED_VAR(action);
    if (!key || tables->given_back)
        return 0;
    const char *text = SvPV_const(key, size);
    const struct row *row = rows_find(&tables->of[shown->pair->table], text, size);
    if (!row || !row->column[shown->pair->column] ||
        hv_common(shown->hash, key, NULL, 0, 0, HV_FETCH_ISEXISTS | HV_DISABLE_UVAR_XKEY, NULL, 0))
        return 0;
    (void)hv_common(shown->hash, key, NULL, 0, 0,
                    HV_FETCH_ISSTORE | HV_FETCH_JUST_SV | HV_DISABLE_UVAR_XKEY,
                    new_value(aTHX_ row, shown->pair->column, shown->pair->meaning), 0);
    return 0;
}

static void start_showing(pTHX_ struct shown *shown)
{
    const struct showing showing = {.functions = {.uf_val = show}, .shown = shown};
    sv_magic((SV *)shown->hash, NULL, PERL_MAGIC_uvar, (const char *)&showing, sizeof showing);
}

void exchange_show_full(pTHX_ struct exchange *exchange, UV rows_max)
{
    const struct tables *tables = exchange->tables;
    for (unsigned i = 0; i < tables->extras; i++) {
        const struct rows *rows = &tables->extra[i];
        HV *hash = extra_hash(exchange, i, ROW_HITS);
        if (rows->count < rows_max)
            continue;
        for (uint32_t number = 0; number < rows->count; number++) {
            const struct row *row = rows_at(rows, number);
            if (!hv_exists(hash, row->key, (I32)row->size))
                (void)hv_store(hash, row->key, (I32)row->size, newSViv(0), 0);
        }
    }
}

/* ---- taking what awstats.pl has added ---- */

/* Takes a value into a column of a row.  Sets a value that was added to 0. */
static bool take_value(pTHX_ struct exchange *exchange, struct row *row, unsigned column,
                       enum meaning meaning, SV *value)
{
    int64_t number;
    if (meaning == IS_PAGE) {
        STRLEN size;
        if (SvUTF8(value))
            return false;
        const char *key = SvPV_const(value, size);
        const bool is_none = column == HOST_PAGE && !SvTRUE(value);
        struct row *page = is_none ? NULL : rows_get(&exchange->tables->of[TABLE_PAGES], key, size);
        if (!is_none)
            check_memory(page);
        row_set_pointer(row, column, page);
        return true;
    }
    if (meaning == IGNORED)
        return true;
    if (!scalar_read_whole(aTHX_ value, &number) || (number < 0 && meaning != ADDS_BYTES))
        return false;
    if (meaning == REPLACES) {
        row->column[column] = (uint64_t)number;
        return true;
    }
    if (!row_add(row, column, number))
        return false;
    sv_setiv(value, 0);
    return true;
}

/* The target of the entries of a hash. */
struct taking {
    struct exchange *exchange;
    struct rows *rows;         /* NULL: the entries are error pages of all codes */
    struct error_pages *pages; /* the error pages of one code; NULL: none */
    unsigned column;
    enum meaning meaning;
};

/* Takes an entry.  Returns false if a table cannot have its key or value. */
typedef bool take_entry(pTHX_ const struct taking *taking, HE *entry);

/* Takes all entries of a hash, and empties the hash.  If an entry cannot be taken, the hash keeps all entries,
 * and the result is false. */
static bool take_entries(pTHX_ HV *hash, take_entry *take, const struct taking *taking)
{
    HE *entry;
    bool is_taken = true;
    if (!HvTOTALKEYS(hash))
        return true;
    hv_iterinit(hash);
    while ((entry = hv_iternext(hash))) {
        if (!take(aTHX_ taking, entry))
            is_taken = false;
    }
    if (is_taken)
        hv_clear(hash);
    return is_taken;
}

/* Takes an entry of a hash that stands for one column. */
static bool take_column(pTHX_ const struct taking *taking, HE *entry)
{
    struct row *row = row_of(aTHX_ taking->rows, entry);
    return row &&
           take_value(aTHX_ taking->exchange, row, taking->column, taking->meaning, HeVAL(entry));
}

/* Returns the hash to which a value refers; NULL if the value is not such a reference. */
static HV *hash_below(const SV *value)
{
    return SvROK(value) && SvTYPE(SvRV(value)) == SVt_PVHV ? (HV *)SvRV(value) : NULL;
}

static bool take_download(pTHX_ const struct taking *taking, HE *entry)
{
    HV *below = hash_below(HeVAL(entry));
    struct row *row = row_of(aTHX_ taking->rows, entry);
    bool is_taken = row && below;
    for (unsigned i = 0; row && below && i < DOWNLOAD_COLUMNS; i++) {
        SV **value = hv_fetch(below, downloads[i].name, (I32)strlen(downloads[i].name), 0);
        if (value && !take_value(aTHX_ taking->exchange, row, downloads[i].column,
                                 downloads[i].meaning, *value))
            is_taken = false;
    }
    return is_taken;
}

/* Takes the last referrer or host of an error page. */
static bool take_text(pTHX_ const struct taking *taking, HE *entry)
{
    struct row *row = row_of(aTHX_ & taking->pages->rows, entry);
    STRLEN size;
    if (!row || SvUTF8(HeVAL(entry)))
        return false;
    const char *text = SvPV_const(HeVAL(entry), size);
    if (!tables_set_text(&taking->pages->texts, row, taking->column, text, size,
                         taking->exchange->record))
        croak("out of memory");
    return true;
}

/* Takes the error pages of one code: their hits, or the referrer or host of their last hits. */
static bool take_code(pTHX_ const struct taking *taking, HE *entry)
{
    HV *below = hash_below(HeVAL(entry));
    if (!below || !is_bytes(entry))
        return false;
    struct error_pages *pages =
        tables_errors(taking->exchange->tables, HeKEY(entry), (size_t)HeKLEN(entry));
    check_memory(pages);
    const struct taking of_code = {taking->exchange, &pages->rows, pages, taking->column, ADDS};
    return take_entries(aTHX_ below, taking->column == ERROR_HITS ? take_column : take_text,
                        &of_code);
}

static enum meaning extra_meaning(unsigned column)
{
    return column == ROW_LAST ? REPLACES : column == ROW_BYTES ? ADDS_BYTES : ADDS;
}

static bool take_extra(pTHX_ struct exchange *exchange, unsigned section)
{
    bool is_taken = true;
    for (unsigned column = 0; column < ROW_COLUMNS_COUNTED; column++) {
        const struct taking taking = {exchange, &exchange->tables->extra[section], NULL, column,
                                      extra_meaning(column)};
        if (!take_entries(aTHX_ extra_hash(exchange, section, column), take_column, &taking))
            is_taken = false;
    }
    return is_taken;
}

void exchange_take(pTHX_ struct exchange *exchange)
{
    struct tables *tables = exchange->tables;
    bool is_taken = true;
    if (tables->given_back)
        return;
    for (unsigned i = 0; i < PAIRS; i++) {
        const struct taking taking = {exchange, &tables->of[pairs[i].table], NULL, pairs[i].column,
                                      pairs[i].meaning};
        if (!take_entries(aTHX_ exchange->shown[i].hash, take_column, &taking))
            is_taken = false;
    }
    const struct taking to_downloads = {.exchange = exchange, .rows = &tables->of[TABLE_DOWNLOADS]};
    if (!take_entries(aTHX_ variables_hash(exchange->variables, AWSTATS__downloads), take_download,
                      &to_downloads))
        is_taken = false;
    for (unsigned i = 0; i < ERROR_COLUMNS; i++) {
        const struct taking taking = {.exchange = exchange, .column = errors[i].column};
        if (!take_entries(aTHX_ variables_hash(exchange->variables, errors[i].hash), take_code,
                          &taking))
            is_taken = false;
    }
    for (unsigned i = 0; i < tables->extras; i++) {
        if (!take_extra(aTHX_ exchange, i))
            is_taken = false;
    }
    if (!is_taken)
        exchange_give_back(aTHX_ exchange);
}

/* ---- giving back ---- */

/* Gives a number or a page to a hash.  A value that awstats.pl has set itself is newer, and stays. */
static void give_value(pTHX_ HV *hash, const struct row *row, unsigned column, enum meaning meaning)
{
    SV **value = hv_fetch(hash, row->key, (I32)row->size, 0);
    if (!value)
        (void)hv_store(hash, row->key, (I32)row->size, new_value(aTHX_ row, column, meaning), 0);
    else if (meaning == ADDS || meaning == ADDS_BYTES)
        scalar_add_signed(aTHX_ * value, (IV)row->column[column]);
}

static void give_rows(pTHX_ HV *hash, const struct rows *rows, unsigned column,
                      enum meaning meaning, bool is_always)
{
    if (meaning == IGNORED)
        return;
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct row *row = rows_at(rows, i);
        if (is_always || row->column[column])
            give_value(aTHX_ hash, row, column, meaning);
    }
}

/* Returns $hash{KEY} as a hash; makes it if it is missing. */
static HV *make_below(pTHX_ HV *hash, const char *key, size_t size)
{
    SV *value = *hv_fetch(hash, key, (I32)size, 1);
    HV *below = hash_below(value);
    if (!below) {
        below = newHV();
        sv_setsv(value, sv_2mortal(newRV_noinc((SV *)below)));
    }
    return below;
}

static void give_downloads(pTHX_ const struct exchange *exchange)
{
    HV *hash = variables_hash(exchange->variables, AWSTATS__downloads);
    const struct rows *rows = &exchange->tables->of[TABLE_DOWNLOADS];
    for (uint32_t number = 0; number < rows->count; number++) {
        const struct row *row = rows_at(rows, number);
        HV *below = make_below(aTHX_ hash, row->key, row->size);
        for (unsigned i = 0; i < DOWNLOAD_COLUMNS; i++) {
            SV *value = *hv_fetch(below, downloads[i].name, (I32)strlen(downloads[i].name), 1);
            scalar_add_signed(aTHX_ value, (IV)row->column[downloads[i].column]);
        }
    }
}

static void give_text(pTHX_ HV *hash, const struct row *row, unsigned column)
{
    const struct row_text *text = row_pointer(row, column);
    if (text && !hv_exists(hash, row->key, (I32)row->size))
        (void)hv_store(hash, row->key, (I32)row->size, newSVpvn(text->bytes, text->size), 0);
}

static void give_errors(pTHX_ const struct exchange *exchange, const struct error_pages *pages)
{
    for (unsigned i = 0; i < ERROR_COLUMNS; i++) {
        HV *hash = variables_hash(exchange->variables, errors[i].hash);
        if (!pages->rows.count)
            continue;
        HV *below = make_below(aTHX_ hash, pages->code, pages->size);
        if (errors[i].column == ERROR_HITS) {
            give_rows(aTHX_ below, &pages->rows, ERROR_HITS, ADDS, false);
            continue;
        }
        for (uint32_t number = 0; number < pages->rows.count; number++)
            give_text(aTHX_ below, rows_at(&pages->rows, number), errors[i].column);
    }
}

void exchange_give_back(pTHX_ struct exchange *exchange)
{
    struct tables *tables = exchange->tables;
    if (tables->given_back)
        return;
    tables->given_back = true;
    ENTER;
    SAVETMPS;
    for (unsigned i = 0; i < PAIRS; i++)
        give_rows(aTHX_ exchange->shown[i].hash, &tables->of[pairs[i].table], pairs[i].column,
                  pairs[i].meaning, pairs[i].is_always);
    give_downloads(aTHX_ exchange);
    for (const struct error_pages *pages = tables->errors; pages; pages = pages->next)
        give_errors(aTHX_ exchange, pages);
    for (unsigned i = 0; i < tables->extras; i++) {
        for (unsigned column = 0; column < ROW_COLUMNS_COUNTED; column++)
            give_rows(aTHX_ extra_hash(exchange, i, column), &tables->extra[i], column,
                      extra_meaning(column), column == ROW_HITS);
    }
    FREETMPS;
    LEAVE;
    tables_clear(tables);
    tables->given_back = true;
}

void exchange_with(struct exchange *exchange, struct tables *tables, uint64_t record)
{
    exchange->tables = tables;
    exchange->record = record;
}

size_t exchange_memory(pTHX_ const struct exchange *exchange)
{
    enum { KEY = 128 }; /* bytes of a key and its number, as measured */
    size_t keys = 0;
    PERL_UNUSED_CONTEXT;
    for (unsigned i = 0; i < PAIRS; i++)
        keys += HvTOTALKEYS(exchange->shown[i].hash);
    return keys * KEY;
}

/* ---- start and end ---- */

struct exchange *exchange_new(pTHX_ const struct variables *variables, struct tables *tables)
{
    static const char letter[ROW_COLUMNS_COUNTED] = {
        [ROW_PAGES] = 'p', [ROW_HITS] = 'h', [ROW_BYTES] = 'k', [ROW_LAST] = 'l'};
    const size_t hashes = (size_t)tables->extras * ROW_COLUMNS_COUNTED;
    SV *extra = sv_2mortal(newSV((hashes + 1) * sizeof(HV *)));
    HV **found = (HV **)(void *)SvPVX(extra);
    for (unsigned i = 0; i < hashes; i++)
        found[i] = variables_extra_section(aTHX_ i / ROW_COLUMNS_COUNTED + 1,
                                           letter[i % ROW_COLUMNS_COUNTED]);
    struct exchange *exchange;
    Newxz(exchange, 1, struct exchange);
    exchange->variables = variables;
    exchange->tables = tables;
    Newxz(exchange->extra, hashes + 1, HV *);
    Copy(found, exchange->extra, hashes, HV *);
    for (unsigned i = 0; i < PAIRS; i++) {
        struct shown *shown = &exchange->shown[i];
        *shown = (struct shown){exchange, variables_hash(variables, pairs[i].hash), &pairs[i]};
        SvREFCNT_inc_simple_void((SV *)shown->hash);
        if (pairs[i].is_read)
            start_showing(aTHX_ shown);
    }
    return exchange;
}

void exchange_free(pTHX_ struct exchange *exchange)
{
    for (unsigned i = 0; i < PAIRS; i++) {
        if (pairs[i].is_read)
            sv_unmagic((SV *)exchange->shown[i].hash, PERL_MAGIC_uvar);
        SvREFCNT_dec((SV *)exchange->shown[i].hash);
    }
    Safefree(exchange->extra);
    Safefree(exchange);
}
