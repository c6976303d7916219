/* Counts a record natively, after decide.c has decided this.  Each function names the place of awstats.pl's update
 * loop that it mirrors, by the comment there. */
#include "loop/internal.h"

/* KEY++ and KEY += BYTES in a column of a group. */
static void count_in(struct lane *lane, struct counter_key *key, enum hash_group group,
                     unsigned column)
{
    counters_add(&lane->counters, key, group, column, 1);
}

static void add_to(struct lane *lane, struct counter_key *key, enum hash_group group, UV bytes)
{
    counters_add(&lane->counters, key, group, BYTES, bytes);
}

static void count_hour(struct lane *lane, const struct decision *d, enum hourly what)
{
    counters_add_at(&lane->counters.hourly[what], d->moment->hour, 1);
}

static void add_to_hour(struct lane *lane, const struct decision *d, enum hourly what, UV bytes)
{
    counters_add_at(&lane->counters.hourly[what], d->moment->hour, bytes);
}

/* Counts traffic that AWStats calls not viewed, as each place does that changes the _time_nv_ arrays. */
static void count_not_viewed(struct lane *lane, const struct decision *d)
{
    if (is_page(d))
        count_hour(lane, d, HOUR_OTHER_PAGES);
    count_hour(lane, d, HOUR_OTHER_HITS);
    add_to_hour(lane, d, HOUR_OTHER_BYTES, d->bytes);
}

/* "Analyze: successful favicon" */
static void count_favicon(struct lane *lane, const struct decision *d)
{
    bool found = d->record->status != 404;
    if (found)
        count_in(lane, &d->favourites->counter, GROUP_MISC, HITS);
    count_hour(lane, d, HOUR_OTHER_HITS);
    if (found)
        add_to_hour(lane, d, HOUR_OTHER_BYTES, d->bytes);
}

/* "Analyze: Worms" */
static void count_worm(struct lane *lane, const struct decision *d)
{
    struct counter_key *worm = &d->url->worm->counter;
    count_in(lane, worm, GROUP_WORM, HITS);
    add_to(lane, worm, GROUP_WORM, d->bytes);
    counters_set_last(&lane->counters, worm, GROUP_WORM, LAST, d->time);
    count_not_viewed(lane, d);
}

/* Stores a field of the last hit of an error page, without its query. */
static void set_detail(struct lane *lane, const struct decision *d, struct row *page,
                       unsigned column, enum column name)
{
    const struct field field = record_field(d->record, name);
    const size_t size = values_size_without_query(lane->values, field.text, field.size);
    if (!tables_set_text(&d->status->pages->texts, page, column, field.text, size, lane->record))
        values_no_memory(lane->values);
}

/* Counts an error page. */
static void count_error_page(struct lane *lane, const struct decision *d)
{
    struct status *status = d->status;
    if (!status->pages)
        status->pages =
            tables_errors(&lane->tables, SvPVX_const(status->trapped), SvCUR(status->trapped));
    const struct field key = url_text(d->url, d->url->error_key);
    struct row *page = status->pages ? rows_get(&status->pages->rows, key.text, key.size) : NULL;
    if (!page)
        values_no_memory(lane->values);
    page->column[ERROR_HITS]++;
    if (lane->rules->error_referers)
        set_detail(lane, d, page, ERROR_REFERER, COLUMN_REFERER);
    if (lane->rules->error_hosts)
        set_detail(lane, d, page, ERROR_HOST, COLUMN_CLIENT);
}

/* "Analyze: Status code", "Code is not valid" */
static void count_error(struct lane *lane, const struct decision *d)
{
    count_in(lane, &d->status->counter, GROUP_ERROR, HITS);
    add_to(lane, &d->status->counter, GROUP_ERROR, d->bytes);
    if (d->status->trapped)
        count_error_page(lane, d);
    count_not_viewed(lane, d);
}

/* "Analyze: Robot from robot database", and "Analyze: Robot from "hit on robots.txt" file" */
static void count_robot(struct lane *lane, const struct decision *d, struct counter_key *robot)
{
    count_in(lane, robot, GROUP_ROBOT, HITS);
    add_to(lane, robot, GROUP_ROBOT, d->bytes);
    counters_set_last(&lane->counters, robot, GROUP_ROBOT, LAST, d->time);
    if (d->url->is & URL_ROBOTS_TXT)
        count_in(lane, robot, GROUP_ROBOT, ROBOT_TXT);
    count_not_viewed(lane, d);
}

