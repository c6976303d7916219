#include <stdlib.h>
#include <string.h>

#include "values/internal.h"

/* Returns a copy of a text, or another reference to EXISTING if that is equal.  NULL if the text is the key of the
 * entry. */
static SV *text_of(pTHX_ const struct url *url, SV *sv, SV *existing)
{
    STRLEN size;
    const char *text = SvPV_const(sv, size);
    const struct entry *entry = &url->class.entry;
    if (size == entry->size && memcmp(text, entry->key, size) == 0)
        return NULL;
    return existing && sv_eq(existing, sv) ? SvREFCNT_inc(existing) : newSVpvn(text, size);
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
        url->page_key = text_of(aTHX_ url, result[1], NULL);
        url->path = text_of(aTHX_ url, result[2], url->page_key);
        url->error_key = text_of(aTHX_ url, result[3], url->page_key);
        url->file_type = values_name_of(aTHX_ values, NAME_FILE_TYPE, result[4]);
        url->worm = SvOK(result[5]) ? values_name_of(aTHX_ values, NAME_WORM, result[5]) : NULL;
    }
    values_call_end(aTHX);
    url->classified = true;
}

/* Gives a usual URL the class of the URL "/x.TYPE", which has the same file type.  Returns false if perl's thread must
 * do it. */
static bool classify_by_type(pTHX_ struct values *values, struct url *url, struct field type)
{
    static const char folder[] = "/x.";
    enum { FOLDER = sizeof folder - 1 };
    struct url *other = values_entry(values, &values->url_types, type.text, type.size);
    if (!other->classified && values_are_alone(values))
        return false;
    if (!other->classified) {
        char *stem = values_scratch(values, FOLDER + type.size);
        memcpy(stem, folder, FOLDER);
        memcpy(stem + FOLDER, type.text, type.size);
        classify(aTHX_ values, other, (struct field){stem, FOLDER + type.size},
                 (struct field){"-", 1});
    }
    url->is = other->is;
    url->unsupported = other->unsupported;
    url->file_type = other->file_type;
    return url->classified = true;
}

/* Returns the entry of a URL whose class depends on the query, too. */
static struct url *with_query(struct values *values, const struct record *record)
{
    const struct field stem = record_field(record, COLUMN_STEM),
                       query = record_field(record, COLUMN_QUERY);
    const size_t size = stem.size + 1 + query.size;
    char *both = values_scratch(values, size);
    memcpy(both, stem.text, stem.size);
    both[stem.size] = '\t';
    memcpy(both + stem.size + 1, query.text, query.size);
    return values_entry(values, &values->urls, both, size);
}

struct url *values_url(pTHX_ struct values *values, const struct record *record)
{
    struct url *url = values->url_with_query
                          ? with_query(values, record)
                          : values_entry_of(values, &values->urls, record, COLUMN_STEM);
    if (url->classified)
        return url;
    const struct field stem = record_field(record, COLUMN_STEM);
    struct field type;
    if (usual_urls_has(&values->usual, stem, &type))
        return classify_by_type(aTHX_ values, url, type) ? url : NULL;
    if (values_are_alone(values))
        return NULL;
    classify(aTHX_ values, url, stem, record_field(record, COLUMN_QUERY));
    return url;
}

void values_release_url(void *entry, void *context)
{
    struct url *url = entry;
    dTHXa(context);
    SvREFCNT_dec(url->path);
    SvREFCNT_dec(url->error_key);
    SvREFCNT_dec(url->page_key);
    free(url->class.found);
}
