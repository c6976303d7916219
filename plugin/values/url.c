#include <stdlib.h>
#include <string.h>

#include "values/internal.h"

/* Returns a copy of a scalar, or another reference to an equal one that exists. */
static SV *shared(pTHX_ SV *existing, SV *sv)
{
    return sv_eq(existing, sv) ? SvREFCNT_inc(existing) : newSVsv(sv);
}

/* The callback mirrors the update loop from "Define a clean target URL and referrer URL" to "Define
 * page and extension", and "Replace default page name with / only". */
static void classify(pTHX_ struct values *values, struct url *url, struct field stem,
                     struct field query)
{
    unsigned results;
    SV *argument[] = {values_text(aTHX_ stem.text, stem.size),
                      values_text(aTHX_ query.text, query.size)};
    SV **result = values_call(aTHX_ values, CALLBACK_URL, argument, 2, &results);
    url->unsupported = results == 0;
    if (!url->unsupported) {
        url->is = (unsigned)SvUV(result[0]);
        url->counter = values_key_of(aTHX_ result[1]);
        url->path = shared(aTHX_ url->counter.key, result[2]);
        url->error_key = shared(aTHX_ url->counter.key, result[3]);
        url->file_type = values_name_of(aTHX_ values, NAME_FILE_TYPE, result[4]);
        url->worm = SvOK(result[5]) ? values_name_of(aTHX_ values, NAME_WORM, result[5]) : NULL;
    }
    values_call_end(aTHX);
    url->classified = true;
}

struct url *values_url(pTHX_ struct values *values, struct field stem, struct field query)
{
    const char *key = stem.text;
    size_t size = stem.size;
    if (values->url_with_query) {
        char *both = values_scratch(values, stem.size + 1 + query.size);
        memcpy(both, stem.text, stem.size);
        both[stem.size] = '\t';
        memcpy(both + stem.size + 1, query.text, query.size);
        key = both;
        size = stem.size + 1 + query.size;
    }
    struct url *url = values_entry(&values->urls, key, size);
    if (!url->classified)
        classify(aTHX_ values, url, stem, query);
    return url;
}

void values_release_url(void *entry, void *context)
{
    struct url *url = entry;
    dTHXa(context);
    SvREFCNT_dec(url->path);
    SvREFCNT_dec(url->error_key);
    counters_key_free(aTHX_ url->counter);
    free(url->class.found);
}