/* Whether AWStats counts a record as a complete download. */
static bool is_download(const struct decision *d)
{
    return d->status->valid && d->outcome != FAVICON && d->outcome != WORM &&
           d->record->status == 200 && (d->url->is & URL_DOWNLOAD) &&
           !(d->url->is & URL_NO_DOWNLOAD);
}

static struct row *row_of_download(struct lane *lane, const struct decision *d)
{
    const struct field path = url_text(d->url, d->url->path);
    return row_of(lane, &lane->tables.of[TABLE_DOWNLOADS], &d->url->download, path.text, path.size);
}

/* "Analyze: Status code", "track downloads" */
static void count_download(struct lane *lane, const struct decision *d)
{
    struct row *download = row_of_download(lane, d);
    download->column[DOWNLOAD_HITS]++;
    download->column[DOWNLOAD_BYTES] += d->bytes;
}

/* "Analyze: Status code", "handle 206 download continuation message": AWStats adds the bytes to the
 * day and the hour here, and again if the record turns out to be viewed. */
static void count_partial(struct lane *lane, const struct decision *d)
{
    struct row *download = row_of_download(lane, d);
    download->column[DOWNLOAD_BYTES] += d->bytes;
    download->column[DOWNLOAD_PARTIAL]++;
    add_to(lane, &d->moment->day, GROUP_DAY, d->bytes);
    add_to_hour(lane, d, HOUR_BYTES, d->bytes);
}

/* "Analyze: Date - Hour - Pages - Hits - Kilo", its pages */
static void count_page(struct lane *lane, const struct decision *d, struct row *page)
{
    struct counter_key *period = &lane->period_key;
    counters_set_first(&lane->counters, period, GROUP_PERIOD, PERIOD_FIRST, d->time);
    counters_set_last(&lane->counters, period, GROUP_PERIOD, PERIOD_LAST, d->time);
    count_in(lane, &d->moment->day, GROUP_DAY, PAGES);
    page->column[PAGE_VIEWS]++;
    page->column[PAGE_BYTES] += d->bytes;
    count_hour(lane, d, HOUR_PAGES);
}

/* Calls the plugins that must see each viewed record.  Then there is only one lane, which perl's thread uses. */
static void notify_sections(struct lane *lane, const struct decision *d)
{
    const struct entry *name = &d->host->class.entry;
    dTHX;
    sv_setsv(lane->agent, d->agent->text);
    values_notify(aTHX_ lane->values, CALLBACK_SECTIONS,
                  sv_2mortal(newSVpvn(name->key, name->size)));
}

/* "Analyze: Country (Top-level domain)" and "Analyze: Host, URL entry+exit and Session" */
static void count_host(struct lane *lane, const struct decision *d, struct row *page)
{
    struct counter_key *domain = &d->host->domain->counter;
    if (lane->rules->notifies_sections)
        notify_sections(lane, d);
    if (is_page(d))
        count_in(lane, domain, GROUP_DOMAIN, PAGES);
    if (d->outcome != PARTIAL)
        count_in(lane, domain, GROUP_DOMAIN, HITS);
    add_to(lane, domain, GROUP_DOMAIN, d->bytes);
    struct row *host = row_of_host(lane, d);
    if (is_page(d)) {
        visits_count(lane, d, host, page);
        host->column[ROW_PAGES]++;
    }
    host->column[ROW_HITS]++;
    host->column[ROW_BYTES] += d->bytes;
}

/* "Analyze: Browser - OS", one of the two; NAME: NULL if it is not detected */
static void count_viewer(struct lane *lane, const struct decision *d, struct counted_name *name,
                         enum hash_group group, bool is_unknown, enum table_kind unknown,
                         struct row_place *place)
{
    if (!name)
        return;
    count_in(lane, &name->counter, group, HITS);
    if (is_page(d))
        count_in(lane, &name->counter, group, PAGES);
    if (is_unknown)
        row_of_sv(lane, &lane->tables.of[unknown], place, d->agent->unknown_key)
            ->column[UNKNOWN_LAST] = d->time;
}

