#include "log/w3c.h"

#include <string.h>

#include "log/unsupported.h"

/* The most bytes of a streaming row: a view's record can be six times as long as its row, and must
 * still be shorter than LINES_SIZE_MAX. */
enum { STREAMING_ROW_MAX = 40 * 1024 };

static const char fields_name[] = "#Fields:";

/* In standard logs cs(Host) is the distribution, and x-host-header what the viewer asked for. */
static const struct normalize_meaning meaning = {.viewer_host = INPUT_HOST_HEADER,
                                                 .distribution_host = COLUMN_HOST};

static bool begins(const char *head, size_t size)
{
    return size && *head == '#';
}

static enum line_kind read_header(struct log *log, const char *names, size_t size)
{
    const char *error = header_parse(&log->header, names, size);
    if (error)
        return log_refuse(log, error);
    if (log->normalized.state == NORMALIZED_ENDED)
        log->normalized.state = NORMALIZED_NONE; /* another log follows in the same object */
    if (!log_prepare(log, &meaning))
        return LINE_REFUSED;
    if (log->normalized.state == NORMALIZED_OPEN &&
        (error = normalized_log_read_header(&log->normalized, &log->header)))
        return log_refuse(log, error);
    log->separator = SEPARATOR_UNKNOWN;
    return LINE_NOTHING;
}

static enum line_kind read_directive(struct log *log, const char *line, size_t size)
{
    const size_t name_size = sizeof fields_name - 1;
    if (size >= name_size && !memcmp(line, fields_name, name_size))
        return read_header(log, line + name_size, size - name_size);
    const char *error = normalized_log_read_directive(&log->normalized, line, size);
    return error ? log_refuse(log, error) : LINE_NOTHING;
}

static enum line_kind read_normalized(struct log *log, const char *line, size_t size,
                                      uint32_t *time)
{
    if (log->normalized.state == NORMALIZED_ENDED)
        return log_refuse(log,
                          "lines follow the last one, #End, of this output of awstats-cloudfront "
                          "cat; make it again");
    const char *error = normalized_log_read_row(&log->normalized, line, size, time);
    return error ? log_reject(log, error) : LINE_RECORD;
}

/* Recognizes the separator of fields in the first row.  Returns false when the row has none. */
static bool find_separator(struct log *log, const char *line, size_t size)
{
    if (memchr(line, '\t', size)) {
        log->separator = SEPARATOR_TAB;
        return true;
    }
    if (log->header.field_count > 1) {
        fields_split_space(&log->fields, line, size, &log->header);
        if (log->fields.count != log->header.field_count)
            return false;
    }
    log->separator = SEPARATOR_SPACE;
    return true;
}

static enum line_kind read_row(struct log *log, const char *line, size_t size)
{
    if (log->separator < SEPARATOR_TAB && !find_separator(log, line, size)) {
        log->separator = SEPARATOR_UNCLEAR;
        return log_reject(log, "the fields of the line are separated by neither TAB nor space");
    }
    bool is_spaced = log->separator == SEPARATOR_SPACE;
    if (log->is_streaming && size > STREAMING_ROW_MAX)
        return log_reject(log, "the line has more than 40 KiB");
    if (log->is_streaming && is_spaced && memchr(line, '\t', size))
        return log_reject(log, "the line has a TAB, although spaces separate its fields");
    if (is_spaced)
        fields_split_space(&log->fields, line, size, &log->header);
    else
        fields_split_tab(&log->fields, line, size);
    const char *error = fields_check(&log->fields, &log->header);
    return error ? log_reject(log, error) : LINE_ROW;
}

static enum line_kind read_line(struct log *log, const char *line, size_t size, uint32_t *time)
{
    if (line[0] == '#')
        return read_directive(log, line, size);
    if (!log->has_header)
        return log_refuse(log, unsupported_name(line, size));
    return log->normalized.state == NORMALIZED_NONE ? read_row(log, line, size)
                                                    : read_normalized(log, line, size, time);
}

static void skip(struct log *log)
{
    if (log->normalized.state != NORMALIZED_NONE)
        log->normalized.records++;
}

static enum line_kind end(struct log *log)
{
    if (!log->has_header)
        return log_refuse(log,
                          "not a CloudFront log: it has no #Fields header; keep other files out "
                          "of the source");
    if (log->normalized.state == NORMALIZED_OPEN)
        return log_refuse(log, "truncated: this output of awstats-cloudfront cat lacks its last "
                               "line, #End; make it again");
    if (log->separator == SEPARATOR_UNCLEAR)
        return log_refuse(log,
                          "fields are separated by neither TAB nor space; choose TAB as the "
                          "field delimiter in the distribution's logging settings in CloudFront");
    return LINE_NOTHING;
}

const struct format w3c_format = {
    .unit = LINES_LINE, .begins = begins, .read = read_line, .skip = skip, .end = end};
