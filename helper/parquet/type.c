#include "parquet/type.h"

#include <endian.h>
#include <math.h>
#include <string.h>

#include "normalized/clock.h"
#include "parquet/error.h"

enum {
    DAY_S = 86400,
    MILLI = 1000,
    MICRO = 1000 * MILLI,
    NANO = 1000 * MICRO,
    JULIAN_1970 = 2440588, /* the Julian day of 1970-01-01 */
    DECIMAL_BYTES = 16,    /* of the longest decimal, which has 38 digits */
    DIGITS_MAX = 40,
    REAL_SCALE = 3, /* digits of the fraction of a floating-point number */
    REAL_UNIT = 1000
};

void type_read_converted(struct type *type, int64_t converted)
{
    enum {
        DECIMAL = 5,
        DATE,
        TIME_MILLI,
        TIME_MICRO,
        STAMP_MILLI,
        STAMP_MICRO,
        UINT_8,
        UINT_64 = 14,
        INTERVAL = 21
    };
    if (converted == DECIMAL)
        type->meaning = TYPE_DECIMAL;
    else if (converted == DATE)
        type->meaning = TYPE_DATE;
    else if (converted == TIME_MILLI || converted == TIME_MICRO)
        type->meaning = TYPE_TIME;
    else if (converted == STAMP_MILLI || converted == STAMP_MICRO)
        type->meaning = TYPE_TIMESTAMP;
    else if (converted == INTERVAL)
        type->meaning = TYPE_OTHER;
    type->is_unsigned = converted >= UINT_8 && converted <= UINT_64;
    type->per_second = converted == TIME_MILLI || converted == STAMP_MILLI ? MILLI : MICRO;
}

/* Reads the unit of a time: a struct with one field, whose id tells. */
static uint32_t read_unit(struct thrift *thrift)
{
    static const uint32_t units[] = {0, MILLI, MICRO, NANO};
    struct thrift_field field = {0};
    uint32_t unit = 0;
    while (thrift_next(thrift, &field)) {
        if (field.id > 0 && field.id < (int)(sizeof units / sizeof *units))
            unit = units[field.id];
        thrift_skip(thrift, field.type);
    }
    return unit;
}

/* Reads the members of a logical type: a scale, a unit, or a sign. */
static void read_parameters(struct type *type, struct thrift *thrift)
{
    struct thrift_field field = {0};
    while (thrift_next(thrift, &field)) {
        if (field.id == 1 && type->meaning == TYPE_DECIMAL)
            type->scale = thrift_integer(thrift, field.type);
        else if (field.id == 2 && field.type == THRIFT_STRUCT)
            type->per_second = read_unit(thrift);
        else if (field.id == 2 && type->meaning == TYPE_PLAIN && field.type <= THRIFT_FALSE)
            type->is_unsigned = !thrift_bool(thrift, field.type);
        else
            thrift_skip(thrift, field.type);
    }
}

void type_read_logical(struct type *type, struct thrift *thrift, enum thrift_type field_type)
{
    enum { DECIMAL = 5, DATE, TIME, TIMESTAMP, INTEGER = 10, UUID = 14, FLOAT16 };
    struct thrift_field field = {0};
    if (!thrift_struct(thrift, field_type))
        return;
    while (thrift_next(thrift, &field)) {
        if (field.id == DECIMAL)
            type->meaning = TYPE_DECIMAL;
        else if (field.id == DATE)
            type->meaning = TYPE_DATE;
        else if (field.id == TIME)
            type->meaning = TYPE_TIME;
        else if (field.id == TIMESTAMP)
            type->meaning = TYPE_TIMESTAMP;
        else if (field.id == UUID || field.id == FLOAT16)
            type->meaning = TYPE_OTHER;
        if ((field.id >= DECIMAL && field.id <= TIMESTAMP) || field.id == INTEGER) {
            if (thrift_struct(thrift, field.type))
                read_parameters(type, thrift);
        } else {
            thrift_skip(thrift, field.type);
        }
    }
}