/* "Analyze: Referer" to "Origin not found" */
static void count_origin(struct lane *lane, const struct decision *d)
{
    bool page = is_page(d);
    if (page)
        counters_add_at(&lane->counters.origin[PAGES], d->origin, 1);
    counters_add_at(&lane->counters.origin[HITS], d->origin, 1);
    if (d->origin != ORIGIN_ENGINE && d->origin != ORIGIN_LINK)
        return;
    if (d->origin == ORIGIN_LINK) {
        struct row *row = row_of(lane, &lane->tables.of[TABLE_REFERERS], &d->referer->page,
                                 d->referer->class.entry.key, d->referer->page_size);
        row->column[REFERER_PAGES] += page;
        row->column[REFERER_HITS]++;
        return;
    }
    struct counter_key *engine = &d->referer->server->engine->counter;
    if (page)
        count_in(lane, engine, GROUP_ENGINE, PAGES);
    count_in(lane, engine, GROUP_ENGINE, HITS);
    if (page && d->referer->phrase)
        row_of_sv(lane, &lane->tables.of[TABLE_PHRASES], &d->referer->phrase_row,
                  d->referer->phrase)
            ->column[PHRASE_SEARCHES]++;
}

/* "Analyze: File type - Compression" to "Origin not found": all that AWStats does for traffic that
 * was viewed */
static void count_viewed(struct lane *lane, const struct decision *d)
{
    bool hit = d->outcome != PARTIAL;
    struct row *page = is_page(d) ? row_of_page(lane, d) : NULL;
    if (lane->rules->file_types) {
        struct counter_key *type = &d->url->file_type->counter;
        if (hit)
            count_in(lane, type, GROUP_FILE_TYPE, HITS);
        add_to(lane, type, GROUP_FILE_TYPE, d->bytes);
    }
    if (page)
        count_page(lane, d, page);
    if (hit) {
        count_hour(lane, d, HOUR_HITS);
        count_in(lane, &d->moment->day, GROUP_DAY, HITS);
    }
    add_to_hour(lane, d, HOUR_BYTES, d->bytes);
    add_to(lane, &d->moment->day, GROUP_DAY, d->bytes);
    count_host(lane, d, page);
    count_viewer(lane, d, d->agent->browser, GROUP_BROWSER, d->agent->unknown_browser,
                 TABLE_UNKNOWN_BROWSERS, &d->agent->unknown_browser_row);
    count_viewer(lane, d, d->agent->os, GROUP_OS, d->agent->unknown_os, TABLE_UNKNOWN_OSES,
                 &d->agent->unknown_os_row);
    count_origin(lane, d);
}

/* "Check cluster" */
static void count_edge(struct lane *lane, const struct decision *d)
{
    struct counter_key *edge = &d->edge->counter;
    if (is_page(d))
        count_in(lane, edge, GROUP_EDGE, PAGES);
    count_in(lane, edge, GROUP_EDGE, HITS);
    add_to(lane, edge, GROUP_EDGE, d->bytes);
}

/* The whole, after "Record is approved" */
void count_record(struct lane *lane, const struct decision *d)
{
    if (d->partial)
        count_partial(lane, d);
    if (is_download(d))
        count_download(lane, d);
    switch (d->outcome) {
    case FAVICON:
        count_favicon(lane, d);
        break;
    case WORM:
        count_worm(lane, d);
        break;
    case ERROR:
        count_error(lane, d);
        break;
    case ROBOT:
    case ROBOTS_TXT:
        count_robot(lane, d, &d->robot->counter);
        break;
    case VIEWED:
    case PARTIAL:
        count_viewed(lane, d);
        break;
    }
    count_edge(lane, d);
    if (lane->rules->sizes)
        count_in(lane, &d->size->counter, GROUP_SIZE, HITS);
    extra_sections_count(lane, d);
    if (d->partial && lane->rules->partial_once)
        counters_even_out(&lane->counters, &d->moment->day, d->moment->hour, d->bytes);
}
