#include "shards/settings.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "awstats/history.h"
#include "log/address.h"
#include "memory/allocate.h"
#include "shards/escaped.h"

static void add(struct buffer *text, const char *name, const char *value)
{
    buffer_printf(text, "%s%s=", text->size ? " " : "", name);
    escaped_add(text, value ? value : "");
}

static void add_number(struct buffer *text, const char *name, uint64_t number)
{
    buffer_printf(text, "%s%s=%" PRIu64, text->size ? " " : "", name, number);
}

static void add_proxies(struct buffer *text, const struct site *site)
{
    struct buffer networks = {0};
    for (size_t i = 0; i < site->proxy_count; i++) {
        char address[ADDRESS_TEXT_SIZE];
        size_t size = address_write(&site->proxies[i].address, address);
        buffer_printf(&networks, "%.*s/%u,", (int)size, address, site->proxies[i].bits);
    }
    add(text, "trusted-proxies", networks.data);
    buffer_free(&networks);
}

void settings_add(struct buffer *text, const struct site *site)
{
    char delimiter[DELIMITER_SIZE_MAX + 1] = "";
    memcpy(delimiter, site->delimiter.text, site->delimiter.size);
    add(text, "source", site->source);
    add_number(text, "type", site->type);
    add_number(text, "client", site->client);
    add_proxies(text, site);
    add_number(text, "anonymize", site->anonymize);
    add_number(text, "host", site->host);
    add(text, "host", site->hosts);
    add(text, "fields", site->fields);
    add(text, "delimiter", delimiter);
    add_number(text, "unique", site->unique);
    add_number(text, "max-inflated", site->max_inflated);
}

char *settings_find_difference(const char *planned, const struct site *site)
{
    struct buffer now = {0};
    char *name = NULL;
    settings_add(&now, site);
    const char *word = now.data;
    for (;;) {
        size_t size = strcspn(word, " ");
        if (strcspn(planned, " ") != size || memcmp(planned, word, size) != 0) {
            name = memory_copy_bytes(word, strcspn(word, "="));
            break;
        }
        if (!word[size])
            break;
        word += size + 1;
        planned += size + 1;
    }
    buffer_free(&now);
    return name;
}

bool settings_allow_shards(const struct awstats_config *config, struct buffer *error)
{
    char *format = awstats_config_get(config, "BuildHistoryFormat");
    char *lookup = awstats_config_get(config, "DNSLookup");
    char *period = awstats_config_get(config, "DatabaseBreak");
    size_t errors = error->size;
    if (format && !strcmp(format, "xml"))
        buffer_printf(
            error,
            "%s has BuildHistoryFormat=xml, and history files in XML cannot be merged; set "
            "BuildHistoryFormat=text, and run awstats-cloudfront update before the next "
            "plan",
            config->path);
    else if (lookup && strpbrk(lookup, "12"))
        buffer_printf(error,
                      "%s has DNSLookup=%s, so addresses of several shards may have one name, and "
                      "shards cannot count their visits; set DNSLookup=0, or use "
                      "awstats-cloudfront update",
                      config->path, lookup);
    else if (period && !awstats_history_has_period(period))
        buffer_printf(error,
                      "%s has DatabaseBreak=%s, which must be month, day or hour: with year, "
                      "awstats.pl loses days, and makes no report; set DatabaseBreak=month",
                      config->path, period);
    else if (!*awstats_config_history(config))
        buffer_printf(error,
                      "the tasks of a plan need an AWStats configuration awstats.NAME.conf, but "
                      "this one is %s; use awstats-cloudfront update, or rename it and the history "
                      "files",
                      config->path);
    free(period);
    free(format);
    free(lookup);
    return error->size == errors;
}
