#include "loop/internal.h"

static void count_hour(pTHX_ struct update_loop *loop, const struct decision *d, enum hourly what)
{
    count_one(aTHX_ counter_of_hour(aTHX_ loop->counters, what, d->moment->hour));
}

static void add_to_hour(pTHX_ struct update_loop *loop, const struct decision *d, enum hourly what,
                        UV bytes)
{
    count_add(aTHX_ counter_of_hour(aTHX_ loop->counters, what, d->moment->hour), bytes);
}

/* Traffic of which AWStats says that nobody viewed it. */
static void count_not_viewed(pTHX_ struct update_loop *loop, const struct decision *d)
{
    if (is_page(d))
        count_hour(aTHX_ loop, d, HOUR_OTHER_PAGES);
    count_hour(aTHX_ loop, d, HOUR_OTHER_HITS);
    add_to_hour(aTHX_ loop, d, HOUR_OTHER_BYTES, d->bytes);
}

static void count_favicon(pTHX_ struct update_loop *loop, const struct decision *d)
{
    static const char name[] = "AddToFavourites";
    bool found = d->record.status != 404;
    if (found) {
        struct name *favourites = values_name(aTHX_ loop->values, NAME_MISC, name, sizeof name - 1);
        count_in(aTHX_ loop, &favourites->item, TALLY_MISC, HITS);
    }
    count_hour(aTHX_ loop, d, HOUR_OTHER_HITS);
    if (found)
        add_to_hour(aTHX_ loop, d, HOUR_OTHER_BYTES, d->bytes);
}

static void count_worm(pTHX_ struct update_loop *loop, const struct decision *d)
{
    struct item *item = &d->url->worm->item;
    count_in(aTHX_ loop, item, TALLY_WORM, HITS);
    add_to(aTHX_ loop, item, TALLY_WORM, d->bytes);
    set_time(aTHX_ counter(aTHX_ loop->counters, item, TALLY_WORM, LAST), d->time);
    count_not_viewed(aTHX_ loop, d);
}

/* A value without what URLQuerySeparators begin, as the table of error pages has it. */
static SV *cut(pTHX_ const struct update_loop *loop, const struct field *field)
{
    size_t size = 0;
    while (size < field->size && (loop->values->referer_with_query ||
                                  !loop->values->separator[(unsigned char)field->text[size]]))
        size++;
    return sv_2mortal(newSVpvn(field->text, size));
}

static void count_error(pTHX_ struct update_loop *loop, const struct decision *d)
{
    const struct counters *counters = loop->counters;
    SV *code = d->status->trapped, *url = d->url->error_key;
    count_in(aTHX_ loop, &d->status->item, TALLY_ERROR, HITS);
    add_to(aTHX_ loop, &d->status->item, TALLY_ERROR, d->bytes);
    if (code) {
        count_one(aTHX_ counter_below(aTHX_ counters->error_url, code, url));
        if (loop->error_referers)
            sv_setsv(counter_below(aTHX_ counters->error_referer, code, url),
                     cut(aTHX_ loop, &d->record.field[COLUMN_REFERER]));
        if (loop->error_hosts)
            sv_setsv(counter_below(aTHX_ counters->error_host, code, url),
                     cut(aTHX_ loop, &d->record.field[COLUMN_CLIENT]));
    }
    count_not_viewed(aTHX_ loop, d);
}

static void count_robot(pTHX_ struct update_loop *loop, const struct decision *d, struct item *item)
{
    count_in(aTHX_ loop, item, TALLY_ROBOT, HITS);
    add_to(aTHX_ loop, item, TALLY_ROBOT, d->bytes);
    set_time(aTHX_ counter(aTHX_ loop->counters, item, TALLY_ROBOT, LAST), d->time);
    if (d->url->is & URL_ROBOTS_TXT)
        count_in(aTHX_ loop, item, TALLY_ROBOT, ROBOT_TXT);
    count_not_viewed(aTHX_ loop, d);
}

