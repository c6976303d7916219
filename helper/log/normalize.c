#include "log/iso_time.h"
#include "log/normalize.h"

#include <endian.h>
#include <string.h>

#include "log/decode.h"
#include "log/misfit.h"
#include "log/number.h"

/* Returns the value of a column in each record of a log that lacks this column, so that AWStats counts
 * the records as traffic: GET, 200, 0 bytes, "unknown" for the user agent (AWStats takes "-" for a
 * robot); "-" for any other column. */
static const char *absent_value(enum column column)
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

/* Adds text to a step, a new one unless the last one is of text. */
static void add_text(struct normalize *normalize, size_t *used, const char *text)
{
    struct normalize_step *last = &normalize->steps[normalize->step_count];
    if (normalize->step_count && last[-1].kind == STEP_TEXT) {
        last--;
    } else {
        *last = (struct normalize_step){.kind = STEP_TEXT, .from = (uint16_t)*used};
        normalize->step_count++;
    }
    for (; *text; text++)
        normalize->text[(*used)++] = *text;
    last->size = (uint16_t)(*used - last->from);
}

/* Makes the steps of the columns after date and time, which are done already. */
static void make_steps(struct normalize *normalize)
{
    size_t used = 0;
    for (int i = COLUMN_TIME + 1; i < COLUMN_COUNT; i++) {
        const int16_t position = normalize->column[i].position;
        if (normalize->column[i].kind == VALUE_ABSENT) {
            add_text(normalize, &used, "\t");
            add_text(normalize, &used, normalize->column[i].absent);
            continue;
        }
        struct normalize_step *step = &normalize->steps[normalize->step_count++];
        *step = (struct normalize_step){
            .kind = STEP_OTHER, .position = position < 0 ? 0 : position, .column = (uint8_t)i};
        if (normalize->column[i].kind == VALUE_PLAIN) {
            step->kind = STEP_PLAIN;
        } else if (position >= 0 && normalize->column[i].kind == VALUE_C_IP) {
            step->kind = STEP_UNLESS;
            step->unless = ':'; /* as client_has_colon() */
        } else if (position >= 0 && normalize->column[i].kind == VALUE_URL) {
            step->kind = STEP_UNLESS;
            step->unless = '%';
        }
        if (position >= (int)normalize->values)
            normalize->values = (size_t)position + 1;
    }
    add_text(normalize, &used, "\n");
}

static const char status_error[] = "sc-status is not a number of three digits";
static const char bytes_error[] = "sc-bytes is not a number from 0 to 2^53";

/* The numbers that a column may have.  sc-status is checked apart, by its three digits. */
enum number_kind { NO_NUMBER, STATUS, WHOLE, DECIMAL };
static const unsigned char number_kinds[COLUMN_COUNT] = {
    [COLUMN_STATUS] = STATUS,        [COLUMN_BYTES] = WHOLE,
    [COLUMN_TIME_TAKEN] = DECIMAL,   [COLUMN_TIME_TO_FIRST_BYTE] = DECIMAL,
    [COLUMN_CONTENT_LENGTH] = WHOLE, [COLUMN_ASN] = WHOLE};

static const char *number_error(enum column column)
{
    return column == COLUMN_BYTES ? bytes_error : misfit_column_error(column);
}

