#include "log/missing.h"

static const struct {
    const char *column, *effect;
} table[MISSING_COUNT] = {
    [MISSING_CLIENT] = {"c-ip", "visitors cannot be told apart, and AWStats counts all records as "
                                "those of one visitor"},
    [MISSING_FORWARDED_FOR] = {"x-forwarded-for",
                               "visitors behind a proxy count under the address of the proxy, "
                               "c-ip, although the setting \"client\" is x-forwarded-for (logs "
                               "from before 2015 never have this column)"},
    [MISSING_METHOD] = {"cs-method", "all records count as GET"},
    [MISSING_HOST] = {"x-host-header or cs(Host)",
                      "the plugin cloudfront counts all records for the site's own domain; AWStats "
                      "without the plugin drops all records, unless HostAliases has \"-\""},
    [MISSING_STEM] = {"cs-uri-stem", "all records count as views of one page, \"-\""},
    [MISSING_STATUS] = {"sc-status", "all records count as 200, so errors and redirects count as "
                                     "traffic"},
    [MISSING_BYTES] = {"sc-bytes", "the bandwidth of all records counts as 0"},
    [MISSING_REFERER] = {"cs(Referer)", "all visits count as direct, from no other site"},
    [MISSING_AGENT] = {"cs(User-Agent)",
                       "browsers and operating systems are unknown, and robots count as visitors"},
};

unsigned missing_find(const struct header *header, const struct normalize_options *options)
{
    bool has_c_ip = header_has(header, COLUMN_CLIENT),
         has_forwarded = options->client.is_forwarded && header_has(header, INPUT_FORWARDED_FOR);
    unsigned missing = has_c_ip || has_forwarded ? 0 : 1u << MISSING_CLIENT;
    if (header_is_streaming(header))
        return missing;
    if (has_c_ip && options->client.is_forwarded && !has_forwarded)
        missing |= 1u << MISSING_FORWARDED_FOR;
    if (!header_has(header, COLUMN_HOST) && !header_has(header, INPUT_HOST_HEADER))
        missing |= 1u << MISSING_HOST;
    static const enum column needed[MISSING_COUNT] = {
        [MISSING_METHOD] = COLUMN_METHOD,   [MISSING_STEM] = COLUMN_STEM,
        [MISSING_STATUS] = COLUMN_STATUS,   [MISSING_BYTES] = COLUMN_BYTES,
        [MISSING_REFERER] = COLUMN_REFERER, [MISSING_AGENT] = COLUMN_AGENT,
    };
    for (int i = 0; i < MISSING_COUNT; i++)
        if (needed[i] && !header_has(header, needed[i]))
            missing |= 1u << i;
    return missing;
}

const char *missing_host(const struct header *header, const struct normalize_meaning *meaning,
                         const struct normalize_options *options)
{
    bool takes_own = options->host_cs_host;
    enum column wanted = takes_own ? meaning->distribution_host : meaning->viewer_host;
    if (header_is_streaming(header) || header_has(header, wanted))
        return NULL;
    if (!header_has(header, COLUMN_HOST) && !header_has(header, INPUT_HOST_HEADER))
        return missing_column(MISSING_HOST);
    if (wanted == INPUT_HOST_HEADER)
        return "x-host-header";
    return takes_own ? "cs(Host)" : "cs-host"; /* as real-time logs spell it */
}

const char *missing_column(enum missing missing)
{
    return table[missing].column;
}

const char *missing_effect(enum missing missing)
{
    return table[missing].effect;
}

const char *missing_advice(bool has_fields)
{
    return has_fields ? "add this field to the distribution's logging settings in CloudFront, and "
                        "its name to the setting (or option) \"fields\""
                      : "add this field to the distribution's logging settings in CloudFront";
}