static void count_download(pTHX_ struct update_loop *loop, const struct decision *d)
{
    HV *downloads = loop->counters->downloads;
    SV *path = d->url->path;
    count_one(aTHX_ counter_below(aTHX_ downloads, path, loop->download_hits));
    count_add(aTHX_ counter_below(aTHX_ downloads, path, loop->download_size), d->bytes);
}

/* AWStats adds the bytes of a part to its day and hour here, and again when it turns out to be
 * viewed. */
static void count_part(pTHX_ struct update_loop *loop, const struct decision *d)
{
    HV *downloads = loop->counters->downloads;
    SV *path = d->url->path;
    UV bytes = loop->partial_once ? 0 : d->bytes;
    count_add(aTHX_ counter_below(aTHX_ downloads, path, loop->download_size), d->bytes);
    count_one(aTHX_ counter_below(aTHX_ downloads, path, loop->download_partial));
    add_to(aTHX_ loop, &d->moment->day, TALLY_DAY, bytes);
    add_to_hour(aTHX_ loop, d, HOUR_BYTES, bytes);
}

/* AWStats saves only days that have a number of hits. */
static void give_day_hits(pTHX_ struct update_loop *loop, const struct decision *d)
{
    SV *bytes = counter(aTHX_ loop->counters, &d->moment->day, TALLY_DAY, BYTES);
    if (d->bytes == 0 || !SvTRUE(bytes))
        return;
    SV *hits = counter(aTHX_ loop->counters, &d->moment->day, TALLY_DAY, HITS);
    if (!SvTRUE(hits))
        sv_setiv(hits, 0);
}

static void count_page(pTHX_ struct update_loop *loop, const struct decision *d)
{
    SV *first = counter(aTHX_ loop->counters, &loop->break_item, TALLY_BREAK, BREAK_FIRST);
    SV *last = counter(aTHX_ loop->counters, &loop->break_item, TALLY_BREAK, BREAK_LAST);
    if (!SvTRUE(first))
        set_time(aTHX_ first, d->time);
    set_time(aTHX_ last, d->time);
    count_in(aTHX_ loop, &d->moment->day, TALLY_DAY, PAGES);
    count_in(aTHX_ loop, &d->url->item, TALLY_URL, PAGES);
    add_to(aTHX_ loop, &d->url->item, TALLY_URL, d->bytes);
    count_hour(aTHX_ loop, d, HOUR_PAGES);
}

static void count_host(pTHX_ struct update_loop *loop, const struct decision *d)
{
    struct host *host = d->host;
    struct item *domain = &host->domain->item;
    if (loop->values->ask[ASK_SECTIONS]) {
        sv_setsv(loop->awstats.agent, d->agent->text);
        values_tell(aTHX_ loop->values, ASK_SECTIONS, sv_2mortal(newSVsv(host->hits.key)));
    }
    if (is_page(d))
        count_in(aTHX_ loop, domain, TALLY_DOMAIN, PAGES);
    if (d->outcome != PARTIAL)
        count_in(aTHX_ loop, domain, TALLY_DOMAIN, HITS);
    add_to(aTHX_ loop, domain, TALLY_DOMAIN, d->bytes);
    if (is_page(d)) {
        count_visit(aTHX_ loop, d);
        count_in(aTHX_ loop, &host->hits, TALLY_HOST, PAGES);
    }
    count_in(aTHX_ loop, &host->hits, TALLY_HOST, HITS);
    add_to(aTHX_ loop, &host->hits, TALLY_HOST, d->bytes);
}

static void count_viewer(pTHX_ struct update_loop *loop, const struct decision *d,
                         struct name *name, enum tally tally, bool unknown, unsigned unknown_slot)
{
    if (!name)
        return;
    count_in(aTHX_ loop, &name->item, tally, HITS);
    if (is_page(d))
        count_in(aTHX_ loop, &name->item, tally, PAGES);
    if (unknown)
        set_time(aTHX_ counter(aTHX_ loop->counters, &d->agent->unknown, TALLY_UNKNOWN_AGENT,
                               unknown_slot),
                 d->time);
}

