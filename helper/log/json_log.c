/* Logs of JSON objects: standard logs v2, and real-time logs that a program has changed into JSON.  Between
 * objects there may be a line feed, nothing, or a comma, as in an array. */
#include "log/json_log.h"

#include <string.h>

#include "log/header.h"
#include "log/iso_time.h"
#include "log/json_number.h"
#include "log/layout.h"
#include "log/missing.h"
#include "log/names.h"
#include "log/number.h"
#include "log/real_time.h"
#include "log/w3c.h"
#include "normalized/ascii.h"

static const struct normalize_meaning standard_meaning = {.viewer_host = INPUT_HOST_HEADER,
                                                          .distribution_host = COLUMN_HOST};

#define BIT(column) (UINT64_C(1) << (column))
_Static_assert(INPUT_COUNT < 64, "a column has a bit");

/* Bits of columns.  Each record of a log has one of them. */
static const uint64_t time_columns =
    BIT(COLUMN_DATE) | BIT(INPUT_TIMESTAMP) | BIT(INPUT_TIMESTAMP_MS);

static bool is_between(char byte)
{
    return ascii_is_white(byte) || byte == ',' || byte == '[' || byte == ']';
}

/* Returns the size of a time before an object, perhaps with a word behind; 0 when there is none.  Exports of CloudWatch
 * Logs have the time, "aws logs tail" has the log's stream, too, and Fluentd a tag.  Quick for most texts. */
static size_t time_before_object(const char *text, size_t size)
{
    enum { T_AT = 10, WORD_MAX = 512 };
    size_t end = size > T_AT && text[T_AT] == 'T' ? iso_time_skip(text, size) : 0;
    if (!end || end == size || !ascii_is_blank(text[end++]))
        return 0;
    size_t word = end;
    while (end < size && end - word < WORD_MAX && text[end] != '{' && text[end] >= ' ' &&
           !ascii_is_blank(text[end]))
        end++;
    if (end > word && end < size && ascii_is_blank(text[end]))
        end++;
    return end < size && text[end] == '{' && ascii_is_blank(text[end - 1]) ? end : 0;
}

bool json_is_row(const struct log *log, const char *text)
{
    bool has_time_first = (log->kept.is_kept && log->kept.header.has_time_first) ||
                          (log->given.is_given && log->given.header.has_time_first);
    return has_time_first && ascii_is_digit(*text);
}

/* Returns how many bytes at the start of a text are between objects.  Where files were joined, there may be a byte
 * order mark. */
static size_t count_between(const struct log *log, const char *text, size_t size)
{
    const size_t mark_size = LINES_MARK_SIZE;
    size_t count = 0, time_size;
    while (count < size) {
        if (is_between(text[count]))
            count++;
        else if (size - count >= mark_size && !memcmp(text + count, lines_mark, mark_size))
            count += mark_size;
        else if ((time_size = time_before_object(text + count, size - count)) &&
                 !json_is_row(log, text + count))
            count += time_size;
        else
            break;
    }
    return count;
}

static bool begins(const char *head, size_t size)
{
    size_t brackets = 0;
    for (size_t i = time_before_object(head, size); i < size; i++) {
        if (head[i] == '{')
            return true;
        brackets += head[i] == '[';
        if (!is_between(head[i]) || head[i] == ',' || brackets > 1)
            return false;
    }
    return false;
}

static bool has_time_member(const struct json_object *object)
{
    for (size_t i = 0; i < object->count; i++) {
        struct field name = object->member[i].name;
        if (time_columns & BIT(column_find(name.text, name.size)))
            return true;
    }
    return false;
}

/* Whether a record begins at S, after an object that was cut off.  An object is no record when it has no
 * time, or when anything but another object follows it in its line. */
static enum json_result find_record(struct log *log, const char *s, const char *end, bool is_end)
{
    struct json_object *object = &log->json.object;
    enum json_result result = json_read_object(object, &s, end, log->scratch, LINES_SIZE_MAX);
    if (result != JSON_READ)
        return result;
    size_t between = count_between(log, s, (size_t)(end - s));
    bool ends_line = between && memchr(s, '\n', between);
    s += between;
    if (s == end && !ends_line && !is_end)
        return JSON_MORE;
    bool is_alone = s == end || ends_line || *s == '{';
    return is_alone && has_time_member(object) ? JSON_READ : JSON_MALFORMED;
}

