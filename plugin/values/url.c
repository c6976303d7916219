#include <stdlib.h>
#include <string.h>

#include "values/internal.h"

/* ---- hosts asked for ---- */

struct vhost *values_vhost(pTHX_ struct values *values, const struct field *field)
{
    struct vhost *vhost = values_get(&values->vhosts, field->text, field->size);
    if (!vhost->asked) {
        vhost->counted = values_ask_whether(aTHX_ values, ASK_VHOST, &vhost->value.entry);
        vhost->asked = true;
    }
    return vhost;
}

void values_release_vhost(void *entry, void *context)
{
    PERL_UNUSED_VAR(context);
    free(((struct vhost *)entry)->value.found);
}

/* ---- URLs ---- */

/* A copy of a scalar, which is one that there is already if they are equal. */
static SV *shared(pTHX_ SV *there, SV *sv)
{
    return sv_eq(there, sv) ? SvREFCNT_inc(there) : newSVsv(sv);
}

static void ask_url(pTHX_ struct values *values, struct url *url, const struct field *stem,
                    const struct field *query)
{
    unsigned answers;
    SV *argument[] = {values_text(aTHX_ stem->text, stem->size),
                      values_text(aTHX_ query->text, query->size)};
    SV **answer = values_ask(aTHX_ values, ASK_URL, argument, 2, &answers);
    url->odd = answers == 0;
    if (!url->odd) {
        url->is = (unsigned)SvUV(answer[0]);
        url->item = values_item_of(aTHX_ answer[1]);
        url->path = shared(aTHX_ url->item.key, answer[2]);
        url->error_key = shared(aTHX_ url->item.key, answer[3]);
        url->file_type = values_name_of(aTHX_ values, NAME_FILE_TYPE, answer[4]);
        url->worm = SvOK(answer[5]) ? values_name_of(aTHX_ values, NAME_WORM, answer[5]) : NULL;
    }
    values_answered(aTHX);
    url->asked = true;
}

struct url *values_url(pTHX_ struct values *values, const struct field *stem,
                       const struct field *query)
{
    const char *key = stem->text;
    size_t size = stem->size;
    if (values->url_with_query) {
        char *both = values_scratch(aTHX_ values, stem->size + 1 + query->size);
        memcpy(both, stem->text, stem->size);
        both[stem->size] = '\t';
        memcpy(both + stem->size + 1, query->text, query->size);
        key = both;
        size = stem->size + 1 + query->size;
    }
    struct url *url = values_get(&values->urls, key, size);
    if (!url->asked)
        ask_url(aTHX_ values, url, stem, query);
    return url;
}

void values_release_url(void *entry, void *context)
{
    struct url *url = entry;
    dTHXa(context);
    SvREFCNT_dec(url->path);
    SvREFCNT_dec(url->error_key);
    item_free(aTHX_ url->item);
    free(url->value.found);
}
