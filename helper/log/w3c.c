#include "log/w3c.h"

#include <string.h>

#include "log/directive.h"
#include "log/names.h"
#include "log/real_time.h"
#include "log/table_values.h"

/* In standard logs cs(Host) is the distribution, and x-host-header what the viewer asked for. */
static const struct normalize_meaning meaning = {.viewer_host = INPUT_HOST_HEADER,
                                                 .distribution_host = COLUMN_HOST};

static bool begins(const char *head, size_t size)
{
    return size && *head == '#';
}

bool w3c_resumes(const struct log *log, const char *line, size_t size)
{
    const struct log_kept *kept = &log->kept;
    struct fields fields;
    return kept->is_kept &&
           !delimiter_split(&kept->delimiter, &fields, line, size, &kept->header, log->scratch) &&
           fields.count == kept->header.field_count && delimiter_fits(&fields, &kept->header);
}

static bool has_line(const struct log *log, const char *line, size_t size)
{
    struct names names;
    if (names_is_hint(line, size))
        return true;
    if (log_has_visitor_row(log, line, size))
        return log->kept.is_kept;
    return names_parse(&names, line, size) || w3c_resumes(log, line, size);
}

/* Whether a #Software line names a program that is neither CloudFront, which writes no such line, nor this one. */
static bool is_other_program(const char *line, size_t size)
{
    static const char own[] = "awstats-cloudfront";
    return !memmem(line, size, "CloudFront", strlen("CloudFront")) &&
           !memmem(line, size, own, sizeof own - 1);
}

static enum line_kind pass_over(struct log *log, const char *kind)
{
    return log->has_header
               ? log_refuse(log,
                            "a log of another program follows CloudFront's in the same object; put "
                            "each log into an object of its own")
               : log_pass_over(log, kind);
}

/* Whether names are those of a real-time log, to which a program has given a header: standard logs always have
 * cs(Host), and so on. */
static bool has_real_time_names(const struct header *header, const char *names, size_t size)
{
    static const char *const spelled[] = {"cs-host", "cs-user-agent", "cs-referer", "cs-cookie"};
    if (real_time_has_names(header))
        return true;
    if (header_has(header, COLUMN_DATE) || !header_has(header, INPUT_TIMESTAMP))
        return false;
    for (size_t i = 0; i < sizeof spelled / sizeof *spelled; i++)
        if (memmem(names, size, spelled[i], strlen(spelled[i])))
            return true;
    return false;
}

/* Takes log->header for the rows to come.  Returns false as log_prepare() does. */
static bool take_header(struct log *log)
{
    log->delimiter.size = log->names_delimiter.size = 0;
    log->has_names = log->has_backslashes = false;
    log->is_described = true;
    log->fields_before = 0;
    if (log->is_real_time)
        real_time_add_query(&log->header);
    return log_prepare(log, log->is_real_time ? &real_time_meaning : &meaning);
}

/* Whether a column tells something of a request, and not only its time.  A #Fields header says by itself that rows are
 * requests, so any column will do. */
static bool has_column(const struct header *header)
{
    for (int i = 0; i < INPUT_COUNT; i++)
        if (header->position[i] >= 0 && i != COLUMN_DATE && i != COLUMN_TIME &&
            i != INPUT_TIMESTAMP && i != INPUT_TIMESTAMP_MS)
            return true;
    return false;
}

