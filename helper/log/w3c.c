#include "log/w3c.h"

#include <string.h>

#include "log/missing.h"
#include "log/unsupported.h"

/* The most bytes of a streaming row: a view's record can be six times as long as its row, and must
 * still be shorter than LINES_SIZE_MAX. */
enum { STREAMING_ROW_MAX = 40 * 1024 };

static const char fields_name[] = "#Fields:";

/* In standard logs cs(Host) is the distribution, and x-host-header what the viewer asked for. */
static const struct normalize_meaning meaning = {.viewer_host = INPUT_HOST_HEADER,
                                                 .distribution_host = COLUMN_HOST};

static enum line_kind refuse(struct log *log, const char *error)
{
    log->error = error;
    return LINE_REFUSED;
}

static enum line_kind reject(struct log *log, const char *error)
{
    log->error = error;
    return LINE_BAD;
}

static bool begins(const char *line, size_t size)
{
    return size && *line == '#';
}

static enum line_kind read_header(struct log *log, const char *names, size_t size)
{
    const char *error = header_parse(&log->header, names, size);
    if (error)
        return refuse(log, error);
    if (log->normalized.state == NORMALIZED_ENDED)
        log->normalized.state = NORMALIZED_NONE; /* another log follows in the same object */
    bool is_normalized = log->normalized.state == NORMALIZED_OPEN;
    log->is_streaming = header_is_streaming(&log->header);
    if (log->is_streaming && log->kinds == READER_DOWNLOAD)
        return refuse(log,
                      "a streaming (RTMP) log, but the setting type is download; set type = auto");
    if (!log->is_streaming && !is_normalized && log->kinds == READER_STREAMING)
        return refuse(log, "a download log, but the setting type is streaming; set type = auto");
    if (is_normalized && (error = normalized_log_read_header(&log->normalized, &log->header)))
        return refuse(log, error);
    log->missing |= missing_find(&log->header, &log->options);
    normalize_prepare(&log->normalize, &log->header, &meaning, &log->options);
    log->has_header = true;
    log->separator = SEPARATOR_UNKNOWN;
    return LINE_NOTHING;
}

static enum line_kind read_directive(struct log *log, const char *line, size_t size)
{
    const size_t name_size = sizeof fields_name - 1;
    if (size >= name_size && !memcmp(line, fields_name, name_size))
        return read_header(log, line + name_size, size - name_size);
    const char *error = normalized_log_read_directive(&log->normalized, line, size);
    return error ? refuse(log, error) : LINE_NOTHING;
}

static enum line_kind read_normalized(struct log *log, const char *line, size_t size,
                                      uint32_t *time)
{
    if (log->normalized.state == NORMALIZED_ENDED)
        return refuse(log, "lines follow the last one, #End, of this output of awstats-cloudfront "
                           "cat; make it again");
    const char *error = normalized_log_read_row(&log->normalized, line, size, time);
    return error ? reject(log, error) : LINE_RECORD;
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
        return reject(log, "the fields of the line are separated by neither TAB nor space");
    }
    bool is_spaced = log->separator == SEPARATOR_SPACE;
    if (log->is_streaming && size > STREAMING_ROW_MAX)
        return reject(log, "the line has more than 40 KiB");
    if (log->is_streaming && is_spaced && memchr(line, '\t', size))
        return reject(log, "the line has a TAB, although spaces separate its fields");
    if (is_spaced)
        fields_split_space(&log->fields, line, size, &log->header);
    else
        fields_split_tab(&log->fields, line, size);
    const char *error = fields_check(&log->fields, &log->header);
    return error ? reject(log, error) : LINE_ROW;
}

static enum line_kind read_line(struct log *log, const char *line, size_t size, uint32_t *time)
{
    if (line[0] == '#')
        return read_directive(log, line, size);
    if (!log->has_header)
        return refuse(log, unsupported_name(line, size));
    return log->normalized.state == NORMALIZED_NONE ? read_row(log, line, size)
                                                    : read_normalized(log, line, size, time);
}

static void skip(struct log *log)
{
    if (log->normalized.state != NORMALIZED_NONE)
        log->normalized.records++;
}

static const char *end(const struct log *log)
{
    if (!log->has_header)
        return "not a CloudFront log: it has no #Fields header; keep other files out of the source";
    if (log->normalized.state == NORMALIZED_OPEN)
        return "truncated: this output of awstats-cloudfront cat lacks its last line, #End; make "
               "it again";
    if (log->separator == SEPARATOR_UNCLEAR)
        return "fields are separated by neither TAB nor space; choose TAB as the field delimiter "
               "in the distribution's logging settings in CloudFront";
    return NULL;
}

const struct format w3c_format = {begins, read_line, skip, end};
