#include "log/layout.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log/align.h"
#include "log/format.h"
#include "log/iso_time.h"
#include "log/real_time.h"
#include "log/row_start.h"
#include "log/shape.h"
#include "log/table_values.h"
#include "log/visitor_text.h"

/* The most rows that fit no layout, before the object is refused. */
enum { UNREAD_MAX = 1000 };

static const struct normalize_meaning standard_meaning = {.viewer_host = INPUT_HOST_HEADER,
                                                          .distribution_host = COLUMN_HOST};

/* Whether an unused column has whole numbers. */
static bool is_number(const char *name, size_t size)
{
    static const char *const names[] = {"cs-bytes", "c-port", "sc-range-start", "sc-range-end",
                                        NULL};
    return field_is_one_of((struct field){name, size}, names);
}

/* Makes a header of all columns that a layout names. */
static void name_columns(struct header *header, const char *names)
{
    header_begin(header);
    while (*names) {
        size_t size = strcspn(names, " ");
        unsigned bit = (unsigned)header->field_count;
        header_add(header, names, size);
        if (bit < 64) {
            header->closed |= (uint64_t)!header->has_visitor_last << bit;
            header->numbers |= (uint64_t)is_number(names, size) << bit;
        }
        names += size;
        names += *names == ' ';
    }
}

/* Makes a header of the first COUNT columns of a header, at most HEADER_FIELDS_MAX.  There may be more columns than it
 * names. */
static void take_columns(struct header *header, const struct header *named, size_t count)
{
    *header = *named;
    for (int i = 0; i < INPUT_COUNT; i++)
        if (header->position[i] >= (int)count)
            header->position[i] = -1;
    header->field_count = count;
    header_end(header);
}

static const struct header *get_headers(struct layout_headers *headers)
{
    struct header *next = headers->header;
    if (headers->are_made)
        return next;
    headers->are_made = true;
    for (const struct layout *layout = headerless_layouts; layout->name; layout++)
        name_columns(next++, layout->columns);
    for (const struct layout *layout = real_time_layouts; layout->name; layout++)
        name_columns(next++, layout->columns);
    return headers->header;
}

const char *layout_parse(struct layout_given *given, const char *names)
{
    static const char between[] = " ,\t";
    static const char *const errors[] = {
        [HEADER_GOOD] = NULL,
        [HEADER_TOO_LONG] = "must not name more than 256 fields",
        [HEADER_TWICE] = "must not name a field twice",
        [HEADER_EMPTY] = "must name the fields, such as date time c-ip cs-uri-stem",
        [HEADER_WITHOUT_TIME] = "must name date and time, or timestamp",
        [HEADER_FOREIGN] =
            "must name date and time, or timestamp, and no field of IIS or of a table of counts",
    };
    enum header_error error = HEADER_GOOD;
    *given = (struct layout_given){.is_given = true};
    header_begin(&given->header);
    for (const char *s = names + strspn(names, between); *s && !error; s += strspn(s, between)) {
        size_t size = strcspn(s, between);
        error = header_add(&given->header, s, size);
        given->is_real_time |= real_time_has_name(s, size);
        s += size;
    }
    if (!error)
        error = header_end(&given->header);
    if (!error)
        real_time_order(&given->real_time, names);
    return errors[error];
}

static const struct header *given_header(const struct log *log, const char *line, size_t size)
{
    bool is_precise = shape_is_precise_time((struct field){line, row_start_find_epoch(line, size)});
    return log->given.is_real_time || is_precise ? &log->given.real_time : &log->given.header;
}

bool layout_fits_given(const struct log *log, const char *line, size_t size)
{
    struct fields fields;
    struct delimiter delimiter;
    return log->given.is_given &&
           delimiter_find(&delimiter, &log->given_delimiter, line, size,
                          given_header(log, line, size), &fields, log->scratch);
}

bool layout_has_row(const struct log *log, const char *line, size_t size)
{
    size_t skipped = iso_time_of_export(line, size);
    line += skipped;
    size -= skipped;
    return row_start_is_date(line, size) || row_start_find_epoch(line, size) ||
           layout_fits_given(log, line, size);
}

/* Splits the row by log->header and log->delimiter.  Returns whether it fits them. */
static bool split(struct log *log, const char *line, size_t size)
{
    if (delimiter_split(&log->delimiter, &log->fields, line, size, &log->header, log->scratch))
        return false;
    return log->given.is_given || log->fields.count == log->header.field_count;
}

/* Whether a row with this number of parts may have COUNT columns. */
static bool may_have(const struct delimiter *delimiter, size_t parts, size_t count)
{
    return parts == count ||
           (parts > count && (!delimiter_is(delimiter, '\t') || parts == count + 1));
}

