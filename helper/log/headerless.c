#include "log/headerless.h"

#include "log/layout.h"
#include "log/names.h"
#include "log/w3c.h"

/* Amazon CloudFront Developer Guide, "Standard log file fields": download logs, in the order of their
 * eras, and the first fields of standard logs v2 with all fields. */
#define DOWNLOAD                                                                                   \
    "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status "            \
    "cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id "     \
    "x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher "       \
    "x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port "      \
    "time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len "               \
    "sc-range-start sc-range-end"
#define STREAMING                                                                                  \
    "date time x-edge-location c-ip x-event sc-bytes x-cf-status x-cf-client-id cs-uri-stem "      \
    "cs-uri-query c-referrer x-page-url c-user-agent x-sname x-sname-query x-file-ext x-sid"

const struct layout headerless_layouts[] = {
    {"a download log",
     DOWNLOAD " distribution-tenant-id connection-id",
     {11, 12, 15, 18, 19, 23, 24, 26, 33, 35},
     false,
     false},
    {"a streaming log", STREAMING, {17}, false, false},
    {"a download log", DOWNLOAD, {33}, true, false},
    {"a standard log v2", "timestamp DistributionId " DOWNLOAD, {35}, true, false},
    {0},
};

/* Whether a first line has names that the setting fields replaces: in quotation marks, or of the result of a query. */
static bool is_head(const char *line, size_t size)
{
    return *line == '"' || names_find_foreign(line, size);
}

static bool has_line(const struct log *log, const char *line, size_t size)
{
    /* The first line of a table has names, and the setting fields those of CloudFront. */
    return layout_has_row(log, line, size) || (log->given.is_given && is_head(line, size)) ||
           log_has_visitor_row(log, line, size);
}

static enum line_kind read_line(struct log *log, const char *line, size_t size, uint32_t *time)
{
    struct names names;
    const char *error;
    bool is_directive = *line == '#' && !log_has_visitor_row(log, line, size);
    if (is_directive || (names_may_begin(*line) &&
                         names_parse_among_rows(&names, line, size))) { /* another log follows */
        if (log->layout.is_known && (error = layout_find_error(log)))
            return log_refuse(log, error);
        log->format = &w3c_format;
        return w3c_format.read(log, line, size, time);
    }
    if (names_is_hint(line, size))
        return LINE_NOTHING;
    if (log->line == 1 && is_head(line, size) && !layout_has_row(log, line, size) &&
        !log_has_visitor_row(log, line, size))
        return LINE_NOTHING;
    error = layout_read(log, line, size);
    if (log->error)
        return LINE_REFUSED;
    return error ? log_reject(log, error) : LINE_ROW;
}

static void skip(struct log *log)
{
    (void)log;
}

static enum line_kind end(struct log *log)
{
    const char *error = layout_find_error(log);
    return error ? log_refuse(log, error) : LINE_NOTHING;
}

const struct format headerless_format = {
    .unit = LINES_LINE, .has_line = has_line, .read = read_line, .skip = skip, .end = end};
