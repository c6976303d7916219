#include "batch/region.h"

#include <stdlib.h>

#include "s3/known_regions.h"
#include "text/buffer.h"

bool region_recall(struct ledger *ledger, struct site *site, char **regions)
{
    if (!ledger_get_region(ledger, regions))
        return false;
    site->regions = *regions;
    return true;
}

bool region_remember(struct ledger *ledger, const struct site *site, const struct source *source)
{
    struct buffer lines = {0};
    buffer_add_text(&lines, "");
    source_add_regions(source, &lines);
    bool is_new = lines.size || (site->region && site->regions);
    if (!site->region)
        known_regions_keep(&lines, site->regions);
    bool is_stored = !is_new || ledger_set_region(ledger, lines.data);
    buffer_free(&lines);
    return is_stored;
}