const char *type_error(const struct type *type)
{
    bool is_whole = type->kind == TYPE_INT32 || type->kind == TYPE_INT64;
    bool is_time = type->meaning == TYPE_TIME || type->meaning == TYPE_TIMESTAMP;
    if (type->kind == TYPE_BOOLEAN)
        return PARQUET_UNSUPPORTED("its values have the type BOOLEAN",
                                   "with this column as a string");
    if (type->kind < TYPE_BOOLEAN || type->kind > TYPE_FIXED)
        return PARQUET_UNSUPPORTED("its values have an unknown type",
                                   "with this column as a string");
    if (type->meaning == TYPE_DECIMAL &&
        (type->scale < 0 || type->scale >= DIGITS_MAX ||
         !(is_whole || (type->kind == TYPE_FIXED && type->length <= DECIMAL_BYTES))))
        return PARQUET_UNSUPPORTED("its values are decimal numbers of a form that is not read",
                                   "with this column as a string");
    if (type->kind == TYPE_FIXED &&
        (type->length < 1 || type->length > INT16_MAX || type->meaning == TYPE_OTHER))
        return PARQUET_UNSUPPORTED("its values have the type FIXED_LEN_BYTE_ARRAY",
                                   "with this column as a string");
    if ((is_time && (!is_whole || !type->per_second)) ||
        (type->meaning == TYPE_DATE && type->kind != TYPE_INT32))
        return PARQUET_UNSUPPORTED("its values are times in an unknown unit",
                                   "with this column as a string");
    return NULL;
}

size_t type_size(const struct type *type)
{
    switch (type->kind) {
    case TYPE_INT32:
    case TYPE_FLOAT:
        return 4;
    case TYPE_INT64:
    case TYPE_DOUBLE:
        return 8;
    case TYPE_INT96:
        return 12;
    case TYPE_FIXED:
        return (size_t)type->length;
    default:
        return 0;
    }
}

bool type_is_text(const struct type *type)
{
    return type->kind == TYPE_STRING || (type->kind == TYPE_FIXED && type->meaning != TYPE_DECIMAL);
}

/* Writes a number of COUNT digits, SCALE of which are of the fraction. */
static size_t write_digits(const char *digits, size_t count, size_t scale, bool is_negative,
                           char *out)
{
    char *o = out;
    size_t zeros = count > scale ? 0 : scale + 1 - count; /* before the digits */
    bool has_fraction = false;
    for (size_t i = count > scale ? count - scale : 0; i < count; i++)
        has_fraction |= digits[i] != '0';
    size_t whole = zeros + count - scale, all = has_fraction ? zeros + count : whole;
    if (is_negative)
        *o++ = '-';
    for (size_t i = 0; i < all; i++) {
        if (i == whole)
            *o++ = '.';
        *o++ = i < zeros ? '0' : digits[i - zeros];
    }
    return (size_t)(o - out);
}