/* Whether the row has the first COUNT of the named columns; then log->header and log->fields have them. */
static bool fits(struct log *log, const struct header *named, size_t count, const char *line,
                 size_t size)
{
    take_columns(&log->header, named, count);
    return split(log, line, size) && delimiter_fits(&log->fields, &log->header);
}

/* The layouts that a row fits.  The ends of its values may be unclear. */
struct match {
    const struct layout *layout, *other; /* OTHER: of a second match */
    const struct header *header;         /* of the layout */
    size_t count, other_count;
    unsigned doubt; /* of the match */
    size_t matches; /* of this doubt */
    bool is_joined; /* the delimiter occurs inside values */
    size_t known;   /* columns of the rows before; 0: there are none */
};

/* Counts the parts of a row.  A delimiter in quotation marks divides none: then joining them costs nothing. */
static void find_parts(struct align_parts *parts, const struct delimiter *delimiter,
                       const char *line, size_t size)
{
    const char *end = line + size, *next;
    bool is_quoted = memchr(line, '"', size);
    do {
        next = memmem(line, (size_t)(end - line), delimiter->text, delimiter->size);
        struct field part = {line, is_quoted ? 0 : (size_t)((next ? next : end) - line)};
        align_add_part(parts, part);
        line = next ? next + delimiter->size : NULL;
    } while (next);
}

static size_t count_layout(const struct layout *layout)
{
    size_t count = 0;
    while (count < LAYOUT_COUNTS_MAX && layout->counts[count])
        count++;
    return count;
}

/* Tries the greatest number of columns first, which joins the fewest parts.  A row may have as many columns as the rows
 * before, or fewer, with a delimiter inside values.  If the doubt is the same, the row has as many. */
static void match_layout(struct log *log, const struct layout *layout, const struct header *header,
                         const char *line, size_t size, const struct align_parts *parts,
                         struct match *match)
{
    bool is_tab = delimiter_is(&log->delimiter, '\t');
    for (size_t i = count_layout(layout); i-- > 0;) {
        size_t count = layout->is_open ? parts->count : layout->counts[i];
        if (parts->count < layout->counts[i] || count > HEADER_FIELDS_MAX ||
            !may_have(&log->delimiter, parts->count, count) ||
            (match->matches && 2 * align_least_doubt(parts, parts->count - count) > match->doubt))
            continue;
        bool is_fit = fits(log, header, count, line, size);
        if (is_fit ? evidence_has_other(&log->fields, &log->header) : !log->fields.is_unclear)
            continue;
        if (!is_tab && parts->count == count)
            align_fields(&log->fields, &log->header); /* for the doubt */
        /* An empty value is rather one than a TAB too many, and without any doubt no value has a delimiter. */
        unsigned doubt = 2 * log->fields.doubt;
        doubt += parts->count > count && (is_tab || !doubt);
        bool is_joined = !is_tab && parts->count > count;
        bool wins_tie = parts->count == match->known && match->is_joined && !is_joined;
        bool loses_tie = parts->count == match->known && !match->is_joined && is_joined;
        if (!match->matches || doubt < match->doubt || (doubt == match->doubt && wins_tie)) {
            *match =
                (struct match){layout, NULL, header, count, 0, doubt, 1, is_joined, match->known};
        } else if (doubt == match->doubt && !loses_tie) {
            match->other = layout;
            match->other_count = count;
            match->matches++;
        }
    }
}

static void match_layouts(struct log *log, bool is_open, const char *line, size_t size,
                          const struct align_parts *parts, struct match *match)
{
    bool is_precise = shape_is_precise_time((struct field){line, row_start_find_epoch(line, size)});
    const struct layout *layout = is_precise ? real_time_layouts : headerless_layouts;
    const struct header *header = get_headers(&log->layout_headers);
    if (is_precise)
        for (const struct layout *before = headerless_layouts; before->name; before++)
            header++;
    for (; layout->name; layout++, header++)
        if (layout->is_open == is_open)
            match_layout(log, layout, header, line, size, parts, match);
}

/* Whether the last of the first COUNT columns of a layout may have a text of the visitor. */
static bool has_visitor_last(const struct layout *layout, size_t count)
{
    const char *name = layout->columns;
    for (size_t i = 1; i < count && *name; i++) {
        name += strcspn(name, " ");
        name += *name == ' ';
    }
    return visitor_text_has_name(name, strcspn(name, " ")); /* of an unknown column, too */
}

/* Stores the error of a row whose columns fit no layout. */
static void describe_misfit(struct log *log, uint64_t line, size_t columns, bool is_real_time)
{
    snprintf(log->layout.error, sizeof log->layout.error,
             "line %" PRIu64
             ": %zu columns without a #Fields header fit no kind of log%s; write the names of the "
             "columns, in their order, into the setting \"fields\"",
             line, columns, is_real_time ? ", but may be a real-time log's" : "");
}

