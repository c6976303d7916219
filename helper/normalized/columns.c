#include "normalized/columns.h"

#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    enum column_text text;
} table[INPUT_COUNT] = {
    [COLUMN_DATE] = {"date", COLUMN_TEXT_PLAIN},
    [COLUMN_TIME] = {"time", COLUMN_TEXT_PLAIN},
    [COLUMN_EDGE_LOCATION] = {"x-edge-location", COLUMN_TEXT_PLAIN},
    [COLUMN_BYTES] = {"sc-bytes", COLUMN_TEXT_PLAIN},
    [COLUMN_CLIENT] = {"c-ip", COLUMN_TEXT_PLAIN},
    [COLUMN_METHOD] = {"cs-method", COLUMN_TEXT_PLAIN},
    [COLUMN_HOST] = {"cs(Host)", COLUMN_TEXT_PLAIN},
    [COLUMN_STEM] = {"cs-uri-stem", COLUMN_TEXT_URL},
    [COLUMN_STATUS] = {"sc-status", COLUMN_TEXT_PLAIN},
    [COLUMN_REFERER] = {"cs(Referer)", COLUMN_TEXT_URL},
    [COLUMN_AGENT] = {"cs(User-Agent)", COLUMN_TEXT_AGENT},
    [COLUMN_QUERY] = {"cs-uri-query", COLUMN_TEXT_URL},
    [COLUMN_RESULT] = {"x-edge-result-type", COLUMN_TEXT_PLAIN},
    [COLUMN_PROTOCOL] = {"cs-protocol", COLUMN_TEXT_PLAIN},
    [COLUMN_PROTOCOL_VERSION] = {"cs-protocol-version", COLUMN_TEXT_PLAIN},
    [COLUMN_TLS] = {"ssl-protocol", COLUMN_TEXT_PLAIN},
    [COLUMN_CONTENT_TYPE] = {"sc-content-type", COLUMN_TEXT_PLAIN},
    [COLUMN_TIME_TAKEN] = {"time-taken", COLUMN_TEXT_PLAIN},
    [COLUMN_TIME_TO_FIRST_BYTE] = {"time-to-first-byte", COLUMN_TEXT_PLAIN},
    [COLUMN_COUNTRY] = {"c-country", COLUMN_TEXT_PLAIN},
    [COLUMN_EVENT] = {"x-event", COLUMN_TEXT_PLAIN},
    [COLUMN_DURATION] = {"x-duration", COLUMN_TEXT_PLAIN},
    [COLUMN_STREAM_NAME] = {"x-sname", COLUMN_TEXT_PLAIN},
    [COLUMN_FILE_EXT] = {"x-file-ext", COLUMN_TEXT_PLAIN},
    [INPUT_HOST_HEADER] = {"x-host-header", COLUMN_TEXT_PLAIN},
    [INPUT_FORWARDED_FOR] = {"x-forwarded-for", COLUMN_TEXT_PLAIN},
    [INPUT_TIMESTAMP] = {"timestamp", COLUMN_TEXT_PLAIN},
    [INPUT_TIMESTAMP_MS] = {"timestamp(ms)", COLUMN_TEXT_PLAIN},
    [INPUT_CONNECTION] = {"x-cf-client-id", COLUMN_TEXT_PLAIN},
    [INPUT_STREAM_QUERY] = {"x-sname-query", COLUMN_TEXT_PLAIN},
    [INPUT_PAGE] = {"x-page-url", COLUMN_TEXT_PLAIN},
    [INPUT_REFERRER] = {"c-referrer", COLUMN_TEXT_PLAIN},
    [INPUT_PLAYER] = {"c-user-agent", COLUMN_TEXT_PLAIN},
};

const char *column_name(enum column column)
{
    return table[column].name;
}

enum column_text column_text(enum column column)
{
    return table[column].text;
}

enum column column_find(const char *name, size_t size)
{
    for (int i = 0; i < INPUT_COUNT; i++)
        if (strlen(table[i].name) == size && !strncasecmp(table[i].name, name, size))
            return (enum column)i;
    return COLUMN_NONE;
}
