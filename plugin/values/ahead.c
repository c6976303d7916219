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

void values_load_rows(const struct values *values, const struct record *record)
{
    const struct url *url = known(values, record, COLUMN_STEM);
    const struct agent *agent = known(values, record, COLUMN_AGENT);
    const struct referer *referer = known(values, record, COLUMN_REFERER);
    if (url) {
        cache_load(url->page.row, sizeof(struct row) + PAGE_COLUMNS * sizeof(uint64_t));
        cache_load(url->download.row, sizeof(struct row) + DOWNLOAD_COLUMNS * sizeof(uint64_t));
        cache_load(url->class.found, sizeof *url->class.found);
    }
    if (agent) {
        cache_load(agent->unknown_browser_row.row, sizeof(struct row) + sizeof(uint64_t));
        cache_load(agent->unknown_os_row.row, sizeof(struct row) + sizeof(uint64_t));
    }
    if (referer)
        cache_load(referer->page.row, sizeof(struct row) + REFERER_COLUMNS * sizeof(uint64_t));
}

/* Returns what a pattern that finds rows has found in a URL; NULL when there is nothing, or another kind of pattern. */
static const struct extra_row *row_in(const struct pattern *pattern, const struct url *url)
{
    if (pattern->field != PATTERN_URL || !pattern->rows)
        return NULL;
    const void *found = url->class.found[pattern->index];
    return found == &values_no_match ? NULL : found;
}

void values_load_found(const struct values *values, const struct record *record)
{
    const struct url *url = known(values, record, COLUMN_STEM);
    for (unsigned i = 0; url && url->class.found && i < values->patterns; i++)
        cache_load(row_in(&values->pattern[i], url), sizeof(struct extra_row));
}

void values_load_found_rows(const struct values *values, const struct record *record)
{
    const struct url *url = known(values, record, COLUMN_STEM);
    for (unsigned i = 0; url && url->class.found && i < values->patterns; i++) {
        const struct extra_row *row = row_in(&values->pattern[i], url);
        if (row)
            cache_load(row->place.row, sizeof(struct row) + ROW_COLUMNS_COUNTED * sizeof(uint64_t));
    }
}
