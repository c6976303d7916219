#include "log/normalize.h"

#include <string.h>

#include "normalized/clock.h"
#include "log/decode.h"
#include "log/number.h"

const char *normalize_absent(enum column column)
{
    switch (column) {
    case COLUMN_METHOD:
        return "GET";
    case COLUMN_STATUS:
        return "200";
    case COLUMN_BYTES:
        return "0";
    case COLUMN_AGENT:
        return "unknown";
    default:
        return "-";
    }
}

void normalize_prepare(struct normalize *normalize, const struct header *header,
                       const struct normalize_meaning *meaning,
                       const struct normalize_options *options)
{
    static const uint8_t kinds[] = {[COLUMN_TEXT_PLAIN] = VALUE_PLAIN,
                                    [COLUMN_TEXT_URL] = VALUE_URL,
                                    [COLUMN_TEXT_AGENT] = VALUE_AGENT,
                                    [COLUMN_TEXT_HOST] = VALUE_HOST};
    const int16_t *position = header->position;
    *normalize = (struct normalize){.agents = options->agents,
                                    .forwarded_for = position[INPUT_FORWARDED_FOR],
                                    .timestamp = position[INPUT_TIMESTAMP],
                                    .timestamp_ms = position[INPUT_TIMESTAMP_MS]};
    for (int i = 0; i < COLUMN_COUNT; i++) {
        normalize->column[i].position = position[i];
        normalize->column[i].fallback = -1;
        normalize->column[i].kind = kinds[column_text((enum column)i)];
        normalize->column[i].absent = position[i] < 0 ? normalize_absent((enum column)i) : "-";
    }
    int16_t viewer = position[meaning->viewer_host];
    int16_t distribution = position[meaning->distribution_host];
    bool takes_own = options->host_cs_host;
    normalize->column[COLUMN_HOST].position = takes_own ? distribution : viewer;
    normalize->column[COLUMN_HOST].fallback = takes_own ? viewer : distribution;
    normalize->client = options->client;
    normalize->client.is_forwarded &= normalize->forwarded_for >= 0;
    bool is_c_ip = !normalize->client.is_forwarded && options->client.anonymize == ANONYMIZE_NONE;
    normalize->column[COLUMN_CLIENT].kind = is_c_ip ? VALUE_C_IP : VALUE_CLIENT;
    for (int i = 0; i < COLUMN_COUNT; i++)
        if (normalize->column[i].position < 0 && normalize->column[i].fallback < 0 &&
            normalize->column[i].kind != VALUE_CLIENT)
            normalize->column[i].kind = VALUE_ABSENT;
    normalize->columns = COLUMN_COUNT;
    while (normalize->columns > COLUMN_TIME + 1 &&
           normalize->column[normalize->columns - 1].position < 0)
        normalize->columns--;
    if (normalize->columns <= COLUMN_AGENT)
        normalize->columns =
            COLUMN_AGENT + 1; /* up to here a value need not come from its column */
}

/* Reads a timestamp by its number of digits, as some programs write milliseconds for seconds, and the
 * reverse: 12 or more are milliseconds, at most 10 are seconds. */
static bool parse_stamp(struct field stamp, unsigned per_second, uint32_t *time)
{
    const char *point = memchr(stamp.text, '.', stamp.size);
    size_t digits = point ? (size_t)(point - stamp.text) : stamp.size;
    if (digits >= 12)
        per_second = 1000;
    else if (digits <= 10)
        per_second = 1;
    return clock_parse_epoch(stamp.text, stamp.size, per_second, time) > 0;
}

const char *normalize_time(const struct normalize *normalize, const struct fields *fields,
                           char *out, uint32_t *time)
{
    struct field date = fields_at(fields, normalize->column[COLUMN_DATE].position);
    struct field clock = fields_at(fields, normalize->column[COLUMN_TIME].position);
    uint32_t days, seconds;
    char *clock_out = out + CLOCK_DATE_SIZE + 1;
    out[CLOCK_DATE_SIZE] = '\t';
    if (!field_is_absent(date) && !field_is_absent(clock)) {
        if (!clock_parse_date(date.text, date.size, &days))
            return "the date is not a day of the calendar in the form YYYY-MM-DD";
        if (!clock_parse_time(clock.text, clock.size, &seconds))
            return "the time is not a time of day in the form HH:MM:SS";
        memcpy(out, date.text, CLOCK_DATE_SIZE);
        memcpy(clock_out, clock.text, CLOCK_TIME_SIZE);
        *time = days * 86400 + seconds;
        return NULL;
    }
    struct field stamp = fields_at(fields, normalize->timestamp_ms);
    unsigned per_second = 1000;
    if (field_is_absent(stamp)) {
        stamp = fields_at(fields, normalize->timestamp);
        per_second = 1;
    }
    if (field_is_absent(stamp))
        return "the record has neither date and time nor a timestamp";
    if (!parse_stamp(stamp, per_second, time))
        return "the timestamp is not a number of seconds since 1970";
    clock_format(*time, out, clock_out);
    return NULL;
}