/* Whether the object that begins at S, with {", is a record.  A whole object is one if it has a time, and no TAB behind
 * it: with a TAB, it is a visitor's text.  A malformed object, or one that is cut off, is a record if it has a time or
 * if its first name is that of a column.  Stores the place behind a whole object in *AFTER. */
static bool begins_record(struct log *log, const char *s, const char *end, const char **after)
{
    struct json_object *object = &log->json.object;
    const char *name = s + 2, *name_end = memchr(name, '"', (size_t)(end - name));
    *after = s;
    if (json_read_object(object, after, end, log->scratch, LINES_SIZE_MAX) == JSON_READ)
        return has_time_member(object) && (*after == end || **after != '\t');
    bool has_name = name_end && name_end + 1 < end && name_end[1] == ':' &&
                    column_find(name, (size_t)(name_end - name)) != COLUMN_NONE;
    return has_name || has_time_member(object);
}

size_t json_count_begun(struct log *log, const char *text, size_t size, const char **first)
{
    static const char beginning[] = {'{', '"'};
    size_t count = 0;
    const char *s = text, *end = text + size, *after;
    while ((s = memmem(s, (size_t)(end - s), beginning, sizeof beginning))) {
        bool is_record = begins_record(log, s, end, &after);
        if (is_record && !count++)
            *first = s;
        s = after > s ? after : s + 1;
    }
    return count;
}

size_t json_count_rest(struct log *log, const char *text, size_t size)
{
    struct json_object *object = &log->json.object;
    size_t records = 0;
    for (const char *s = text, *end = text + size; s < end;
         s += count_between(log, s, (size_t)(end - s))) {
        if (*s != '{' ||
            json_read_object(object, &s, end, log->scratch, LINES_SIZE_MAX) != JSON_READ)
            return 0;
        records += has_time_member(object);
    }
    return records;
}

bool json_follows(struct log *log, const char *line, size_t size)
{
    const char *end = line + size;
    if (log->normalized.state != NORMALIZED_NONE || log_has_visitor_row(log, line, size))
        return false;
    if (size == 1)
        return true; /* the object or array goes on in the next line */
    const char *s = line + count_between(log, line, size), *after = s;
    if (s == end || *s != '{')
        return false;
    bool has_row = begins_record(log, s, end, &after) && after > s && after < end &&
                   after[-1] == '}' && ascii_is_digit(*after);
    return has_row || find_record(log, s, end, true) == JSON_READ;
}

/* Whether rows may follow whose first column has texts of visitors: an object may be such a text. */
static bool may_have_visitor_row(const struct log *log)
{
    return (log->kept.is_kept && log->kept.header.has_visitor_first) ||
           (log->given.is_given && log->given.header.has_visitor_first);
}

/* Returns how many bytes at the start of a text are between objects; of one line alone where such rows may follow. */
static size_t count_between_values(const struct log *log, const char *text, size_t size)
{
    size_t count = count_between(log, text, size);
    const char *line_end = may_have_visitor_row(log) ? memchr(text, '\n', count) : NULL;
    return line_end ? (size_t)(line_end + 1 - text) : count;
}

/* Whether the text begins with a log of another format: a line that begins with "#", one of names, or a row without a
 * header that can be read.  Stores in *IS_MORE that the text must go on to tell. */
static bool has_other(struct log *log, const char *text, size_t size, bool is_end, bool *is_more)
{
    enum { LINE_SEARCHED = LINES_SIZE_MAX / 2 }; /* bytes; a longer line is judged by its start */
    const char *line_end = memchr(text, '\n', size);
    *is_more = false;
    if (*text == '#')
        return true;
    *is_more = !line_end && !is_end && size < LINE_SEARCHED; /* the rest of the line decides, too */
    if (*is_more)
        return false;
    size_t line_size = line_end ? (size_t)(line_end - text) : size;
    line_size -= line_size && text[line_size - 1] == '\r';
    struct names names;
    if (names_is_hint(text, line_size) || w3c_resumes(log, text, line_size) ||
        names_parse_among_rows(&names, text, line_size))
        return true;
    if (!layout_has_row(log, text, line_size))
        return false;
    log->layout = (struct layout_state){0};
    log->json.columns = 0; /* the header is another one now */
    return !layout_read(log, text, line_size);
}