static enum line_kind read_header(struct log *log, const char *names, size_t size)
{
    bool is_next = log->is_described && !log->delimiter.size && !log->is_version_last;
    const struct header before = log->header;
    enum header_error header_error =
        header_parse_known(&log->header_known, &log->header, names, size);
    log->has_others_before =
        is_next && (log->has_others_before || header_misreads(&log->header, &before));
    log->is_version_last = false;
    const char *error = header_error_text(header_error), *kind = log->header.foreign;
    if (header_error == HEADER_FOREIGN && (!log->has_header || log->header.is_of_others))
        return pass_over(log, kind ? kind : "a log without requests");
    if (error)
        return log_refuse(log, error);
    if (log->normalized.state != NORMALIZED_OPEN && !has_column(&log->header))
        return pass_over(log, kind ? kind : "a log without requests");
    if (log->normalized.state == NORMALIZED_ENDED)
        log->normalized.state = NORMALIZED_NONE; /* another log follows in the same object */
    log->is_real_time = has_real_time_names(&log->header, names, size);
    if (!take_header(log))
        return LINE_REFUSED;
    if (log->normalized.state == NORMALIZED_OPEN &&
        (error = normalized_log_read_header(&log->normalized, &log->header)))
        return log_refuse(log, error);
    delimiter_of_names(&log->names_delimiter, names, size);
    return LINE_NOTHING;
}

/* Takes a line of names that stands in the place of the header. */
static enum line_kind take_names(struct log *log, const struct names *names, const char *line,
                                 size_t size)
{
    log->header = names->header;
    log->are_names_first = !log->has_header;
    log->misfit.is_found = false;
    log->is_real_time = has_real_time_names(&log->header, line, size);
    if (!take_header(log))
        return LINE_REFUSED;
    log->has_names = true;
    log->has_backslashes = names->has_backslashes && !log->is_streaming;
    if (*names->delimiter.text != ' ')
        log->names_delimiter = names->delimiter;
    return LINE_NOTHING;
}

static enum line_kind read_directive(struct log *log, const char *line, size_t size)
{
    size_t name_size;
    enum directive directive = directive_find(line, size, &name_size);
    if (directive == DIRECTIVE_FIELDS)
        return read_header(log, line + name_size, size - name_size);
    log->is_version_last = directive == DIRECTIVE_VERSION;
    if (directive == DIRECTIVE_SOFTWARE && is_other_program(line, size))
        return pass_over(log, "the log of another program, which its #Software line names");
    const char *error = normalized_log_read_directive(&log->normalized, line, size);
    return error ? log_refuse(log, error) : LINE_NOTHING;
}

static enum line_kind read_normalized(struct log *log, const char *line, size_t size,
                                      uint32_t *time)
{
    if (log->normalized.state == NORMALIZED_ENDED)
        return log_refuse(log, "this output of awstats-cloudfront cat has more lines after #End, "
                               "which is its last; run that command again");
    const char *error = normalized_log_read_row(&log->normalized, line, size, time);
    return error ? log_reject(log, error) : LINE_RECORD;
}

/* Whether the setting delimiter divides the row into as many values as the header names, whatever they look like. */
static bool has_given_delimiter(struct log *log, const char *line, size_t size)
{
    const struct delimiter *given = &log->given_delimiter;
    if (!given->size || log->has_names)
        return false;
    delimiter_split(given, &log->fields, line, size, &log->header, log->scratch);
    return log->fields.count >= log->header.field_count;
}

/* Finds the delimiter of fields in the first row.  Returns false when the row has none.  A visitor's text may have as
 * many TABs as a row: the values between TABs have a time, or no other delimiter fits.  A table must have a time, else
 * any text would be one. */
static bool find_delimiter(struct log *log, const char *line, size_t size)
{
    static const struct delimiter tab = {"\t", 1}, space = {" ", 1};
    const struct delimiter *hint =
        log->given_delimiter.size ? &log->given_delimiter : &log->names_delimiter;
    fields_split_tab(&log->fields, line, size);
    bool has_tabs = log->fields.count > 1 && log->fields.count >= log->header.required;
    bool has_numbers = !log->has_names || !misfit_number_error(&log->fields, &log->header);
    if (has_tabs && has_numbers && misfit_has_time(&log->fields, &log->header)) {
        log->delimiter = tab;
        return true;
    }
    if (log->header.field_count > 1 &&
        delimiter_find(&log->delimiter, hint, line, size, &log->header, &log->fields, log->scratch))
        return true;
    if (has_given_delimiter(log, line, size)) {
        log->delimiter = log->given_delimiter;
        return true;
    }
    fields_split_space(&log->fields, line, size, &log->header);
    bool is_space = log->header.field_count == 1 ||
                    (log->fields.count == log->header.field_count &&
                     (!log->has_names || misfit_has_time(&log->fields, &log->header)));
    has_tabs &= !log->has_names;
    log->delimiter = has_tabs ? tab : is_space ? space : (struct delimiter){.size = 0};
    return has_tabs || is_space;
}