static void count_origin(pTHX_ struct update_loop *loop, const struct decision *d)
{
    bool page = is_page(d);
    if (page)
        count_one(aTHX_ counter_of_origin(aTHX_ loop->counters, PAGES, d->origin));
    count_one(aTHX_ counter_of_origin(aTHX_ loop->counters, HITS, d->origin));
    if (d->origin != ORIGIN_ENGINE && d->origin != ORIGIN_LINK)
        return;
    bool engine = d->origin == ORIGIN_ENGINE;
    struct item *item = engine ? &d->referer->server->engine->item : &d->referer->page;
    enum tally tally = engine ? TALLY_ENGINE : TALLY_PAGE_REFERER;
    if (page)
        count_in(aTHX_ loop, item, tally, PAGES);
    count_in(aTHX_ loop, item, tally, HITS);
    struct item *phrase = engine && page ? values_phrase(aTHX_ loop->values, d->referer) : NULL;
    if (phrase)
        count_in(aTHX_ loop, phrase, TALLY_PHRASE, HITS);
}

static void count_viewed(pTHX_ struct update_loop *loop, const struct decision *d)
{
    bool hit = d->outcome != PARTIAL;
    if (loop->file_types) {
        struct item *type = &d->url->file_type->item;
        if (hit)
            count_in(aTHX_ loop, type, TALLY_FILE_TYPE, HITS);
        add_to(aTHX_ loop, type, TALLY_FILE_TYPE, d->bytes);
    }
    if (is_page(d))
        count_page(aTHX_ loop, d);
    if (hit) {
        count_hour(aTHX_ loop, d, HOUR_HITS);
        count_in(aTHX_ loop, &d->moment->day, TALLY_DAY, HITS);
    }
    add_to_hour(aTHX_ loop, d, HOUR_BYTES, d->bytes);
    add_to(aTHX_ loop, &d->moment->day, TALLY_DAY, d->bytes);
    count_host(aTHX_ loop, d);
    count_viewer(aTHX_ loop, d, d->agent->browser, TALLY_BROWSER, d->agent->unknown_browser,
                 UNKNOWN_BROWSER);
    count_viewer(aTHX_ loop, d, d->agent->os, TALLY_OS, d->agent->unknown_os, UNKNOWN_OS);
    count_origin(aTHX_ loop, d);
}

static void count_edge(pTHX_ struct update_loop *loop, const struct decision *d)
{
    const struct field *field = &d->record.field[COLUMN_EDGE_LOCATION];
    struct name *edge = values_name(aTHX_ loop->values, NAME_EDGE, field->text, field->size);
    if (is_page(d))
        count_in(aTHX_ loop, &edge->item, TALLY_EDGE, PAGES);
    count_in(aTHX_ loop, &edge->item, TALLY_EDGE, HITS);
    add_to(aTHX_ loop, &edge->item, TALLY_EDGE, d->bytes);
}

void count(pTHX_ struct update_loop *loop, const struct decision *d)
{
    static const char unknown[] = "unknown";
    if (d->partial)
        count_part(aTHX_ loop, d);
    if (d->status->valid && d->outcome != FAVICON && d->outcome != WORM &&
        d->record.status == 200 && (d->url->is & URL_DOWNLOAD) && !(d->url->is & URL_NO_DOWNLOAD))
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
        count_robot(aTHX_ loop, d, &d->agent->robot->item);
        break;
    case ROBOTS_TXT:
        count_robot(
            aTHX_ loop, d,
            &values_name(aTHX_ loop->values, NAME_ROBOT, unknown, sizeof unknown - 1)->item);
        break;
    case VIEWED:
    case PARTIAL:
        count_viewed(aTHX_ loop, d);
        break;
    }
    if (d->partial && loop->partial_once)
        give_day_hits(aTHX_ loop, d);
    count_edge(aTHX_ loop, d);
    if (loop->sizes)
        count_in(aTHX_ loop, &values_size(aTHX_ loop->values, d->bytes)->item, TALLY_SIZE, HITS);
    count_sections(aTHX_ loop, d);
}
