#include "historyfile/totals.h"

#include <string.h>

#include "historyfile/visit.h"

/* Counts hosts; mirrors Save_History("visitor"). */
static void count_host(uint64_t totals[HISTORY_TOTALS], const struct history_row *row)
{
    bool is_address = history_host_is_address(row->key, row->key_size);
    totals[HISTORY_UNIQUE] += row->number[0] > 0;
    totals[is_address ? HISTORY_HOSTS_UNKNOWN : HISTORY_HOSTS_KNOWN]++;
}

/* Counts the visits of a day; mirrors Save_History("day"). */
static void count_visits(uint64_t totals[HISTORY_TOTALS], const struct history_row *row)
{
    enum { VISITS = 3 };
    totals[HISTORY_VISITS] += row->number[VISITS];
}

history_count *history_count_of(const struct history_section *section)
{
    if (!strcmp(section->name, "VISITOR"))
        return count_host;
    return strcmp(section->name, "DAY") ? NULL : count_visits;
}
