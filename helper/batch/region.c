#include "batch/region.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "s3/uri.h"
#include "text/buffer.h"

/* The ledger has "REGION BUCKET". */
bool region_recall(struct ledger *ledger, struct site *site)
{
    char *text = NULL;
    struct s3_uri uri;
    site->likely_region[0] = '\0';
    if (site->kind != SITE_BUCKET || s3_uri_parse(&uri, site->source))
        return true;
    bool is_read = ledger_get_region(ledger, &text);
    size_t size = text ? strcspn(text, " ") : 0;
    if (text && text[size] && !strcmp(text + size + 1, uri.bucket))
        snprintf(site->likely_region, sizeof site->likely_region, "%.*s", (int)size, text);
    s3_uri_free(&uri);
    free(text);
    return is_read;
}

bool region_remember(struct ledger *ledger, const struct site *site, const struct source *source)
{
    const char *region = source_region(source);
    struct s3_uri uri;
    struct buffer text = {0};
    if (!region || s3_uri_parse(&uri, site->source))
        return true;
    buffer_printf(&text, "%s %s", region, uri.bucket);
    bool is_stored = ledger_set_region(ledger, text.data);
    s3_uri_free(&uri);
    buffer_free(&text);
    return is_stored;
}
