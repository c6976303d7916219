#include "log/normalize.h"

#include <arpa/inet.h>
#include <string.h>

#include "normalized/clock.h"
#include "log/decode.h"

static struct field get(const struct normalize *normalize, enum column column)
{
    return fields_get(&normalize->fields, normalize->header, column);
}

static bool is_number(struct field field, size_t least, size_t most)
{
    if (field.size < least || field.size > most)
        return false;
    for (size_t i = 0; i < field.size; i++)
        if (field.text[i] < '0' || field.text[i] > '9')
            return false;
    return true;
}

/* Takes one address off the front of an X-Forwarded-For element, with a port, brackets or zeros
 * that inet_pton() does not take. */
static size_t forwarded_address(const char *s, size_t size, char *out)
{
    char text[64];
    unsigned char binary[sizeof(struct in6_addr)];
    size_t used = 0;
    if (size && *s == '[') {
        const char *bracket = memchr(s, ']', size);
        if (!bracket)
            return 0;
        size = (size_t)(bracket - ++s);
    } else {
        const char *colon = memchr(s, ':', size);
        if (colon && !memchr(colon + 1, ':', (size_t)(s + size - colon - 1)))
            size = (size_t)(colon - s);
    }
    bool number_begins = !memchr(s, ':', size);
    for (size_t i = 0; i < size; i++) {
        bool is_zero_in_front =
            number_begins && s[i] == '0' && i + 1 < size && s[i + 1] >= '0' && s[i + 1] <= '9';
        if (is_zero_in_front)
            continue;
        number_begins = s[i] == '.';
        if (used == sizeof text - 1 || s[i] == '\0')
            return 0;
        text[used++] = s[i];
    }
    text[used] = '\0';
    if (inet_pton(AF_INET, text, binary) != 1 && inet_pton(AF_INET6, text, binary) != 1)
        return 0;
    memcpy(out, text, used);
    return used;
}

/* The size of a space at S, in any of the ways it is logged. */
static size_t forwarded_space(const char *s, const char *end)
{
    if (*s == ' ')
        return 1;
    if (end - s >= 3 && !memcmp(s, "%20", 3))
        return 3;
    return end - s >= 4 && !memcmp(s, "\\x20", 4) ? 4 : 0;
}

size_t normalize_forwarded_for(const char *s, size_t size, char *out)
{
    const char *end = s + size;
    while (s < end) {
        size_t skip = *s == ',' ? 1 : forwarded_space(s, end);
        if (skip) {
            s += skip;
            continue;
        }
        const char *element = s;
        while (s < end && *s != ',' && !forwarded_space(s, end))
            s++;
        size_t used = forwarded_address(element, (size_t)(s - element), out);
        if (used)
            return used;
    }
    return 0;
}

const char *normalize_time(const struct normalize *normalize, char *out, uint32_t *time)
{
    struct field date = get(normalize, COLUMN_DATE), clock = get(normalize, COLUMN_TIME);
    uint32_t days, seconds;
    char *clock_out = out + CLOCK_DATE_SIZE + 1;
    out[CLOCK_DATE_SIZE] = '\t';
    if (!field_is_absent(date) && !field_is_absent(clock)) {
        if (!clock_parse_date(date.text, date.size, &days))
            return "the date is not a YYYY-MM-DD of the calendar";
        if (!clock_parse_time(clock.text, clock.size, &seconds))
            return "the time is not an HH:MM:SS of the day";
        memcpy(out, date.text, CLOCK_DATE_SIZE);
        memcpy(clock_out, clock.text, CLOCK_TIME_SIZE);
        *time = days * 86400 + seconds;
        return NULL;
    }
    struct field stamp = get(normalize, INPUT_TIMESTAMP_MS);
    unsigned per_second = 1000;
    if (field_is_absent(stamp)) {
        stamp = get(normalize, INPUT_TIMESTAMP);
        per_second = 1;
    }
    if (field_is_absent(stamp))
        return "neither date and time nor a timestamp";
    if (!clock_parse_epoch(stamp.text, stamp.size, per_second, time))
        return "the timestamp is not a number of seconds since 1970";
    clock_format(*time, out, clock_out);
    return NULL;
}

static char *put_value(struct field field, enum column_text text, char *out)
{
    if (field_is_absent(field)) {
        *out = '-';
        return out + 1;
    }
    switch (text) {
    case COLUMN_TEXT_URL:
        return out + decode_url(field.text, field.size, out);
    case COLUMN_TEXT_AGENT:
        return out + decode_agent(field.text, field.size, out);
    default:
        return out + decode_plain(field.text, field.size, out);
    }
}

/* The column's own value, or the one that the options put in its place. */
static char *put_column(const struct normalize *normalize, enum column column, char *out)
{
    struct field field = get(normalize, column), other;
    if (column == COLUMN_CLIENT && normalize->options.client_forwarded) {
        other = get(normalize, INPUT_FORWARDED_FOR);
        size_t size =
            field_is_absent(other) ? 0 : normalize_forwarded_for(other.text, other.size, out);
        if (size)
            return out + size;
    }
    if (column == COLUMN_HOST && (!normalize->options.host_cs_host || field_is_absent(field))) {
        other = get(normalize, INPUT_HOST_HEADER);
        if (!field_is_absent(other))
            field = other;
    }
    return put_value(field, column_text(column), out);
}

const char *normalize_split(struct normalize *normalize, const char *row, size_t size)
{
    struct fields *fields = &normalize->fields;
    const struct header *header = normalize->header;
    if (normalize->space_separated)
        fields_split_space(fields, row, size, header);
    else
        fields_split_tab(fields, row, size);
    while (fields->count > header->field_count && !fields->field[fields->count - 1].size)
        fields->count--;
    if (fields->count > header->field_count)
        return "more fields than the #Fields header names";
    if (fields->count < header->required)
        return "too few fields";
    return NULL;
}

const char *normalize_row(struct normalize *normalize, const char *row, size_t size, char *out,
                          size_t *out_size, uint32_t *time)
{
    const char *problem = normalize_split(normalize, row, size);
    if (problem)
        return problem;
    struct field status = get(normalize, COLUMN_STATUS), bytes = get(normalize, COLUMN_BYTES);
    if (!field_is_absent(status) && !is_number(status, 3, 3))
        return "sc-status is not a number of three digits";
    if (!field_is_absent(bytes) && !is_number(bytes, 1, 19))
        return "sc-bytes is not a number";
    if ((problem = normalize_time(normalize, out, time)))
        return problem;
    char *end = out + CLOCK_DATE_SIZE + 1 + CLOCK_TIME_SIZE;
    for (int column = COLUMN_TIME + 1; column < COLUMN_COUNT; column++) {
        *end++ = '\t';
        end = put_column(normalize, (enum column)column, end);
    }
    *end++ = '\n';
    *out_size = (size_t)(end - out);
    return NULL;
}