/* Finds out why a row of a table cannot be read.  A table has mostly the delimiter of its names. */
static void find_misfit(struct log *log, const char *line, size_t size)
{
    static const struct delimiter usual[] = {{"\t", 1}, {";", 1}, {",", 1}, {"|", 1}};
    const struct delimiter *hints[] = {
        &log->given_delimiter, &log->names_delimiter, &usual[0], &usual[1], &usual[2], &usual[3]};
    for (size_t i = 0; log->has_names && i < sizeof hints / sizeof *hints; i++)
        misfit_find(&log->misfit, hints[i], line, size, log->line, &log->header, &log->fields,
                    log->scratch);
}

static enum line_kind read_row(struct log *log, const char *line, size_t size)
{
    const char *error;
    if (log->has_backslashes && memchr(line, '\\', size)) {
        char *row = log->scratch + LINES_SIZE_MAX;
        size = names_unescape(line, size, row);
        line = row;
    }
    if (!log->delimiter.size && log->has_others_before && log->is_version_last)
        return log_refuse(log, "several #Fields headers with different fields come before all "
                               "rows, as in a sorted file, so the fields of a row are not known; "
                               "put each log into an object of its own");
    if (!log->delimiter.size && !find_delimiter(log, line, size)) {
        find_misfit(log, line, size);
        fields_split_tab(&log->fields, line, size);
        bool has_tabs = log->fields.count > 1;
        log->is_unclear |= !has_tabs || log->has_names;
        if (has_tabs && (error = fields_check(&log->fields, &log->header)))
            return log_reject(log, error);
        if (log->misfit.is_found && log->misfit.line == log->line)
            return log_reject(log, misfit_reason(&log->misfit));
        return log_reject(log, "it is not clear which text separates the fields of the line");
    }
    log->is_unclear = false;
    bool is_tab = delimiter_is(&log->delimiter, '\t'),
         is_quoted = log->has_names && memchr(line, '"', size);
    if (log->is_streaming && size > LOG_STREAMING_ROW_MAX)
        return log_reject(log, "the line has more than 40 KiB");
    if (log->is_streaming && !is_tab && memchr(line, '\t', size))
        return log_reject(log, "the line has a TAB, although another text separates its fields");
    if (is_tab && !is_quoted) {
        fields_split_tab(&log->fields, line, size);
        error = fields_check(&log->fields, &log->header);
    } else {
        error =
            delimiter_split(&log->delimiter, &log->fields, line, size, &log->header, log->scratch);
    }
    if (!error && log->is_line_unended && log->fields.count < log->fields_before)
        error = "the line is the last, has no line end, and has fewer fields than the one before, "
                "so the log was cut off; copy it again";
    if (error)
        return log_reject(log, error);
    log->fields_before = log->fields.count;
    if (log->has_names)
        table_values_convert(&log->fields, &log->header);
    if (log->has_names && !log->is_real_time && real_time_has_row(&log->header, &log->fields)) {
        log->is_real_time = true;
        real_time_add_query(&log->header);
        if (!log_prepare(log, &real_time_meaning))
            return LINE_REFUSED;
    }
    if (log->is_real_time)
        real_time_cut_stem(&log->fields, &log->header);
    return LINE_ROW;
}

