/* Counts a record natively, after decide.c has decided this.  Each function names the place of awstats.pl's update
 * loop that it mirrors, by the comment there. */
#include "loop/internal.h"

static void count_hour(pTHX_ struct update_loop *loop, const struct decision *d, enum hourly what)
{
    counters_increment(aTHX_ counters_of_hour(aTHX_ loop->counters, what, d->moment->hour));
}

static void add_to_hour(pTHX_ struct update_loop *loop, const struct decision *d, enum hourly what,
                        UV bytes)
{
    counters_add(aTHX_ counters_of_hour(aTHX_ loop->counters, what, d->moment->hour), bytes);
}

/* Counts traffic that AWStats calls not viewed, as each place does that changes the _time_nv_ arrays. */
static void count_not_viewed(pTHX_ struct update_loop *loop, const struct decision *d)
{
    if (is_page(d))
        count_hour(aTHX_ loop, d, HOUR_OTHER_PAGES);
    count_hour(aTHX_ loop, d, HOUR_OTHER_HITS);
    add_to_hour(aTHX_ loop, d, HOUR_OTHER_BYTES, d->bytes);
}

/* "Analyze: successful favicon" */
static void count_favicon(pTHX_ struct update_loop *loop, const struct decision *d)
{
    static const char name[] = "AddToFavourites";
    bool found = d->record->status != 404;
    if (found) {
        struct counted_name *favourites =
            values_name(aTHX_ loop->values, NAME_MISC, name, sizeof name - 1);
        count_in(aTHX_ loop, &favourites->counter, GROUP_MISC, HITS);
    }
    count_hour(aTHX_ loop, d, HOUR_OTHER_HITS);
    if (found)
        add_to_hour(aTHX_ loop, d, HOUR_OTHER_BYTES, d->bytes);
}

/* "Analyze: Worms" */
static void count_worm(pTHX_ struct update_loop *loop, const struct decision *d)
{
    struct counter_key *worm = &d->url->worm->counter;
    count_in(aTHX_ loop, worm, GROUP_WORM, HITS);
    add_to(aTHX_ loop, worm, GROUP_WORM, d->bytes);
    set_in(aTHX_ loop, worm, GROUP_WORM, LAST, d->time);
    count_not_viewed(aTHX_ loop, d);
}

/* Stores a field of the last hit of an error page, without its query. */
static void set_detail(const struct update_loop *loop, const struct decision *d, struct row *page,
                       unsigned column, enum column name)
{
    const struct field field = record_field(d->record, name);
    const size_t size = values_size_without_query(loop->values, field.text, field.size);
    if (!tables_set_text(&d->status->pages->texts, page, column, field.text, size))
        croak("out of memory");
}

/* Counts an error page. */
static void count_error_page(pTHX_ struct update_loop *loop, const struct decision *d)
{
    struct status *status = d->status;
    STRLEN size;
    const char *text = SvPV_const(status->trapped, size);
    if (!status->pages)
        status->pages = tables_errors(&loop->tables, text, size);
    const struct field key = url_text(aTHX_ d->url, d->url->error_key);
    struct row *page = status->pages ? rows_get(&status->pages->rows, key.text, key.size) : NULL;
    if (!page)
        croak("out of memory");
    page->column[ERROR_HITS]++;
    if (loop->error_referers)
        set_detail(loop, d, page, ERROR_REFERER, COLUMN_REFERER);
    if (loop->error_hosts)
        set_detail(loop, d, page, ERROR_HOST, COLUMN_CLIENT);
}

/* "Analyze: Status code", "Code is not valid" */
static void count_error(pTHX_ struct update_loop *loop, const struct decision *d)
{
    count_in(aTHX_ loop, &d->status->counter, GROUP_ERROR, HITS);
    add_to(aTHX_ loop, &d->status->counter, GROUP_ERROR, d->bytes);
    if (d->status->trapped)
        count_error_page(aTHX_ loop, d);
    count_not_viewed(aTHX_ loop, d);
}

/* "Analyze: Robot from robot database", and "Analyze: Robot from "hit on robots.txt" file" */
static void count_robot(pTHX_ struct update_loop *loop, const struct decision *d,
                        struct counter_key *robot)
{
    count_in(aTHX_ loop, robot, GROUP_ROBOT, HITS);
    add_to(aTHX_ loop, robot, GROUP_ROBOT, d->bytes);
    set_in(aTHX_ loop, robot, GROUP_ROBOT, LAST, d->time);
    if (d->url->is & URL_ROBOTS_TXT)
        count_in(aTHX_ loop, robot, GROUP_ROBOT, ROBOT_TXT);
    count_not_viewed(aTHX_ loop, d);
}

/* Whether AWStats counts a record as a complete download. */
static bool is_download(const struct decision *d)
{
    return d->status->valid && d->outcome != FAVICON && d->outcome != WORM &&
           d->record->status == 200 && (d->url->is & URL_DOWNLOAD) &&
           !(d->url->is & URL_NO_DOWNLOAD);
}