/* Whether the line ends within the name of a member, or behind it: the object is cut off there. */
static bool is_cut_name(const char *name, const char *end)
{
    while (name < end && (ascii_is_letter_or_digit(*name) || (*name && strchr("-_()", *name))))
        name++;
    name += name < end && *name == '"';
    return name < end && (*name == '\r' || *name == '\n');
}

/* Whether the line at S is a member of an object on several lines, or the end of the object, which counts only if
 * IS_INSIDE: a member is before.  Stores in *IS_MORE whether the text ends too early to decide. */
static bool is_member_line(const char *s, const char *end, bool is_inside, bool *is_more)
{
    while (s < end && ascii_is_blank(*s))
        s++;
    const char *name_end = s < end && *s == '"' ? memchr(s + 1, '"', (size_t)(end - s - 1)) : NULL;
    const char *line_end = memchr(s, '\n', (size_t)(end - s));
    *is_more = !line_end && (size_t)(end - s) < LINES_SIZE_MAX / 2;
    if (s < end && *s == '}')
        return is_inside && (s + 1 == end || s[1] == ',' || s[1] == '\r' || s[1] == '\n');
    if (s == end || *s != '"')
        return false;
    if (is_cut_name(s + 1, end))
        return true;
    if (name_end && line_end && name_end > line_end)
        return false;
    return name_end ? name_end + 1 == end || name_end[1] == ':' : !line_end;
}

/* Returns the size of a malformed value: up to the next line that is no member of the same object, or to the next
 * object in a line.  0: the text ends too early to decide.  Of a value that is longer than a text can be, the rest
 * remains to be skipped.  Before the first record, an object inside such a value may be part of it. */
static size_t skip_malformed(struct log *log, const char *text, size_t size, bool is_end)
{
    enum { TRIES_MAX = 8 }; /* so that a long line is not read again and again */
    const size_t members_max = may_have_visitor_row(log) ? 0 : LINES_SIZE_MAX / 2;
    const bool is_full = size == LINES_VALUE_MAX;
    bool is_inside = false, is_more;
    size_t tries = is_full && !log->has_header ? TRIES_MAX : 0;
    is_end |= is_full;
    log->json.is_inside_long = false;
    for (size_t i = 1; i < size; i++) {
        if (text[i] == '\n') {
            bool is_member = is_member_line(text + i + 1, text + size, is_inside, &is_more);
            if (i < members_max && is_more && !is_end)
                return 0;
            if (i >= members_max || !is_member)
                return i + 1;
            is_inside = true;
        }
        if (text[i] != '{' || i + 1 == size || text[i + 1] != '"')
            continue;
        if (text[i - 1] == '}')
            return i;
        enum json_result found =
            tries++ < TRIES_MAX ? find_record(log, text + i, text + size, is_end) : JSON_MALFORMED;
        if (found == JSON_READ || (found == JSON_MORE && is_end))
            return i;
        if (found == JSON_MORE)
            return 0;
    }
    log->json.is_inside_long = is_full;
    if (is_full)
        return size - 2;      /* the next object may begin in the last bytes */
    return is_end ? size : 0; /* the line's end is still to come */
}

/* Whether the values are those of a real-time log.  In an object with names of standard logs, a program may have written
 * the fraction of a second. */
static bool has_real_time_values(const struct log *log, uint64_t columns, bool has_standard_names)
{
    const struct field *field = log->fields.field;
    struct field stamp = has_standard_names ? fields_absent() : field[INPUT_TIMESTAMP];
    return columns & BIT(INPUT_TIMESTAMP) &&
           real_time_has_values(stamp, field[COLUMN_HOST], field[INPUT_HOST_HEADER],
                                field[COLUMN_STEM]);
}

