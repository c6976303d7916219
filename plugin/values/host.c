#include <stdlib.h>

#include "values/internal.h"

struct host *values_host(pTHX_ struct values *values, const struct field *field)
{
    return values_get(&values->hosts, field->text, field->size);
}

unsigned values_host_lists(pTHX_ struct values *values, struct host *host)
{
    if (!host->lists_asked && values->ask[ASK_HOST_LISTS]) {
        unsigned answers;
        SV *argument = values_text(aTHX_ host->value.entry.key, host->value.entry.size);
        SV **answer = values_ask(aTHX_ values, ASK_HOST_LISTS, &argument, 1, &answers);
        host->lists = answers ? (unsigned)SvUV(answer[0]) : 0;
        values_answered(aTHX);
    }
    host->lists_asked = true;
    return host->lists;
}

static bool is_ipv4(const char *text, size_t size)
{
    unsigned parts = 1, digits = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] >= '0' && text[i] <= '9') {
            if (++digits > 3)
                return false;
        } else if (text[i] == '.' && digits > 0) {
            parts++;
            digits = 0;
        } else {
            return false;
        }
    }
    return parts == 4 && digits > 0;
}

/* With one colon it could be a host and a port, and with dots one that AWStats rewrites. */
static bool is_ipv6(const char *text, size_t size)
{
    unsigned colons = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == ':')
            colons++;
        else if (!isXDIGIT_A(text[i]))
            return false;
    }
    return colons >= 2;
}

bool values_host_domain(pTHX_ struct values *values, struct host *host)
{
    if (host->asked)
        return !host->odd;
    host->asked = true;
    const struct entry *entry = &host->value.entry;
    if (!is_ipv4(entry->key, entry->size) && !is_ipv6(entry->key, entry->size)) {
        host->odd = true;
        return false;
    }
    if (values->ask[ASK_COUNTRY]) {
        unsigned answers;
        SV *argument = values_text(aTHX_ entry->key, entry->size);
        SV **answer = values_ask(aTHX_ values, ASK_COUNTRY, &argument, 1, &answers);
        host->odd = answers == 0;
        if (!host->odd)
            host->domain = values_name_of(aTHX_ values, NAME_DOMAIN, answer[0]);
        values_answered(aTHX);
        if (host->odd)
            return false;
    } else {
        host->domain = values_name(aTHX_ values, NAME_DOMAIN, "ip", 2);
    }
    host->hits = item_new(aTHX_ entry->key, entry->size);
    host->visit.key = SvREFCNT_inc(host->hits.key);
    host->waiting.key = SvREFCNT_inc(host->hits.key);
    return true;
}

void values_release_host(void *entry, void *context)
{
    struct host *host = entry;
    dTHXa(context);
    item_free(aTHX_ host->hits);
    item_free(aTHX_ host->visit);
    item_free(aTHX_ host->waiting);
    free(host->value.found);
}
