#include "parquet/thrift.h"

enum { DEPTH_MAX = 16 }; /* of values inside values that are skipped; Parquet has four */

static uint64_t fail(struct thrift *thrift)
{
    thrift->failed = true;
    thrift->at = thrift->end;
    return 0;
}

static size_t left(const struct thrift *thrift)
{
    return (size_t)(thrift->end - thrift->at);
}

static unsigned char next_byte(struct thrift *thrift)
{
    return thrift->at < thrift->end ? *thrift->at++ : (unsigned char)fail(thrift);
}

uint64_t thrift_varint(struct thrift *thrift)
{
    uint64_t number = 0;
    for (unsigned shift = 0; thrift->at < thrift->end; shift += 7) {
        unsigned char byte = *thrift->at++;
        if (shift == 63 && byte > 1)
            break;
        number |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return number;
        if (shift == 63)
            break;
    }
    return fail(thrift);
}

bool thrift_next(struct thrift *thrift, struct thrift_field *field)
{
    unsigned char byte = next_byte(thrift);
    if (thrift->failed || byte == THRIFT_STOP)
        return false;
    if ((byte & 15) == THRIFT_STOP || (byte & 15) > THRIFT_STRUCT)
        return fail(thrift);
    field->type = (enum thrift_type)(byte & 15);
    int64_t id = byte >> 4 ? field->id + (byte >> 4) : thrift_zigzag(thrift_varint(thrift));
    if (thrift->failed || id < INT16_MIN || id > INT16_MAX)
        return fail(thrift);
    field->id = (int16_t)id;
    return true;
}

int64_t thrift_integer(struct thrift *thrift, enum thrift_type type)
{
    if (type == THRIFT_BYTE)
        return (signed char)next_byte(thrift);
    if (type < THRIFT_I16 || type > THRIFT_I64)
        return (int64_t)fail(thrift);
    return thrift_zigzag(thrift_varint(thrift));
}

bool thrift_bool(struct thrift *thrift, enum thrift_type type)
{
    if (type != THRIFT_TRUE && type != THRIFT_FALSE)
        fail(thrift);
    return type == THRIFT_TRUE;
}

struct field thrift_binary(struct thrift *thrift, enum thrift_type type)
{
    struct field none = {"", 0};
    uint64_t size = type == THRIFT_BINARY ? thrift_varint(thrift) : fail(thrift);
    if (type != THRIFT_BINARY || size > left(thrift)) {
        fail(thrift);
        return none;
    }
    const char *text = (const char *)thrift->at;
    thrift->at += size;
    return (struct field){text, (size_t)size};
}

/* Reads the header of a list or a set.  Every element takes a byte at least, so a list never has more elements than
 * there are bytes. */
static size_t list_header(struct thrift *thrift, enum thrift_type *element)
{
    unsigned char byte = next_byte(thrift);
    uint64_t count = byte >> 4 == 15 ? thrift_varint(thrift) : byte >> 4;
    *element = (enum thrift_type)(byte & 15);
    if (thrift->failed || count > left(thrift) || *element > THRIFT_STRUCT ||
        (count && *element == THRIFT_STOP))
        return (size_t)fail(thrift);
    return (size_t)count;
}

size_t thrift_list(struct thrift *thrift, enum thrift_type type, enum thrift_type element)
{
    enum thrift_type found;
    if (type != THRIFT_LIST)
        return (size_t)fail(thrift);
    size_t count = list_header(thrift, &found);
    return count && found != element ? (size_t)fail(thrift) : count;
}

bool thrift_struct(struct thrift *thrift, enum thrift_type type)
{
    if (type != THRIFT_STRUCT)
        fail(thrift);
    return !thrift->failed;
}

static void skip(struct thrift *thrift, enum thrift_type type, unsigned depth, bool is_element);

static void skip_fields(struct thrift *thrift, unsigned depth)
{
    struct thrift_field field = {0};
    while (thrift_next(thrift, &field))
        skip(thrift, field.type, depth, false);
}

static void skip_list(struct thrift *thrift, unsigned depth)
{
    enum thrift_type element;
    for (size_t count = list_header(thrift, &element); count && !thrift->failed; count--)
        skip(thrift, element, depth, true);
}

static void skip_map(struct thrift *thrift, unsigned depth)
{
    uint64_t count = thrift_varint(thrift);
    unsigned char types = count ? next_byte(thrift) : 0;
    if (count > left(thrift))
        fail(thrift);
    for (; count && !thrift->failed; count--) {
        skip(thrift, (enum thrift_type)(types >> 4), depth, true);
        skip(thrift, (enum thrift_type)(types & 15), depth, true);
    }
}

/* A truth value is in the header of its field, but takes a byte as an element of a list. */
static void skip(struct thrift *thrift, enum thrift_type type, unsigned depth, bool is_element)
{
    if (depth > DEPTH_MAX) {
        fail(thrift);
        return;
    }
    switch (type) {
    case THRIFT_TRUE:
    case THRIFT_FALSE:
        if (is_element)
            next_byte(thrift);
        break;
    case THRIFT_BYTE:
        next_byte(thrift);
        break;
    case THRIFT_I16:
    case THRIFT_I32:
    case THRIFT_I64:
        thrift_varint(thrift);
        break;
    case THRIFT_DOUBLE:
        if (left(thrift) < 8)
            fail(thrift);
        else
            thrift->at += 8;
        break;
    case THRIFT_BINARY:
        thrift_binary(thrift, type);
        break;
    case THRIFT_LIST:
    case THRIFT_SET:
        skip_list(thrift, depth + 1);
        break;
    case THRIFT_MAP:
        skip_map(thrift, depth + 1);
        break;
    case THRIFT_STRUCT:
        skip_fields(thrift, depth + 1);
        break;
    default:
        fail(thrift);
    }
}

void thrift_skip(struct thrift *thrift, enum thrift_type type)
{
    skip(thrift, type, 0, false);
}