/* Finds a layout that is known.  Returns NULL, or an error with log->layout.error. */
static const char *find_layout(struct log *log, const char *line, size_t size)
{
    struct match match = {.known = log->layout.is_known ? log->header.field_count : 0};
    struct align_parts parts = {0};
    if (!row_start_find_delimiter(&log->delimiter, line, size))
        log->delimiter = (struct delimiter){"\t", 1};
    find_parts(&parts, &log->delimiter, line, size);
    for (int is_open = 0; is_open < 2 && (!match.matches || match.is_joined); is_open++)
        match_layouts(log, is_open, line, size, &parts, &match);
    if (match.matches == 1 && fits(log, match.header, match.count, line, size)) {
        log->layout.is_real_time = match.layout->is_real_time;
        log->layout.is_open = match.layout->is_open;
        log->header.has_visitor_last = has_visitor_last(match.layout, match.count);
        return NULL;
    }
    char *error = log->layout.error;
    bool is_unclear = match.matches == 1;
    if (log->layout.unread || log->layout.is_known)
        ;
    else if (match.matches > 1)
        snprintf(
            error, sizeof log->layout.error,
            "line %" PRIu64
            ": %zu columns fit two kinds of log, %s with %zu columns and %s with %zu; write the "
            "names of the columns, in their order, into the setting \"fields\"",
            log->line, parts.count, match.layout->name, match.count, match.other->name,
            match.other_count);
    else if (is_unclear)
        snprintf(error, sizeof log->layout.error,
                 "line %" PRIu64
                 ": %zu columns without a #Fields header fit no kind of log, unless the delimiter "
                 "occurs inside values; write the names of the columns, in their order, into the "
                 "setting \"fields\", or choose TAB as the field delimiter in CloudFront",
                 log->line, parts.count);
    else
        describe_misfit(
            log, log->line, parts.count,
            shape_is_precise_time((struct field){line, row_start_find_epoch(line, size)}));
    if (is_unclear)
        return delimiter_unclear;
    return "without a #Fields header, the columns of the line are unknown: they fit no log of "
           "CloudFront";
}

/* Whether a line may be a request with unknown columns: a value of it is an address or a path. */
static bool may_be_request(const char *line, size_t size)
{
    static const char between[] = {'\t', ' ', ',', ';', '|', '"'};
    for (const char *s = line, *end = line + size; s < end; s++) {
        const char *value = s;
        while (s < end && !memchr(between, *s, sizeof between))
            s++;
        if (s > value &&
            (*value == '/' || shape_is_address((struct field){value, (size_t)(s - value)})))
            return true;
    }
    return false;
}

/* Stores the error of a row that is not made of the columns that are given.  Its delimiter may be given, too. */
static void describe_other(struct log *log, const char *line, size_t size,
                           const struct header *header)
{
    char *error = log->layout.error;
    const struct delimiter *delimiter = &log->given_delimiter;
    if (delimiter->size && delimiter_split(delimiter, &log->fields, line, size, header,
                                           log->scratch) == delimiter_unclear)
        snprintf(error, sizeof log->layout.error,
                 "line %" PRIu64
                 ": %s; correct the settings \"fields\" and \"delimiter\", or choose "
                 "TAB as the field delimiter in CloudFront",
                 log->line, delimiter_unclear);
    else
        snprintf(error, sizeof log->layout.error,
                 "line %" PRIu64
                 ": the line is not made of the %zu columns that the setting \"fields\" names; "
                 "correct it, or %s the setting \"delimiter\"",
                 log->line, header->field_count,
                 delimiter->size ? "correct" : "write the text between two values into");
}

/* Reads the row by the columns that are given.  Returns as above. */
static const char *find_given(struct log *log, const char *line, size_t size)
{
    const struct header *header = given_header(log, line, size);
    log->header = *header;
    log->layout.is_real_time = header == &log->given.real_time;
    if (header->field_count == 1) {
        log->delimiter = (struct delimiter){"\t", 1};
        return split(log, line, size)
                   ? NULL
                   : "the line has more columns than the setting \"fields\" names";
    }
    if (delimiter_find(&log->delimiter, &log->given_delimiter, line, size, header, &log->fields,
                       log->scratch) &&
        split(log, line, size))
        return NULL;
    if (!log->layout.unread && !log->layout.is_known)
        describe_other(log, line, size, header);
    return "the line is not made of the columns that the setting \"fields\" names";
}