const char *normalize_check_numbers(struct field status, struct field bytes)
{
    uint64_t number;
    if (!field_is_absent(status) && !number_is_status(status))
        return "sc-status is not a number of three digits";
    if (!field_is_absent(bytes) && !number_parse(bytes, &number))
        return "sc-bytes is not a number from 0 to 2^53";
    return NULL;
}

/* Copies a value that decode_plain() would not change; returns its end. */
static inline char *put_unchanged(struct field field, char *out)
{
    if (field.size > 16) {
        memcpy(out, field.text, field.size);
    } else if (field.size >= 8) { /* two steps overlap */
        memcpy(out, field.text, 8);
        memcpy(out + field.size - 8, field.text + field.size - 8, 8);
    } else if (field.size >= 4) {
        memcpy(out, field.text, 4);
        memcpy(out + field.size - 4, field.text + field.size - 4, 4);
    } else if (field.size) {
        out[0] = field.text[0];
        out[field.size / 2] = field.text[field.size / 2];
        out[field.size - 1] = field.text[field.size - 1];
    } else {
        *out++ = '-';
    }
    return out + field.size;
}

static char *put_absent(const char *absent, char *out)
{
    *out = absent[0];
    return absent[1] ? stpcpy(out, absent) : out + 1;
}

/* Writes the value of a column of a record of this TIME; returns its end. */
static char *put_column(const struct normalize *normalize, const struct fields *fields,
                        size_t column, uint32_t time, char *out)
{
    struct field field = fields_at(fields, normalize->column[column].position);
    if (field_is_absent(field) && normalize->column[column].fallback >= 0)
        field = fields_at(fields, normalize->column[column].fallback);
    if (normalize->column[column].kind == VALUE_CLIENT ||
        normalize->column[column].kind == VALUE_C_IP)
        return out + client_put(&normalize->client, field,
                                fields_at(fields, normalize->forwarded_for), time, out);
    if (field_is_absent(field))
        return put_absent(normalize->column[column].absent, out);
    switch (normalize->column[column].kind) {
    case VALUE_URL:
        return out + decode_url(field.text, field.size, out);
    case VALUE_AGENT:
        return out + (normalize->agents
                          ? decoded_values_get(normalize->agents, field.text, field.size, out)
                          : decode_agent(field.text, field.size, out));
    case VALUE_HOST:
        return out + decode_host(field.text, field.size, out);
    default:
        return out + decode_plain(field.text, field.size, out);
    }
}

/* Whether a value that decode_plain() would not change is copied. */
static inline bool is_copied(const struct normalize *normalize, const struct fields *fields,
                             size_t column)
{
    if (normalize->column[column].kind == VALUE_C_IP)
        return !client_has_colon(fields_at(fields, normalize->column[column].position));
    return normalize->column[column].kind == VALUE_PLAIN;
}

const char *normalize_row(const struct normalize *normalize, const struct fields *fields, char *out,
                          size_t *out_size, uint32_t *time)
{
    struct field status = fields_at(fields, normalize->column[COLUMN_STATUS].position);
    struct field bytes = fields_at(fields, normalize->column[COLUMN_BYTES].position);
    const char *error = normalize_check_numbers(status, bytes);
    if (!error)
        error = normalize_time(normalize, fields, out, time);
    if (error)
        return error;
    char *end = out + CLOCK_DATE_SIZE + 1 + CLOCK_TIME_SIZE;
    for (size_t column = COLUMN_TIME + 1; column < normalize->columns; column++) {
        *end++ = '\t';
        if (normalize->column[column].kind == VALUE_ABSENT)
            end = put_absent(normalize->column[column].absent, end);
        else if (fields->are_plain && is_copied(normalize, fields, column))
            end = put_unchanged(fields_at(fields, normalize->column[column].position), end);
        else
            end = put_column(normalize, fields, column, *time, end);
    }
    size_t absent_size = 2 * (COLUMN_COUNT - normalize->columns);
    memcpy(end, columns_absent, absent_size);
    end += absent_size;
    *end++ = '\n';
    *out_size = (size_t)(end - out);
    return NULL;
}
