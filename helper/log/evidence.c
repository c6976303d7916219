#include "log/evidence.h"

#include <string.h>

#include "log/number.h"
#include "log/shape.h"
#include "log/table_values.h"
#include "normalized/ascii.h"

/* Rows after which columns without a row against them are no longer looked at, and rows that must be against a column
 * of visitors, if a visitor might write such a value. */
enum { ROWS_MAX = 1000, SEVERAL = 3 };

/* Of so many rows with delimiters inside values, one must be sure. */
enum { ROWS_FOR_SURE = 10 };

enum form {
    FORM_NONE, /* any other */
    FORM_HOST,
    FORM_COUNTRY,
    FORM_PROTOCOL,
    FORM_SECONDS,
    FORM_TYPE,
    FORM_DISTRIBUTION,
    FORM_NUMBER,
    FORM_RESULT,
    FORM_ID,
    FORM_VERSION,
    FORM_TLS
};

static const char *const plurals[] = {
    [FORM_NONE] = "other values",
    [FORM_HOST] = "names of hosts",
    [FORM_COUNTRY] = "countries",
    [FORM_PROTOCOL] = "protocols",
    [FORM_SECONDS] = "seconds",
    [FORM_TYPE] = "content types",
    [FORM_DISTRIBUTION] = "IDs of distributions",
    [FORM_NUMBER] = "numbers",
    [FORM_RESULT] = "results such as Hit",
    [FORM_ID] = "request IDs",
    [FORM_VERSION] = "versions of HTTP",
    [FORM_TLS] = "versions of TLS",
};

#define IS(form)      (1u << FORM_##form)
#define RARE          (IS(RESULT) | IS(ID) | IS(VERSION) | IS(TLS)) /* no visitor's text by chance */
#define SOME          (IS(HOST) | IS(COUNTRY) | IS(PROTOCOL) | IS(SECONDS) | IS(TYPE) | IS(DISTRIBUTION))
#define ALL_BUT(form) (~(IS(NONE) | IS(form)))

/* The columns that are looked at.  Visitors may write any value into theirs, so forms are against such a column only if
 * all rows have the same one.  Numbers are not: programs add them to URLs, so that caches have no copy. */
static const struct {
    enum column column;
    bool is_visitors;
    unsigned against; /* forms */
    const char *name;
} columns[] = {
    {COLUMN_REFERER, true, RARE, "cs(Referer)"},
    {COLUMN_AGENT, true, RARE, "cs(User-Agent)"},
    {COLUMN_QUERY, true, RARE | SOME, "cs-uri-query"},
    {COLUMN_RESULT, false, ALL_BUT(RESULT), "x-edge-result-type"},
    {COLUMN_REQUEST_ID, false, ALL_BUT(ID), "x-edge-request-id"},
    {INPUT_HOST_HEADER, false, ALL_BUT(HOST), "x-host-header"},
    {COLUMN_PROTOCOL, false, 0, "cs-protocol"},
    {COLUMN_TIME_TAKEN, false, 0, "time-taken"},
    {COLUMN_TLS, false, 0, "ssl-protocol"},
    {COLUMN_CIPHER, false, ALL_BUT(NONE), "ssl-cipher"},
    {COLUMN_RESPONSE_RESULT, false, ALL_BUT(RESULT), "x-edge-response-result-type"},
    {COLUMN_PROTOCOL_VERSION, false, 0, "cs-protocol-version"},
    {COLUMN_TIME_TO_FIRST_BYTE, false, 0, "time-to-first-byte"},
    {COLUMN_DETAILED_RESULT, false, ALL_BUT(RESULT), "x-edge-detailed-result-type"},
    {COLUMN_CONTENT_LENGTH, false, 0, "sc-content-len"},
    {COLUMN_TENANT, false, ALL_BUT(NONE), "distribution-tenant-id"},
};

enum { COUNT = sizeof columns / sizeof *columns };
_Static_assert((int)COUNT <= (int)EVIDENCE_COLUMNS, "each column has a place");

/* Whether all bytes are letters, digits, or among OTHERS. */
static bool is_made_of(struct field value, const char *others)
{
    for (size_t i = 0; i < value.size; i++)
        if (!ascii_is_letter_or_digit(value.text[i]) &&
            (!value.text[i] || !strchr(others, value.text[i])))
            return false;
    return true;
}

static bool is_capital(char byte)
{
    return byte >= 'A' && byte <= 'Z';
}

/* Amazon CloudFront Developer Guide, "Standard log file fields": the words of x-edge-result-type. */
static bool is_result(struct field value)
{
    static const char *const words[] = {"Hit",
                                        "Miss",
                                        "Error",
                                        "Redirect",
                                        "RefreshHit",
                                        "LimitExceeded",
                                        "OriginShieldHit",
                                        "CapacityExceeded",
                                        "LambdaExecutionError",
                                        "FunctionExecutionError",
                                        "FunctionThrottledError",
                                        "LambdaGeneratedResponse",
                                        "FunctionGeneratedResponse",
                                        NULL};
    return field_is_one_of(value, words);
}

