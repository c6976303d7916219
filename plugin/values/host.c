#include <stdlib.h>

#include "normalized/ascii.h"
#include "values/internal.h"

struct host *values_host(struct values *values, const struct record *record)
{
    return values_entry_of(values, &values->hosts, record, COLUMN_CLIENT);
}

struct host *values_host_called(struct values *values, struct field name)
{
    return values_entry(values, &values->hosts, name.text, name.size);
}

/* The callback calls SkipHost, OnlyHost and OnlyUser. */
bool values_host_lists(pTHX_ struct values *values, struct host *host)
{
    if (!host->lists_known && values_are_alone(values))
        return false;
    if (!host->lists_known && values->callback[CALLBACK_HOST_LISTS]) {
        unsigned results;
        SV *argument = values_text(aTHX_ host->class.entry.key, host->class.entry.size);
        SV **result = values_call(aTHX_ values, CALLBACK_HOST_LISTS, &argument, 1, &results);
        host->lists = results ? (unsigned)SvUV(result[0]) : 0;
        values_call_end(aTHX);
    }
    return host->lists_known = true;
}

static bool is_ipv4(const char *text, size_t size)
{
    unsigned parts = 1, digits = 0;
    for (size_t i = 0; i < size; i++) {
        if (ascii_is_digit(text[i])) {
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

/* Whether a text has hexadecimal digits and at least two colons.  With one colon, it could be a host and a port.
 * AWStats rewrites an address that has dots, too, so such an address is unsupported. */
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

bool values_is_address(struct field host)
{
    return is_ipv4(host.text, host.size) || is_ipv6(host.text, host.size);
}

/* Mirrors the update loop from "Analyze: Country (Top-level domain)", without DNSLookup.  The
 * callback calls the plugin that has GetCountryCodeByAddr. */
bool values_host_domain(pTHX_ struct values *values, struct host *host)
{
    if (host->domain_known)
        return !host->unsupported;
    const struct entry *entry = &host->class.entry;
    const bool is_address = values_is_address((struct field){entry->key, entry->size});
    host->unsupported = !is_address;
    if (is_address && values->callback[CALLBACK_COUNTRY]) {
        if (values_are_alone(values))
            return false;
        unsigned results;
        SV *argument = values_text(aTHX_ entry->key, entry->size);
        SV **result = values_call(aTHX_ values, CALLBACK_COUNTRY, &argument, 1, &results);
        host->unsupported = results == 0;
        if (!host->unsupported)
            host->domain = values_name_of(aTHX_ values, NAME_DOMAIN, result[0]);
        values_call_end(aTHX);
    } else if (is_address) {
        host->domain = values_name(aTHX_ values, NAME_DOMAIN, "ip", 2);
        if (!host->domain)
            return false;
    }
    host->domain_known = true;
    return !host->unsupported;
}

void values_release_host(void *entry, void *context)
{
    PERL_UNUSED_VAR(context);
    free(((struct host *)entry)->class.found);
}