/* Reads a line before the first header, if there will be one. */
static enum line_kind read_without_header(struct log *log, const char *line, size_t size,
                                          uint32_t *time)
{
    struct names names;
    if (names_is_hint(line, size))
        return LINE_NOTHING;
    bool is_row = log_has_visitor_row(log, line, size);
    if (!is_row && names_parse(&names, line, size))
        return take_names(log, &names, line, size);
    if ((is_row && log->kept.is_kept) || w3c_resumes(log, line, size)) {
        log->header = log->kept.header;
        log->is_real_time = log->kept.is_real_time;
        if (!take_header(log))
            return LINE_REFUSED;
        log->delimiter = log->kept.delimiter;
        return read_row(log, line, size);
    }
    if (log->has_header && !is_row && !layout_has_row(log, line, size))
        return log_reject(log, "a #Fields header must come before the line");
    log->format = format_find_line(log, line, size);
    if (log->format)
        return log->format->read(log, line, size, time);
    log->format = &w3c_format;
    return log_refuse_unknown(log, "not a CloudFront log: its first lines are neither a #Fields "
                                   "header nor requests");
}

/* Whether a line is a header or a comment.  A value of a row may begin with "#", too: a text of a visitor, or in a
 * table the text that Excel writes for a value that has no room.  A directive has its colon before the first
 * delimiter. */
static bool is_directive(const struct log *log, const char *line, size_t size)
{
    const struct delimiter *between = &log->names_delimiter;
    if (*line != '#' || log_has_visitor_row(log, line, size))
        return false;
    if (!log->is_described || !log->has_names || !between->size)
        return true;
    const char *value_end = memmem(line, size, between->text, between->size);
    return !value_end || memchr(line, ':', (size_t)(value_end - line));
}

static enum line_kind read_line(struct log *log, const char *line, size_t size, uint32_t *time)
{
    size_t name_size;
    if (*line == '#' && directive_find(line, size, &name_size) != DIRECTIVE_NONE)
        log->is_declared = true;
    if (is_directive(log, line, size))
        return read_directive(log, line, size);
    if (!log->is_described)
        return read_without_header(log, line, size, time);
    if (log->normalized.state != NORMALIZED_NONE)
        return read_normalized(log, line, size, time);
    struct names names;
    if (!names_may_begin(*line))
        return read_row(log, line, size);
    if (names_is_hint(line, size))
        return LINE_NOTHING;
    return names_parse_among_rows(&names, line, size) ? take_names(log, &names, line, size)
                                                      : read_row(log, line, size);
}

static void skip(struct log *log)
{
    if (log->normalized.state != NORMALIZED_NONE)
        log->normalized.records++;
}

static enum line_kind end(struct log *log)
{
    if (!log->has_header)
        return log_refuse_unknown(log, "not a CloudFront log: it has no #Fields header");
    if (log->normalized.state == NORMALIZED_OPEN)
        return log_refuse(log, "truncated: this output of awstats-cloudfront cat lacks its last "
                               "line, #End; make it again");
    if (log->is_unclear && log->misfit.is_found) {
        misfit_describe(&log->misfit, log->error_text, sizeof log->error_text);
        return log_refuse(log, log->error_text);
    }
    if (log->is_unclear && log->has_names && log->are_names_first)
        return log_pass_over(log, "a text whose first line names fields of CloudFront, but in "
                                  "which no other line is a request");
    if (log->is_unclear && log->given_delimiter.size)
        return log_refuse(log, "the text in the setting \"delimiter\" does not separate the fields "
                               "that the header names; correct this setting");
    if (log->is_unclear)
        return log_refuse(log,
                          "it is not clear which text separates the fields; write this text into "
                          "the setting \"delimiter\", or choose TAB as the field delimiter in the "
                          "distribution's logging settings in CloudFront");
    return LINE_NOTHING;
}

const struct format w3c_format = {.unit = LINES_LINE,
                                  .begins = begins,
                                  .has_line = has_line,
                                  .read = read_line,
                                  .skip = skip,
                                  .end = end};