/* www.example.com
 * www.example.com:443 */
static bool is_host(struct field value)
{
    const char *port = memchr(value.text, ':', value.size);
    if (port) {
        size_t size = (size_t)(port - value.text);
        if (!number_is_whole((struct field){port + 1, value.size - size - 1}))
            return false;
        value.size = size;
    }
    const char *dot = memrchr(value.text, '.', value.size);
    return dot && dot > value.text && dot + 2 < value.text + value.size &&
           ascii_is_letter(dot[1]) && is_made_of(value, ".-");
}

/* text/html */
static bool is_type(struct field value)
{
    static const char *const types[] = {"text", "image",     "application", "audio", "video",
                                        "font", "multipart", "binary",      NULL};
    const char *slash = memchr(value.text, '/', value.size);
    struct field type = {value.text, slash ? (size_t)(slash - value.text) : 0};
    return field_is_one_of(type, types);
}

/* 0.003: CloudFront writes three digits after the point. */
static bool is_seconds(struct field value)
{
    return value.size >= 5 && value.text[value.size - 4] == '.' && number_is_decimal(value);
}

/* E2EXAMPLE12345 */
static bool is_distribution(struct field value)
{
    bool has_digit = false;
    if (value.size < 8 || value.size > 16 || *value.text != 'E')
        return false;
    for (size_t i = 0; i < value.size; i++) {
        if (!is_capital(value.text[i]) && !ascii_is_digit(value.text[i]))
            return false;
        has_digit |= ascii_is_digit(value.text[i]);
    }
    return has_digit;
}

static enum form find_form(struct field value)
{
    enum { ID_SIZE = 56 };
    static const char *const protocols[] = {"http", "https", "ws", "wss", "grpcs", NULL};
    if (field_begins_with(value, "HTTP/"))
        return FORM_VERSION;
    if (field_begins_with(value, "TLSv") || field_begins_with(value, "SSLv"))
        return FORM_TLS;
    if (value.size == 2 && is_capital(value.text[0]) && is_capital(value.text[1]))
        return FORM_COUNTRY;
    if (value.size == ID_SIZE && value.text[ID_SIZE - 1] == '=' && is_made_of(value, "-_=+/"))
        return FORM_ID;
    if (field_is_one_of(value, protocols))
        return FORM_PROTOCOL;
    if (is_distribution(value))
        return FORM_DISTRIBUTION;
    return is_result(value)         ? FORM_RESULT
           : number_is_whole(value) ? FORM_NUMBER
           : is_seconds(value)      ? FORM_SECONDS
           : is_type(value)         ? FORM_TYPE
           : is_host(value)         ? FORM_HOST
                                    : FORM_NONE;
}

static bool is_absent(struct field value)
{
    return field_is_absent(value) || table_values_is_null(value) ||
           table_values_is_null_word(value);
}

bool evidence_has_other(const struct fields *fields, const struct header *header)
{
    for (size_t i = 0; i < COUNT; i++) {
        struct field value = fields_get(fields, header, columns[i].column);
        if (!columns[i].is_visitors && columns[i].column != INPUT_HOST_HEADER &&
            !is_absent(value) && (1u << find_form(value) & columns[i].against))
            return true;
    }
    return false;
}

/* Finds the last delimiter in a value; NULL when there is none. */
static const char *find_last(const struct delimiter *delimiter, struct field value)
{
    const char *last = NULL, *s = value.text, *end = value.text + value.size;
    while ((s = memmem(s, (size_t)(end - s), delimiter->text, delimiter->size))) {
        last = s;
        s += delimiter->size;
    }
    return last;
}

/* Whether a part of a value behind a delimiter is the value of another column. */
static bool has_column(const struct delimiter *delimiter, struct field value)
{
    const char *s = value.text, *end = value.text + value.size;
    while ((s = memmem(s, (size_t)(end - s), delimiter->text, delimiter->size))) {
        s += delimiter->size;
        const char *next = memmem(s, (size_t)(end - s), delimiter->text, delimiter->size);
        struct field part = {s, (size_t)((next ? next : end) - s)};
        if (part.size &&
            (field_is_absent(part) || 1u << find_form(part) & (RARE | IS(PROTOCOL) | IS(SECONDS))))
            return true;
    }
    return false;
}

/* Whether a text is rather the end of a user agent than a value: (KHTML, like Gecko) Chrome/140.0 */
static bool ends_agent(struct field part)
{
    const char *slash = memchr(part.text, '/', part.size);
    if (memchr(part.text, '(', part.size) || memchr(part.text, ')', part.size))
        return true;
    return find_form(part) == FORM_NONE && !memchr(part.text, '=', part.size) && slash &&
           slash > part.text && slash + 1 < part.text + part.size && ascii_is_digit(slash[1]);
}

