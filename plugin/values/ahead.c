#include "values/ahead.h"

#include "memory/cache.h"
#include "values/internal.h"

static const void *known(const struct values *values, const struct record *record,
                         enum column column)
{
    return numbered_known(&values->numbered, record, column);
}

void values_load_classes(const struct values *values, const struct record *record)
{
    const void *url = known(values, record, COLUMN_STEM),
               *agent = known(values, record, COLUMN_AGENT),
               *referer = known(values, record, COLUMN_REFERER);
    cache_load(url, sizeof(struct url));
    cache_load(agent, sizeof(struct agent));
    cache_load(referer, sizeof(struct referer));
}

/* Loads a row with COLUMNS numbers. */
static void load_row(const struct row_place *place, unsigned columns)
{
    cache_load(place->row, row_size(columns));
}

void values_load_rows(const struct values *values, const struct record *record)
{
    const struct url *url = known(values, record, COLUMN_STEM);
    const struct agent *agent = known(values, record, COLUMN_AGENT);
    const struct referer *referer = known(values, record, COLUMN_REFERER);
    if (url) {
        load_row(&url->page, PAGE_COLUMNS);
        load_row(&url->download, DOWNLOAD_COLUMNS);
        cache_load(url->class.found, sizeof *url->class.found);
    }
    if (agent) {
        load_row(&agent->unknown_browser_row, UNKNOWN_COLUMNS);
        load_row(&agent->unknown_os_row, UNKNOWN_COLUMNS);
        cache_load(agent->browser, sizeof *agent->browser);
    }
    if (referer)
        load_row(&referer->page, REFERER_COLUMNS);
}

/* Returns the results of the URL patterns for a record's URL; NULL when none was tried yet. */
static void *const *found_in_url(const struct values *values, const struct record *record)
{
    const struct url *url = values->url_rows ? known(values, record, COLUMN_STEM) : NULL;
    return url ? url->class.found : NULL;
}

void values_load_found(const struct values *values, const struct record *record)
{
    void *const *found = found_in_url(values, record);
    for (unsigned i = 0; found && i < values->url_rows; i++)
        cache_load(found[values->url_row[i]], sizeof(struct extra_row));
}

void values_load_found_rows(const struct values *values, const struct record *record)
{
    void *const *found = found_in_url(values, record);
    for (unsigned i = 0; found && i < values->url_rows; i++) {
        const struct extra_row *row = found[values->url_row[i]];
        if (row && (const void *)row != &values_no_match)
            load_row(&row->place, ROW_COLUMNS_COUNTED);
    }
}