static struct row *row_of_download(pTHX_ struct update_loop *loop, const struct decision *d)
{
    const struct field path = url_text(aTHX_ d->url, d->url->path);
    return row_of(aTHX_ loop, &loop->tables.of[TABLE_DOWNLOADS], &d->url->download, path.text,
                  path.size);
}

/* "Analyze: Status code", "track downloads" */
static void count_download(pTHX_ struct update_loop *loop, const struct decision *d)
{
    struct row *download = row_of_download(aTHX_ loop, d);
    download->column[DOWNLOAD_HITS]++;
    download->column[DOWNLOAD_BYTES] += d->bytes;
}

/* "Analyze: Status code", "handle 206 download continuation message": AWStats adds the bytes to the
 * day and the hour here, and again if the record turns out to be viewed. */
static void count_partial(pTHX_ struct update_loop *loop, const struct decision *d)
{
    struct row *download = row_of_download(aTHX_ loop, d);
    download->column[DOWNLOAD_BYTES] += d->bytes;
    download->column[DOWNLOAD_PARTIAL]++;
    add_to(aTHX_ loop, &d->moment->day, GROUP_DAY, d->bytes);
    add_to_hour(aTHX_ loop, d, HOUR_BYTES, d->bytes);
}

/* "Analyze: Date - Hour - Pages - Hits - Kilo", its pages */
static void count_page(pTHX_ struct update_loop *loop, const struct decision *d, struct row *page)
{
    struct counter_key *period = &loop->period_key;
    SV *first = counters_number(aTHX_ loop->counters, period, GROUP_PERIOD, PERIOD_FIRST);
    SV *last = counters_number(aTHX_ loop->counters, period, GROUP_PERIOD, PERIOD_LAST);
    if (!SvTRUE(first))
        set_time(aTHX_ first, d->time);
    set_time(aTHX_ last, d->time);
    count_in(aTHX_ loop, &d->moment->day, GROUP_DAY, PAGES);
    page->column[PAGE_VIEWS]++;
    page->column[PAGE_BYTES] += d->bytes;
    count_hour(aTHX_ loop, d, HOUR_PAGES);
}

/* "Analyze: Country (Top-level domain)" and "Analyze: Host, URL entry+exit and Session" */
static void count_host(pTHX_ struct update_loop *loop, const struct decision *d, struct row *page)
{
    struct counter_key *domain = &d->host->domain->counter;
    const struct entry *name = &d->host->class.entry;
    if (loop->notifies_sections) {
        sv_setsv(loop->awstats.agent, d->agent->text);
        values_notify(aTHX_ loop->values, CALLBACK_SECTIONS,
                      sv_2mortal(newSVpvn(name->key, name->size)));
    }
    if (is_page(d))
        count_in(aTHX_ loop, domain, GROUP_DOMAIN, PAGES);
    if (d->outcome != PARTIAL)
        count_in(aTHX_ loop, domain, GROUP_DOMAIN, HITS);
    add_to(aTHX_ loop, domain, GROUP_DOMAIN, d->bytes);
    struct row *host = row_of_host(aTHX_ loop, d);
    if (is_page(d)) {
        visits_count(aTHX_ loop, d, host, page);
        host->column[ROW_PAGES]++;
    }
    host->column[ROW_HITS]++;
    host->column[ROW_BYTES] += d->bytes;
}

/* "Analyze: Browser - OS", one of the two; NAME: NULL if it is not detected */
static void count_viewer(pTHX_ struct update_loop *loop, const struct decision *d,
                         struct counted_name *name, enum hash_group group, bool is_unknown,
                         enum table_kind unknown, struct row_place *place)
{
    if (!name)
        return;
    count_in(aTHX_ loop, &name->counter, group, HITS);
    if (is_page(d))
        count_in(aTHX_ loop, &name->counter, group, PAGES);
    if (is_unknown)
        row_of_sv(aTHX_ loop, &loop->tables.of[unknown], place, d->agent->unknown_key)
            ->column[UNKNOWN_LAST] = d->time;
}

/* "Analyze: Referer" to "Origin not found" */
static void count_origin(pTHX_ struct update_loop *loop, const struct decision *d)
{
    bool page = is_page(d);
    if (page)
        counters_increment(aTHX_ counters_of_origin(aTHX_ loop->counters, PAGES, d->origin));
    counters_increment(aTHX_ counters_of_origin(aTHX_ loop->counters, HITS, d->origin));
    if (d->origin != ORIGIN_ENGINE && d->origin != ORIGIN_LINK)
        return;
    if (d->origin == ORIGIN_LINK) {
        struct row *row = row_of(aTHX_ loop, &loop->tables.of[TABLE_REFERERS], &d->referer->page,
                                 d->referer->class.entry.key, d->referer->page_size);
        row->column[REFERER_PAGES] += page;
        row->column[REFERER_HITS]++;
        return;
    }
    struct counter_key *engine = &d->referer->server->engine->counter;
    if (page)
        count_in(aTHX_ loop, engine, GROUP_ENGINE, PAGES);
    count_in(aTHX_ loop, engine, GROUP_ENGINE, HITS);
    SV *phrase = page ? values_phrase(aTHX_ loop->values, d->referer) : NULL;
    if (phrase)
        row_of_sv(aTHX_ loop, &loop->tables.of[TABLE_PHRASES], &d->referer->phrase_row, phrase)
            ->column[PHRASE_SEARCHES]++;
}