/* Events go through the sort with TABs between their values. */
static const char *check_event(const struct log *log, size_t size)
{
    if (size > LOG_STREAMING_ROW_MAX)
        return "the line has more than 40 KiB";
    for (size_t i = 0; i < log->fields.count; i++)
        if (memchr(log->fields.field[i].text, '\t', log->fields.field[i].size))
            return "a value of the line has a TAB";
    return NULL;
}

/* Returns why an object cannot be read of which no row fits a layout. */
static const char *unread_error(const struct log *log)
{
    return log->is_unknown
               ? "not a CloudFront log: its lines have times, as those of the log of an "
                 "application have, but none of them is a request"
               : log->layout.error;
}

/* Returns the evidence of the rows with as many columns; NULL when there is no room for it. */
static struct evidence *get_evidence(struct layout_state *state, size_t field_count)
{
    struct evidence *evidence = state->evidence, *end = evidence + LAYOUT_COUNTS_MAX;
    while (evidence < end && evidence->field_count && evidence->field_count != field_count)
        evidence++;
    return evidence < end ? evidence : NULL;
}

static void add_evidence(struct log *log, const char *line, size_t size)
{
    struct evidence *evidence = get_evidence(&log->layout, log->header.field_count);
    struct align_parts parts = {0};
    if (evidence && !evidence->rows)
        find_parts(&parts, &log->delimiter, line, size);
    if (evidence)
        evidence_add(evidence, &log->fields, &log->header, &log->delimiter, parts.count, log->line);
}

const char *layout_find_error(struct log *log)
{
    const struct evidence *most = NULL;
    const char *instead = NULL;
    uint64_t for_rows = 0, against_rows = 0;
    if (!log->layout.is_known)
        return log->layout.unread ? unread_error(log) : NULL;
    for (const struct evidence *evidence = log->layout.evidence,
                               *end = evidence + LAYOUT_COUNTS_MAX;
         evidence < end && evidence->field_count; evidence++) {
        if (!evidence_is_missing(evidence) && !evidence_find(evidence, &instead)) {
            for_rows += evidence->rows;
            continue;
        }
        against_rows += evidence->rows;
        if (!most || evidence->rows > most->rows)
            most = evidence;
    }
    if (!most || against_rows < for_rows)
        return NULL;
    if (evidence_is_missing(most)) {
        describe_misfit(log, most->first, most->parts, false);
        return log->layout.error;
    }
    const char *column = evidence_find(most, &instead);
    snprintf(log->layout.error, sizeof log->layout.error,
             "line %" PRIu64 ": %zu columns without a #Fields header fit no kind of log: they have "
             "%s in the place of %s; write the names of the columns, in their order, into the "
             "setting \"fields\"",
             most->first, most->field_count, instead, column);
    return log->layout.error;
}

/* Whether the values of a row, whose delimiter may occur inside values, are those of the layout that is known, and of
 * no other one. */
static bool is_row_of_layout(struct log *log)
{
    if (!delimiter_fits(&log->fields, &log->header))
        return false;
    return log->given.is_given || (!log->fields.is_joined &&
                                   align_fields(&log->fields, &log->header) && !log->fields.doubt);
}

const char *layout_read(struct log *log, const char *line, size_t size)
{
    struct layout_state *state = &log->layout;
    size_t skipped = iso_time_of_export(line, size);
    line += skipped;
    size -= skipped;
    log->error = NULL;
    if (!state->is_known || !split(log, line, size) ||
        (!delimiter_is(&log->delimiter, '\t') && !is_row_of_layout(log))) {
        const struct header before = log->header;
        const struct delimiter delimiter = log->delimiter;
        bool was_real_time = state->is_real_time;
        const char *error =
            log->given.is_given ? find_given(log, line, size) : find_layout(log, line, size);
        if (error && state->is_known) {
            log->header = before;
            log->delimiter = delimiter;
            state->is_real_time = was_real_time;
        }
        if (error && !state->is_known) {
            state->has_request |= log->given.is_given || may_be_request(line, size);
            log->is_unknown = !state->has_request && !log->is_declared && !log->has_header;
        }
        if (error) {
            if (!state->is_known && ++state->unread == UNREAD_MAX)
                log->error = unread_error(log);
            return error;
        }
        state->is_known = true;
        if (state->is_real_time)
            real_time_add_query(&log->header);
        if (!log_prepare(log, state->is_real_time ? &real_time_meaning : &standard_meaning))
            return log->error;
    }
    if (memchr(line, '\\', size))
        table_values_convert(&log->fields, &log->header);
    if (state->is_real_time)
        real_time_cut_stem(&log->fields, &log->header);
    else if (!log->given.is_given)
        add_evidence(log, line, size);
    return log->is_streaming ? check_event(log, size) : NULL;
}