/* Whether a value begins with a space, and so is rather the rest of the value before it. */
static bool has_rest(const struct fields *fields)
{
    for (size_t i = 0; i < fields->count; i++)
        if (fields->field[i].size >= 3 && !memcmp(fields->field[i].text, "%20", 3))
            return true;
    return false;
}

/* Whether the row, which has delimiters inside values, is one of the layout all the same.  If no column of CloudFront's
 * comes behind these values, only user agents tell. */
static bool is_sure(const struct fields *fields, const struct header *header,
                    const struct delimiter *delimiter)
{
    static const enum column free_columns[] = {COLUMN_STEM,         COLUMN_REFERER,
                                               COLUMN_QUERY,        COLUMN_AGENT,
                                               INPUT_FORWARDED_FOR, COLUMN_CONTENT_TYPE};
    size_t joined = 0;
    for (size_t i = 0; i < sizeof free_columns / sizeof *free_columns; i++) {
        struct field value = fields_get(fields, header, free_columns[i]);
        if (has_column(delimiter, value))
            return false;
        joined += free_columns[i] != COLUMN_AGENT && find_last(delimiter, value);
    }
    if (header_has(header, COLUMN_RESULT))
        return !field_is_absent(fields_get(fields, header, COLUMN_RESULT)) &&
               !field_is_absent(fields_get(fields, header, COLUMN_REQUEST_ID));
    struct field agent = fields_get(fields, header, COLUMN_AGENT);
    const char *last = find_last(delimiter, agent);
    if (!last || joined)
        return false;
    last += delimiter->size;
    return ends_agent((struct field){last, (size_t)(agent.text + agent.size - last)});
}

/* Counts the row if its values are rather those of the layout. */
static void count_row(struct evidence *evidence, const struct fields *fields,
                      const struct header *header, const struct delimiter *delimiter)
{
    evidence->rows++;
    if (evidence->has_plain)
        return;
    if (!delimiter_is(delimiter, '\t') && has_rest(fields))
        return;
    if (!fields->is_joined)
        evidence->has_plain = true;
    else
        evidence->sure += is_sure(fields, header, delimiter);
}

/* Adds a value of the column with this number.  HAS_NONE: an absent value is a visitor's, who sent none. */
static void add_value(struct evidence *evidence, size_t i, struct field value, bool has_none)
{
    if (is_absent(value)) {
        if (columns[i].is_visitors && has_none)
            evidence->open &= ~(1u << i);
        return;
    }
    enum form form = find_form(value);
    bool is_against = (1u << form & columns[i].against) ||
                      (!columns[i].is_visitors && !shape_fits(columns[i].column, value));
    bool is_other = columns[i].is_visitors && evidence->against[i] && form != evidence->form[i];
    if (!is_against || is_other) {
        evidence->open &= ~(1u << i);
        return;
    }
    evidence->form[i] = (uint8_t)form;
    if (evidence->against[i] < SEVERAL)
        evidence->against[i]++;
}

static void begin(struct evidence *evidence, const struct header *header, size_t parts,
                  uint64_t line)
{
    evidence->parts = parts;
    evidence->field_count = header->field_count;
    evidence->first = line;
    for (size_t i = 0; i < COUNT; i++)
        if (header_has(header, columns[i].column))
            evidence->open |= 1u << i;
}

void evidence_add(struct evidence *evidence, const struct fields *fields,
                  const struct header *header, const struct delimiter *delimiter, size_t parts,
                  uint64_t line)
{
    if (line == evidence->last)
        return;
    if (!evidence->field_count)
        begin(evidence, header, parts, line);
    evidence->last = line;
    count_row(evidence, fields, header, delimiter);
    if (!evidence->open)
        return;
    struct field status = fields_get(fields, header, COLUMN_STATUS);
    bool has_request = !field_begins_with(status, "000") && !field_begins_with(status, "400");
    for (size_t i = 0; i < COUNT; i++)
        if (evidence->open >> i & 1)
            add_value(evidence, i, fields_get(fields, header, columns[i].column), has_request);
    for (size_t i = 0; evidence->rows == ROWS_MAX && i < COUNT; i++)
        if (!evidence->against[i])
            evidence->open &= ~(1u << i);
}

const char *evidence_find(const struct evidence *evidence, const char **instead)
{
    for (size_t i = 0; i < COUNT; i++) {
        bool may_be_chance = columns[i].is_visitors && !(1u << evidence->form[i] & RARE);
        if (!(evidence->open >> i & 1) || evidence->against[i] < (may_be_chance ? SEVERAL : 1))
            continue;
        *instead = plurals[evidence->form[i]];
        return columns[i].name;
    }
    return NULL;
}

bool evidence_is_missing(const struct evidence *evidence)
{
    return !evidence->has_plain && evidence->sure * ROWS_FOR_SURE < evidence->rows;
}