/* "Analyze: File type - Compression" to "Origin not found": all that AWStats does for traffic that
 * was viewed */
static void count_viewed(pTHX_ struct update_loop *loop, const struct decision *d)
{
    bool hit = d->outcome != PARTIAL;
    struct row *page = is_page(d) ? row_of_page(aTHX_ loop, d) : NULL;
    if (loop->file_types) {
        struct counter_key *type = &d->url->file_type->counter;
        if (hit)
            count_in(aTHX_ loop, type, GROUP_FILE_TYPE, HITS);
        add_to(aTHX_ loop, type, GROUP_FILE_TYPE, d->bytes);
    }
    if (page)
        count_page(aTHX_ loop, d, page);
    if (hit) {
        count_hour(aTHX_ loop, d, HOUR_HITS);
        count_in(aTHX_ loop, &d->moment->day, GROUP_DAY, HITS);
    }
    add_to_hour(aTHX_ loop, d, HOUR_BYTES, d->bytes);
    add_to(aTHX_ loop, &d->moment->day, GROUP_DAY, d->bytes);
    count_host(aTHX_ loop, d, page);
    count_viewer(aTHX_ loop, d, d->agent->browser, GROUP_BROWSER, d->agent->unknown_browser,
                 TABLE_UNKNOWN_BROWSERS, &d->agent->unknown_browser_row);
    count_viewer(aTHX_ loop, d, d->agent->os, GROUP_OS, d->agent->unknown_os, TABLE_UNKNOWN_OSES,
                 &d->agent->unknown_os_row);
    count_origin(aTHX_ loop, d);
}

/* "Check cluster" */
static void count_edge(pTHX_ struct update_loop *loop, const struct decision *d)
{
    struct counted_name *edge = values_edge(aTHX_ loop->values, d->record);
    if (is_page(d))
        count_in(aTHX_ loop, &edge->counter, GROUP_EDGE, PAGES);
    count_in(aTHX_ loop, &edge->counter, GROUP_EDGE, HITS);
    add_to(aTHX_ loop, &edge->counter, GROUP_EDGE, d->bytes);
}

/* Passes the record to the functions that must see each counted record. */
static void tell(pTHX_ struct update_loop *loop, const struct decision *d)
{
    static const enum counted_as as[] = {
        [VIEWED] = COUNTED_VIEWED,    [PARTIAL] = COUNTED_PARTIAL, [ERROR] = COUNTED_ERROR,
        [FAVICON] = COUNTED_OTHER,    [WORM] = COUNTED_OTHER,      [ROBOT] = COUNTED_OTHER,
        [ROBOTS_TXT] = COUNTED_OTHER,
    };
    const struct counted_record record = {
        .line = d->record->line,
        .size = d->record->size,
        .as = as[d->outcome],
        .day = d->moment->day.key,
        .hour = d->moment->hour,
        .excess = d->partial ? d->bytes : 0,
    };
    counted_tell(aTHX_ & loop->counted, &record);
}

/* The whole, after "Record is approved" */
void count_record(pTHX_ struct update_loop *loop, const struct decision *d)
{
    static const char unknown[] = "unknown";
    if (d->partial)
        count_partial(aTHX_ loop, d);
    if (is_download(d))
        count_download(aTHX_ loop, d);
    switch (d->outcome) {
    case FAVICON:
        count_favicon(aTHX_ loop, d);
        break;
    case WORM:
        count_worm(aTHX_ loop, d);
        break;
    case ERROR:
        count_error(aTHX_ loop, d);
        break;
    case ROBOT:
        count_robot(aTHX_ loop, d, &d->agent->robot->counter);
        break;
    case ROBOTS_TXT: {
        struct counted_name *robot =
            values_name(aTHX_ loop->values, NAME_ROBOT, unknown, sizeof unknown - 1);
        count_robot(aTHX_ loop, d, &robot->counter);
        break;
    }
    case VIEWED:
    case PARTIAL:
        count_viewed(aTHX_ loop, d);
        break;
    }
    count_edge(aTHX_ loop, d);
    if (loop->sizes)
        count_in(aTHX_ loop, &values_size(aTHX_ loop->values, d->bytes)->counter, GROUP_SIZE, HITS);
    extra_sections_count(aTHX_ loop, d);
    tell(aTHX_ loop, d);
}