/* Whether the hosts of an object after those of a real-time log are a standard log's. */
static bool has_standard_hosts(const struct log *log, uint64_t columns)
{
    const struct field *field = log->fields.field;
    return columns & BIT(COLUMN_HOST) && columns & BIT(INPUT_HOST_HEADER) &&
           real_time_has_other_hosts(field[COLUMN_HOST], field[INPUT_HOST_HEADER]);
}

/* Whether the object is of a real-time log.  An object that does not tell is of the same kind as the object before. */
static bool is_of_real_time(struct log *log, uint64_t columns)
{
    struct json_rows *rows = &log->json;
    bool has_standard_names = rows->has_parenthesis || columns & BIT(COLUMN_DATE);
    if (rows->has_real_time_name && !rows->has_parenthesis)
        return true;
    if (has_real_time_values(log, columns, has_standard_names))
        return true;
    return rows->is_real_time && !has_standard_names && !has_standard_hosts(log, columns);
}

/* Takes the columns of an object that has more of them than those before, or is of the other kind of log. */
static bool add_columns(struct log *log, uint64_t columns)
{
    struct json_rows *rows = &log->json;
    if (!rows->columns)
        log->header.field_count = rows->object.count;
    rows->columns |= columns;
    if (rows->is_real_time && rows->columns & BIT(COLUMN_STEM))
        rows->columns |= BIT(COLUMN_QUERY); /* the path has it */
    for (int i = 0; i < INPUT_COUNT; i++)
        log->header.position[i] = rows->columns & BIT(i) ? (int16_t)i : -1;
    log->missing = rows->missing;
    return log_prepare(log, rows->is_real_time ? &real_time_meaning : &standard_meaning);
}

/* Takes the members of the object as the fields of a row.  Returns the columns that there are. */
static uint64_t take_members(struct log *log)
{
    struct json_rows *rows = &log->json;
    struct field *field = log->fields.field;
    uint64_t columns = 0;
    memset(field, 0, INPUT_COUNT * sizeof *field);
    log->fields.count = INPUT_COUNT;
    log->fields.are_plain = false; /* has_other() may have read a row with plain values */
    for (size_t i = 0; i < rows->object.count; i++) {
        const struct json_member *member = &rows->object.member[i];
        enum column column = json_rows_column(rows, i);
        if (column == COLUMN_NONE)
            continue;
        struct field value = member->value;
        if (member->kind == JSON_NUMBER)
            value = json_number_plain(value, rows->number[column]);
        fields_trim(&value);
        field[column] = value;
        columns |= BIT(column);
    }
    json_rows_judge_names(rows);
    field[COLUMN_STATUS] = number_pad_status(field[COLUMN_STATUS]);
    return columns;
}

/* Makes a header of the names of an object.  It tells which kind of file has such objects. */
static struct header describe(const struct json_object *object)
{
    struct header header;
    header_begin(&header);
    for (size_t i = 0; i < object->count; i++)
        header_add(&header, object->member[i].name.text, object->member[i].name.size);
    header_end(&header);
    return header;
}

/* Takes an object that is no request, before the first one.  HEADER has its names.  Unless they tell the kind of file,
 * requests may still follow. */
static enum line_kind take_foreign(struct log *log, const struct header *header)
{
    if (header->foreign)
        return log_pass_over(log, header->foreign);
    log->json.has_foreign = true;
    log->json.lacks_time |= header_has_request(header);
    return log_reject(log, "the JSON object is no request: it has no time, or none of path, "
                           "status, method, size, host, client, edge location and request ID");
}

static enum line_kind take_object(struct log *log)
{
    struct json_rows *rows = &log->json;
    uint64_t columns = take_members(log);
    if (!rows->object.count) {
        rows->has_empty = true;
        return log_reject(log, "the JSON object has no members");
    }
    if (!log->has_header) {
        struct header header = describe(&rows->object);
        if (header.is_of_others)
            return log_pass_over(log, header.foreign);
        if (!(columns & time_columns) || !header_has_request(&header))
            return take_foreign(log, &header);
    }
    bool was_real_time = rows->is_real_time;
    rows->is_real_time = is_of_real_time(log, columns);
    if ((columns & ~rows->columns || rows->is_real_time != was_real_time) &&
        !add_columns(log, columns))
        return LINE_REFUSED;
    if (log->is_streaming)
        return log_refuse(log,
                          "events of a streaming (RTMP) distribution in JSON, which CloudFront "
                          "never wrote; put CloudFront's original log in its place");
    if (rows->is_real_time)
        real_time_cut_stem(&log->fields, &log->header);
    return LINE_ROW;
}

