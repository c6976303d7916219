#include "log/shape.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "log/iso_time.h"
#include "log/number.h"
#include "log/table_values.h"
#include "normalized/ascii.h"
#include "normalized/clock.h"

/* Whether all bytes are letters, digits, or among OTHERS. */
static bool is_word(struct field value, const char *others)
{
    for (size_t i = 0; i < value.size; i++)
        if (!ascii_is_letter(value.text[i]) && !ascii_is_digit(value.text[i]) &&
            (!value.text[i] || !strchr(others, value.text[i])))
            return false;
    return value.size > 0;
}

bool shape_is_address(struct field value)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char binary[sizeof(struct in6_addr)];
    if (value.size >= sizeof text)
        return false;
    memcpy(text, value.text, value.size);
    text[value.size] = '\0';
    return inet_pton(AF_INET, text, binary) == 1 || inet_pton(AF_INET6, text, binary) == 1;
}

/* www.example.com: programs such as logresolvemerge.pl put the name of a client in the place of its address. */
static bool is_host_name(struct field value)
{
    return is_word(value, ".-_") && memchr(value.text, '.', value.size) &&
           ascii_is_letter(value.text[value.size - 1]);
}

/* 192.0.2.* or ***: programs mask addresses. */
static bool is_masked_address(struct field value)
{
    bool is_masked = false;
    for (size_t i = 0; i < value.size; i++) {
        if (value.text[i] == '*')
            is_masked = true;
        else if (!ascii_is_digit(value.text[i]) && value.text[i] != '.' && value.text[i] != ':')
            return false;
    }
    return is_masked;
}

static bool is_epoch(struct field value, unsigned per_second)
{
    uint32_t seconds;
    return value.size >= 9 && clock_parse_epoch(value.text, value.size, per_second, &seconds);
}

bool shape_is_precise_time(struct field value)
{
    return is_epoch(value, 1) && value.size > 4 && value.text[value.size - 4] == '.';
}

/* As DFW57-P3: the three letters of an airport, a number, perhaps the code of a part.  Only the letters are
 * checked. */
static bool is_edge_location(struct field value)
{
    return value.size >= 3 && ascii_is_letter(value.text[0]) && ascii_is_letter(value.text[1]) &&
           ascii_is_letter(value.text[2]) && is_word(value, "-");
}

static bool is_path(struct field value)
{
    return value.text[0] == '/' || value.text[0] == '*' ||
           (value.size >= 3 && memmem(value.text, value.size, "://", 3)) ||
           (value.size >= 3 && !strncasecmp(value.text, "%2f", 3));
}

static bool is_protocol(struct field value)
{
    static const char *const names[] = {"http", "https", "ws", "wss", "grpcs", "grpc"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (value.size == strlen(names[i]) && !strncasecmp(value.text, names[i], value.size))
            return true;
    return false;
}

static bool is_event(struct field value)
{
    static const char *const names[] = {"connect", "disconnect", "play", "stop",
                                        "pause",   "unpause",    "seek"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (value.size == strlen(names[i]) && !strncasecmp(value.text, names[i], value.size))
            return true;
    return false;
}

/* A word such as RefreshHit or ClientCommError. */
static bool is_result(struct field value)
{
    return ascii_is_letter(*value.text) && is_word(value, "-_");
}

static bool is_iso_time(struct field value)
{
    struct field date, clock;
    return iso_time_find(value, &date, &clock);
}

static bool is_date(struct field value)
{
    uint32_t number;
    return value.size == CLOCK_DATE_SIZE ? clock_parse_date(value.text, value.size, &number)
                                         : is_iso_time(value);
}

/* 12:00:00
 * 12:00:00.250 */
static bool is_time_of_day(struct field value)
{
    uint32_t number;
    return value.size >= CLOCK_TIME_SIZE &&
           clock_parse_time(value.text, CLOCK_TIME_SIZE, &number) &&
           (value.size == CLOCK_TIME_SIZE || value.text[CLOCK_TIME_SIZE] == '.');
}

bool shape_fits(enum column column, struct field value)
{
    if (column == COLUMN_DATE)
        return is_date(value);
    if (column == COLUMN_TIME)
        return is_time_of_day(value) || is_iso_time(value);
    if (field_is_absent(value) || table_values_is_null(value) || table_values_is_null_word(value))
        return true;
    switch (column) {
    case INPUT_TIMESTAMP:
        return is_epoch(value, 1) || is_iso_time(value);
    case INPUT_TIMESTAMP_MS:
        return (value.size >= 12 && is_epoch(value, 1000)) || is_iso_time(value);
    case COLUMN_EDGE_LOCATION:
        return is_edge_location(value);
    case COLUMN_BYTES:
    case COLUMN_CONTENT_LENGTH:
    case COLUMN_ASN:
        return number_is_whole(number_cut_fraction(value));
    case COLUMN_CLIENT:
        return shape_is_address(value) || is_host_name(value) || is_masked_address(value);
    case COLUMN_METHOD:
        return !ascii_is_digit(*value.text) && is_word(value, "-_%");
    case COLUMN_HOST:
    case INPUT_HOST_HEADER:
        return is_word(value, ".-_:[]%*$@!,~+&()"); /* whatever scanners send, but "=" and "/" */
    case COLUMN_STEM:
        return is_path(value);
    case COLUMN_STATUS:
        return number_is_status(number_pad_status(number_cut_fraction(value)));
    case COLUMN_RESULT:
    case COLUMN_RESPONSE_RESULT:
    case COLUMN_DETAILED_RESULT:
        return is_result(value);
    case COLUMN_PROTOCOL:
        return is_protocol(value);
    case COLUMN_PROTOCOL_VERSION:
        return field_begins_with(value, "HTTP/");
    case COLUMN_TLS:
        return field_begins_with(value, "TLS") || field_begins_with(value, "SSL") ||
               field_begins_with(value, "QUIC");
    case COLUMN_REQUEST_ID:
        return is_word(value, "-_=+/");
    case COLUMN_CIPHER:
    case COLUMN_DISTRIBUTION:
        return is_word(value, "-_=");
    case COLUMN_TIME_TAKEN:
    case COLUMN_TIME_TO_FIRST_BYTE:
        return number_is_decimal(value);
    case COLUMN_COUNTRY:
        return value.size == 2 && is_word(value, "");
    case COLUMN_EVENT:
        return is_event(value);
    default:
        return true;
    }
}

bool shape_is_free(enum column column)
{
    switch (column) {
    case COLUMN_NONE:
    case COLUMN_STEM:
    case COLUMN_REFERER:
    case COLUMN_AGENT:
    case COLUMN_QUERY:
    case COLUMN_CONTENT_TYPE:
    case INPUT_FORWARDED_FOR:
        return true;
    default:
        return false;
    }
}