static void prepare_numbers(struct normalize *normalize, const int16_t *position)
{
    for (int i = 0; i < COLUMN_COUNT; i++) {
        const bool has_fraction = number_kinds[i] == DECIMAL;
        if (position[i] >= 0 && (number_kinds[i] == WHOLE || has_fraction))
            normalize->numbers[normalize->number_count++] = (struct normalize_number){
                .position = position[i],
                .has_fraction = has_fraction,
                .size_min = has_fraction ? 3 : 1,
                .zeros = UINT64_C(0x3030303030303030) ^ (has_fraction ? 0x1e00 : 0),
                .carries = UINT64_C(0x7676767676767676) | (has_fraction ? 0x7f00 : 0),
                .error = number_error((enum column)i),
            };
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
        normalize->column[i].absent = position[i] < 0 ? absent_value((enum column)i) : "-";
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
    make_steps(normalize);
    prepare_numbers(normalize, position);
}

/* Cuts a date and a time of day that a program has written longer: as a time such as 2026-03-10T12:00:00Z, or with
 * a fraction of a second. */
static void cut_time(struct field *date, struct field *clock)
{
    struct field other;
    if (date->size > CLOCK_DATE_SIZE)
        iso_time_find(*date, date, &other);
    if (clock->size > CLOCK_TIME_SIZE && clock->text[CLOCK_TIME_SIZE] == '.')
        clock->size = CLOCK_TIME_SIZE;
    else if (clock->size > CLOCK_TIME_SIZE)
        iso_time_find(*clock, &other, clock);
}

/* Reads a timestamp by its number of digits, as some programs write milliseconds for seconds, and the
 * reverse: 18 or more are nanoseconds, 15 or more microseconds, 12 or more milliseconds, at most 10 seconds. */
static bool parse_stamp(struct field stamp, unsigned per_second, uint32_t *time)
{
    const char *point = memchr(stamp.text, '.', stamp.size);
    size_t digits = point ? (size_t)(point - stamp.text) : stamp.size;
    if (digits >= 18)
        per_second = 1000000000;
    else if (digits >= 15)
        per_second = 1000000;
    else if (digits >= 12)
        per_second = 1000;
    else if (digits <= 10)
        per_second = 1;
    return clock_parse_epoch(stamp.text, stamp.size, per_second, time) > 0;
}

/* Reads a date, or knows it from the row before.  Inline, as it is called for each row. */
__attribute__((always_inline)) static inline bool parse_date(struct normalize *normalize,
                                                             struct field date, uint32_t *days)
{
    if (normalize->days && date.size == CLOCK_DATE_SIZE &&
        !memcmp(date.text, normalize->date, CLOCK_DATE_SIZE)) {
        *days = normalize->days;
        return true;
    }
    if (!clock_parse_date(date.text, date.size, days))
        return false;
    memcpy(normalize->date, date.text, CLOCK_DATE_SIZE);
    normalize->days = *days;
    return true;
}

/* Stores the time of a date and a time of day, and writes both.  Inline, as it is called for each row. */
__attribute__((always_inline)) static inline const char *
put_date_and_clock(struct normalize *normalize, struct field date, struct field clock, char *out,
                   uint32_t *time)
{
    uint32_t days, seconds;
    if (!parse_date(normalize, date, &days))
        return "the date is not a day of the calendar in the form YYYY-MM-DD";
    if (!clock_parse_time(clock.text, clock.size, &seconds))
        return "the time is not a time of day in the form HH:MM:SS";
    memcpy(out, date.text, CLOCK_DATE_SIZE);
    memcpy(out + CLOCK_DATE_SIZE + 1, clock.text, CLOCK_TIME_SIZE);
    *time = days * 86400 + seconds;
    return NULL;
}

/* Does what normalize_time() does for rows whose date and time of day have other forms than CloudFront's. */
__attribute__((noinline)) static const char *put_other_time(struct normalize *normalize,
                                                            const struct fields *fields,
                                                            struct field date, struct field clock,
                                                            char *out, uint32_t *time)
{
    if (!field_is_absent(date) && !field_is_absent(clock)) {
        cut_time(&date, &clock);
        return put_date_and_clock(normalize, date, clock, out, time);
    }
    struct field stamp = fields_at(fields, normalize->timestamp_ms);
    unsigned per_second = 1000;
    if (field_is_absent(stamp)) {
        stamp = fields_at(fields, normalize->timestamp);
        per_second = 1;
    }
    if (field_is_absent(stamp))
        return "the record has neither date and time nor a timestamp";
    if (iso_time_find(stamp, &date, &clock))
        return put_date_and_clock(normalize, date, clock, out, time);
    if (!parse_stamp(stamp, per_second, time))
        return "the timestamp is neither a number of seconds since 1970 nor a time in UTC such as "
               "2026-03-10T12:00:00Z";
    clock_format(*time, out, out + CLOCK_DATE_SIZE + 1);
    return NULL;
}

const char *normalize_time(struct normalize *normalize, const struct fields *fields, char *out,
                           uint32_t *time)
{
    struct field date = fields_at(fields, normalize->column[COLUMN_DATE].position);
    struct field clock = fields_at(fields, normalize->column[COLUMN_TIME].position);
    out[CLOCK_DATE_SIZE] = '\t';
    return date.size == CLOCK_DATE_SIZE && clock.size == CLOCK_TIME_SIZE
               ? put_date_and_clock(normalize, date, clock, out, time)
               : put_other_time(normalize, fields, date, clock, out, time);
}

static inline const char *check_status(struct field status)
{
    return field_is_absent(status) || number_is_status(status) ? NULL : status_error;
}

static const char *check_number(enum column column, struct field value)
{
    if (number_kinds[column] == STATUS)
        return check_status(value);
    bool is_number =
        number_kinds[column] == DECIMAL ? number_is_decimal(value) : number_is_whole(value);
    return is_number || field_is_absent(value) ? NULL : number_error(column);
}

const char *normalize_check_record(const char *record, size_t size)
{
    const char *s = record, *end = record + size, *error = NULL;
    for (int i = 0; i < COLUMN_COUNT && s && !error; i++) {
        const char *tab = memchr(s, '\t', (size_t)(end - s));
        if (number_kinds[i] != NO_NUMBER)
            error =
                check_number((enum column)i, (struct field){s, (size_t)((tab ? tab : end) - s)});
        s = tab ? tab + 1 : NULL;
    }
    return error;
}

/* Whether a value has at most 8 bytes, and they are digits, but for a decimal point where USUAL has one.  Quick.
 * LINES_SLACK bytes after the value may be read. */
static inline bool is_usual_number(struct field value, const struct normalize_number *usual)
{
    uint64_t bytes;
    if (value.size - usual->size_min > sizeof bytes - usual->size_min)
        return false;
    memcpy(&bytes, value.text, sizeof bytes);
    const size_t others = 64 - 8 * value.size; /* bits of the bytes after the value */
    const uint64_t digits = (le64toh(bytes) ^ usual->zeros) << others;
    return !((digits | (digits + (usual->carries << others))) & UINT64_C(0x8080808080808080));
}

/* Returns NULL if the columns of numbers are absent or have numbers, or an error: a constant text.  IS_PLAIN: as for
 * put_steps(). */
static inline const char *check_numbers(const struct normalize *normalize,
                                        const struct fields *fields, bool is_plain)
{
    for (size_t i = 0; i < normalize->number_count; i++) {
        const struct normalize_number *number = &normalize->numbers[i];
        if (is_plain && is_usual_number(fields->field[number->position], number))
            continue;
        struct field value = fields_at(fields, number->position);
        if (!field_is_absent(value) &&
            !(number->has_fraction ? number_is_decimal(value) : number_is_whole(value)))
            return number->error;
    }
    return NULL;
}

/* Copies bytes in pieces of LINES_SLACK, the last of which goes on after them; returns their end. */
static inline char *put_pieces(const char *text, size_t size, char *out)
{
    memcpy(out, text, LINES_SLACK);
    for (size_t done = LINES_SLACK; done < size; done += LINES_SLACK)
        memcpy(out + done, text + done, LINES_SLACK);
    return out + size;
}

static char *put_absent(const char *absent, char *out)
{
    *out = absent[0];
    return absent[1] ? stpcpy(out, absent) : out + 1;
}

/* Writes the value of a column of a record of this TIME; returns its end.  Inline, as it is called several times for
 * each row. */
__attribute__((always_inline)) static inline char *put_column(const struct normalize *normalize,
                                                              const struct fields *fields,
                                                              size_t column, uint32_t time,
                                                              char *out)
{
    const struct normalize_column *how = &normalize->column[column];
    struct field field = fields_at(fields, how->position);
    if (how->kind == VALUE_C_IP || how->kind == VALUE_CLIENT)
        return out + client_put(&normalize->client, field,
                                fields_at(fields, normalize->forwarded_for), time, out);
    if (field_is_absent(field) && how->fallback >= 0)
        field = fields_at(fields, how->fallback);
    if (field_is_absent(field))
        return put_absent(how->absent, out);
    switch (how->kind) {
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

/* Writes what follows the date and time of a record of this TIME; returns its end.  IS_PLAIN: the row is plain, and has
 * the values of all steps.  Inline, so that this is known where it is called. */
__attribute__((always_inline)) static inline char *put_steps(const struct normalize *normalize,
                                                             const struct fields *fields,
                                                             bool is_plain, uint32_t time,
                                                             char *out)
{
    const struct normalize_step *last = normalize->steps + normalize->step_count;
    for (const struct normalize_step *step = normalize->steps; step < last; step++) {
        const struct field *field = &fields->field[step->position];
        if (is_plain && step->kind == STEP_PLAIN && field->size) {
            *out = '\t';
            out = put_pieces(field->text, field->size, out + 1);
        } else if (step->kind == STEP_TEXT) {
            out = put_pieces(normalize->text + step->from, step->size, out);
        } else {
            *out++ = '\t';
            bool is_copied = is_plain && step->kind == STEP_UNLESS && field->size &&
                             !memchr(field->text, step->unless, field->size);
            out = is_copied ? put_pieces(field->text, field->size, out)
                            : put_column(normalize, fields, step->column, time, out);
        }
    }
    return out;
}

const char *normalize_row(struct normalize *normalize, const struct fields *fields, char *out,
                          size_t *out_size, uint32_t *time)
{
    struct field status = fields_at(fields, normalize->column[COLUMN_STATUS].position);
    const bool is_plain = fields->are_plain && fields->count >= normalize->values;
    const char *error = check_status(status);
    if (!error)
        error = check_numbers(normalize, fields, is_plain);
    if (!error)
        error = normalize_time(normalize, fields, out, time);
    if (error)
        return error;
    char *end = out + CLOCK_DATE_SIZE + 1 + CLOCK_TIME_SIZE;
    end = is_plain ? put_steps(normalize, fields, true, *time, end)
                   : put_steps(normalize, fields, false, *time, end);
    *out_size = (size_t)(end - out);
    return NULL;
}