static size_t write_number(uint64_t number, size_t scale, bool is_negative, char *out)
{
    char digits[DIGITS_MAX];
    size_t count = 0;
    do { /* from the last digit to the first */
        digits[DIGITS_MAX - ++count] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    return write_digits(digits + DIGITS_MAX - count, count, scale, is_negative, out);
}

static size_t write_whole(int64_t number, size_t scale, char *out)
{
    bool is_negative = number < 0;
    return write_number(is_negative ? -(uint64_t)number : (uint64_t)number, scale, is_negative,
                        out);
}

/* Writes a decimal number: a whole number of SIZE bytes, the highest first, in two's complement. */
static size_t write_decimal(const unsigned char *bytes, size_t size, size_t scale, char *out)
{
    unsigned char rest[DECIMAL_BYTES];
    char digits[DIGITS_MAX];
    size_t count = 0;
    bool is_negative = bytes[0] & 0x80, is_zero = false;
    unsigned carry = 1;
    memcpy(rest, bytes, size);
    for (size_t i = size; is_negative && i-- > 0;) {
        carry += 0xffU & ~(unsigned)rest[i];
        rest[i] = (unsigned char)carry;
        carry >>= 8;
    }
    while (!is_zero && count < DIGITS_MAX) { /* from the last digit to the first */
        unsigned remainder = 0;
        is_zero = true;
        for (size_t i = 0; i < size; i++) {
            remainder = remainder << 8 | rest[i];
            rest[i] = (unsigned char)(remainder / 10);
            remainder %= 10;
            is_zero &= !rest[i];
        }
        digits[DIGITS_MAX - ++count] = (char)('0' + remainder);
    }
    return write_digits(digits + DIGITS_MAX - count, count, scale, is_negative, out);
}

static size_t write_real(double real, char *out)
{
    static const double whole = 1e15, limit = 9e18; /* from WHOLE on, no fraction is exact */
    bool is_negative = real < 0;
    double size = is_negative ? -real : real;
    if (size < whole)
        return write_number((uint64_t)(size * REAL_UNIT + 0.5), REAL_SCALE, is_negative, out);
    if (size < limit)
        return write_number((uint64_t)size, 0, is_negative, out);
    return (size_t)(stpcpy(out, isnan(real) ? "-" : "infinite") - out);
}

/* Writes a time since 1970-01-01. */
static size_t write_stamp(int64_t units, uint32_t per_second, char *out)
{
    int64_t seconds = units / per_second;
    if (units < 0 || seconds > UINT32_MAX)
        return write_whole(units, 0, out);
    unsigned milli = (unsigned)(units % per_second / (per_second / MILLI));
    clock_format((uint32_t)seconds, out, out + CLOCK_DATE_SIZE + 1);
    out[CLOCK_DATE_SIZE] = 'T';
    size_t size = CLOCK_DATE_SIZE + 1 + CLOCK_TIME_SIZE;
    if (milli) {
        out[size++] = '.';
        out[size++] = (char)('0' + milli / 100);
        out[size++] = (char)('0' + milli / 10 % 10);
        out[size++] = (char)('0' + milli % 10);
    }
    out[size++] = 'Z';
    return size;
}

/* Writes a date, or a time of day. */
static size_t write_clock(const struct type *type, int64_t number, char *out)
{
    char date[CLOCK_DATE_SIZE], time[CLOCK_TIME_SIZE];
    bool is_date = type->meaning == TYPE_DATE;
    int64_t seconds = is_date ? number : number / type->per_second;
    if (number < 0 || seconds > (is_date ? UINT32_MAX / DAY_S : DAY_S - 1))
        return write_whole(number, 0, out);
    clock_format((uint32_t)(is_date ? seconds * DAY_S : seconds), date, time);
    memcpy(out, is_date ? date : time, is_date ? CLOCK_DATE_SIZE : CLOCK_TIME_SIZE);
    return is_date ? CLOCK_DATE_SIZE : CLOCK_TIME_SIZE;
}

/* Writes the nanoseconds of a day, and the Julian day behind them. */
static size_t write_int96(const unsigned char *bytes, char *out)
{
    uint64_t nano;
    uint32_t day;
    memcpy(&nano, bytes, sizeof nano);
    memcpy(&day, bytes + sizeof nano, sizeof day);
    nano = le64toh(nano);
    int64_t days = (int64_t)le32toh(day) - JULIAN_1970;
    if (days < 0 || days > UINT32_MAX / DAY_S || nano >= (uint64_t)DAY_S * NANO)
        return write_whole(days, 0, out);
    return write_stamp(days * DAY_S * MILLI + (int64_t)(nano / MICRO), MILLI, out);
}

static size_t write_integer(const struct type *type, int64_t number, char *out)
{
    switch (type->meaning) {
    case TYPE_DATE:
    case TYPE_TIME:
        return write_clock(type, number, out);
    case TYPE_TIMESTAMP:
        return write_stamp(number, type->per_second, out);
    case TYPE_DECIMAL:
        return write_whole(number, (size_t)type->scale, out);
    default:
        return type->is_unsigned ? write_number((uint64_t)number, 0, false, out)
                                 : write_whole(number, 0, out);
    }
}

size_t type_write(const struct type *type, struct field value, char out[TYPE_TEXT_MAX])
{
    const unsigned char *bytes = (const unsigned char *)value.text;
    uint32_t low = 0;
    uint64_t high = 0;
    float single;
    double real;
    if (type->kind == TYPE_INT96)
        return write_int96(bytes, out);
    if (type->kind == TYPE_FIXED)
        return write_decimal(bytes, value.size, (size_t)type->scale, out);
    memcpy(&low, bytes, sizeof low);
    low = le32toh(low);
    if (type->kind == TYPE_INT32)
        return write_integer(type, type->is_unsigned ? (int64_t)low : (int32_t)low, out);
    if (type->kind == TYPE_FLOAT) {
        memcpy(&single, &low, sizeof single);
        return write_real((double)single, out);
    }
    memcpy(&high, bytes, sizeof high);
    high = le64toh(high);
    if (type->kind == TYPE_INT64)
        return write_integer(type, (int64_t)high, out);
    memcpy(&real, &high, sizeof real);
    return write_real(real, out);
}