/* Does what read_value() does for a text that does not begin with a row of such a log. */
static enum line_kind read_json(struct log *log, const char *text, size_t size, bool is_end,
                                size_t *used)
{
    const char *s = text, *end = text + size;
    const bool is_full = size == LINES_VALUE_MAX;
    if (log->json.is_inside_long) {
        *used = skip_malformed(log, text, size, is_end);
        log->json.is_inside_long |= !*used;
        return *used ? LINE_NOTHING : LINE_MORE;
    }
    if ((*used = count_between_values(log, text, size)))
        return LINE_NOTHING;
    if (*s == lines_mark[0] && size < LINES_MARK_SIZE && !is_end)
        return LINE_MORE;
    bool is_more;
    if (*s != '{' && has_other(log, text, size, is_end, &is_more))
        return LINE_OTHER;
    if (*s != '{' && is_more)
        return LINE_MORE;
    enum json_result result =
        *s == '{' ? json_read_object(&log->json.object, &s, end, log->scratch, LINES_SIZE_MAX)
                  : JSON_MALFORMED;
    if (result == JSON_MORE && !is_end && !is_full)
        return LINE_MORE;
    if (result != JSON_READ) {
        *used = skip_malformed(log, text, size, is_end);
        if (!*used)
            return LINE_MORE;
        return log_reject(log, is_full ? "the line has no complete JSON object of up to 256 KiB"
                                       : "the line has no complete JSON object");
    }
    *used = (size_t)(s - text);
    if (*used > LINES_SIZE_MAX)
        return log_reject(log, "the JSON object has more than 256 KiB");
    *used += count_between_values(log, s, (size_t)(end - s));
    return take_object(log);
}

/* Whether the text begins with a row whose first value is a text of the visitor.  Stores in *IS_MORE that the text
 * must go on to tell. */
static bool has_visitor_row(const struct log *log, const char *text, size_t size, bool is_end,
                            bool *is_more)
{
    enum { ROW_MAX = LINES_SIZE_MAX / 2 };
    const char *line_end = memchr(text, '\n', size);
    *is_more = !line_end && !is_end && size < ROW_MAX;
    return !*is_more && log_has_visitor_row(log, text, line_end ? (size_t)(line_end - text) : size);
}

static enum line_kind read_value(struct log *log, const char *text, size_t size, bool is_end,
                                 size_t *used)
{
    if (!may_have_visitor_row(log))
        return read_json(log, text, size, is_end, used);
    bool is_more = false;
    if (!log->json.is_inside_line && has_visitor_row(log, text, size, is_end, &is_more)) {
        log->is_row_next = true;
        return LINE_OTHER;
    }
    enum line_kind kind = is_more ? LINE_MORE : read_json(log, text, size, is_end, used);
    if (kind != LINE_MORE && kind != LINE_OTHER)
        log->json.is_inside_line = text[*used - 1] != '\n';
    return kind;
}

static enum line_kind end(struct log *log)
{
    if (log->has_header)
        return LINE_NOTHING;
    if (log->json.lacks_time)
        return log_refuse(
            log,
            "the JSON objects have neither date and time nor timestamp; add date and time to the "
            "distribution's logging settings in CloudFront");
    if (log->json.has_foreign)
        return log_pass_over(log, "a JSON file without requests");
    if (log->json.has_empty)
        return log_refuse_unknown(log, "not a CloudFront log: no JSON object in it has members");
    return log_refuse(log,
                      "begins like a JSON log, but no object in it is complete; put a good copy "
                      "in its place");
}

const struct format json_format = {
    .unit = LINES_VALUE, .begins = begins, .read_value = read_value, .end = end};
