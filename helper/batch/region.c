#include "batch/region.h"

#include <stdlib.h>
#include <string.h>

#include "text/buffer.h"

bool region_recall(struct ledger *ledger, struct site *site, char **regions)
{
    if (!ledger_get_region(ledger, regions))
        return false;
    site->regions = *regions;
    site_recall_region(site, *regions);
    return true;
}

/* Whether the text has a line about the bucket of LINE, "REGION BUCKET". */
static bool has_bucket_of(const struct buffer *text, const char *line, size_t size)
{
    const char *bucket = memchr(line, ' ', size);
    struct buffer end = {0};
    if (!bucket)
        return true; /* a line without a bucket is not kept */
    buffer_add(&end, bucket, (size_t)(line + size - bucket));
    buffer_add_text(&end, "\n");
    bool has = strstr(text->data, end.data) != NULL;
    buffer_free(&end);
    return has;
}

bool region_remember(struct ledger *ledger, const struct site *site, const struct source *source)
{
    struct buffer lines = {0};
    source_add_regions(source, &lines);
    if (!lines.size)
        return true;
    for (const char *line = site->regions; line && *line;) {
        size_t size = strcspn(line, "\n");
        if (!has_bucket_of(&lines, line, size))
            buffer_printf(&lines, "%.*s\n", (int)size, line);
        line += size + (line[size] == '\n');
    }
    bool is_stored = ledger_set_region(ledger, lines.data);
    buffer_free(&lines);
    return is_stored;
}
