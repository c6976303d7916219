#include "parquet/values.h"

#include <endian.h>
#include <string.h>

#include "parquet/error.h"
#include "parquet/page.h"

static const char short_page[] = PARQUET_CORRUPT("a page has fewer values than its header says");

/* Whether values of a type can have an encoding that is not for all types. */
static bool is_allowed(const struct type *type, int64_t encoding)
{
    bool is_string = type->kind == TYPE_STRING, is_fixed = type->kind == TYPE_FIXED;
    switch (encoding) {
    case PAGE_DELTA_NUMBERS:
        return type->kind == TYPE_INT32 || type->kind == TYPE_INT64;
    case PAGE_DELTA_LENGTH:
        return is_string;
    case PAGE_DELTA_BYTES:
        return is_string || is_fixed;
    case PAGE_SPLIT:
        return !is_string && type->kind != TYPE_INT96;
    default:
        return true;
    }
}

const char *values_begin(struct values *values, int64_t encoding, const unsigned char *at,
                         const unsigned char *end)
{
    values->encoding = encoding;
    values->at = at;
    values->end = end;
    values->last = values->last_size = 0;
    if (!is_allowed(values->type, encoding))
        return page_encoding_error(encoding);
    switch (encoding) {
    case PAGE_PLAIN:
        return NULL;
    case PAGE_PLAIN_DICTIONARY:
    case PAGE_RLE_DICTIONARY:
        if (at == end) /* all values are null */
            return NULL;
        if (*at > HYBRID_WIDTH_MAX)
            return PARQUET_CORRUPT("the dictionary indexes of a page have too many bits");
        hybrid_begin(&values->places, at + 1, end, *at);
        return NULL;
    case PAGE_DELTA_NUMBERS:
        return delta_begin(&values->numbers, at, end) ? NULL : short_page;
    case PAGE_DELTA_BYTES:
        if (!delta_begin(&values->prefixes, at, end) || !(at = delta_end(&values->prefixes)))
            return short_page;
        /* fall through */
    case PAGE_DELTA_LENGTH:
        if (!delta_begin(&values->numbers, at, end) || !(values->at = delta_end(&values->numbers)))
            return short_page;
        return NULL;
    case PAGE_SPLIT:
        values->split_count = values->split_left = (size_t)(end - at) / type_size(values->type);
        return NULL;
    default:
        return page_encoding_error(encoding);
    }
}

static const char *read_plain(struct values *values, struct field *value, size_t count)
{
    const unsigned char *at = values->at, *end = values->end;
    for (size_t i = 0; i < count; i++) {
        uint32_t size;
        if (end - at < (ptrdiff_t)sizeof size)
            return short_page;
        memcpy(&size, at, sizeof size);
        size = le32toh(size);
        at += sizeof size;
        if (size > (size_t)(end - at))
            return short_page;
        value[i] = (struct field){(const char *)at, size};
        at += size;
    }
    values->at = at;
    return NULL;
}

/* Reads values of type_size() bytes. */
static const char *read_fixed(struct values *values, struct field *value, size_t count)
{
    size_t size = type_size(values->type);
    if (count > (size_t)(values->end - values->at) / size)
        return short_page;
    for (size_t i = 0; i < count; i++, values->at += size)
        value[i] = (struct field){(const char *)values->at, size};
    return NULL;
}

/* Reads whole numbers, each the difference to the one before. */
static const char *read_numbers(struct values *values, struct field *value, size_t count)
{
    struct block *built = values->built;
    size_t size = type_size(values->type);
    const char *error = block_reserve(values->memory, built, count * sizeof(uint64_t));
    if (error)
        return error;
    for (size_t i = 0; i < count; i++) {
        uint64_t number;
        if (!delta_read_whole(&values->numbers, &number))
            return short_page;
        number = htole64(number);
        memcpy(built->data + i * sizeof number, &number, sizeof number);
        value[i] = (struct field){(const char *)built->data + i * sizeof number, size};
    }
    return NULL;
}

/* Reads values of which the page has the first bytes of all, then the second bytes of all, and so on. */
static const char *read_split(struct values *values, struct field *value, size_t count)
{
    struct block *built = values->built;
    size_t size = type_size(values->type);
    const char *error = block_reserve(values->memory, built, count * size);
    if (error)
        return error;
    if (count > values->split_left)
        return short_page;
    for (size_t i = 0; i < count; i++) {
        unsigned char *out = built->data + i * size;
        for (size_t k = 0; k < size; k++)
            out[k] = values->at[i + k * values->split_count];
        value[i] = (struct field){(const char *)out, size};
    }
    values->at += count;
    values->split_left -= count;
    return NULL;
}

static const char *read_places(struct values *values, struct field *value, size_t count)
{
    static const char error[] = PARQUET_CORRUPT("a value is not in the dictionary");
    const struct dictionary *dictionary = &values->dictionary;
    uint32_t place[VALUES_AT_ONCE];
    if (hybrid_take_run(&values->places, count, place)) {
        if (*place >= dictionary->count)
            return error;
        for (size_t i = 0; i < count; i++)
            value[i] = dictionary->value[*place];
        return NULL;
    }
    if (!hybrid_read(&values->places, place, count))
        return short_page;
    for (size_t i = 0; i < count; i++) {
        if (place[i] >= dictionary->count)
            return error;
        value[i] = dictionary->value[place[i]];
    }
    return NULL;
}

/* Reads a string whose size is among the sizes. */
static bool read_sized(struct values *values, struct field *value)
{
    uint32_t size;
    if (!delta_read(&values->numbers, &size) || size > (size_t)(values->end - values->at))
        return false;
    *value = (struct field){(const char *)values->at, size};
    values->at += size;
    return true;
}

static const char *read_lengths(struct values *values, struct field *value, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!read_sized(values, &value[i]))
            return short_page;
    return NULL;
}

/* Builds values of the first bytes of the value before and a string.  The last value of the call before
 * moves to the start of the block. */
static const char *read_prefixed(struct values *values, struct field *value, size_t count)
{
    struct block *built = values->built;
    size_t before = values->last_size, used = before, last = 0, last_size = before;
    if (before)
        memmove(built->data, built->data + values->last, before);
    for (size_t i = 0; i < count; i++) {
        uint32_t prefix;
        if (!delta_read(&values->prefixes, &prefix) || !read_sized(values, &value[i]) ||
            prefix > last_size)
            return short_page;
        size_t size = prefix + value[i].size;
        if (size > VALUES_BUILT_MAX)
            return "a value has more than 256 KiB; have the program that made this file write it "
                   "again without this value";
        const char *error = block_reserve(values->memory, built, used + size + 1);
        if (error)
            return error;
        memcpy(built->data + used, built->data + last, prefix);
        memcpy(built->data + used + prefix, value[i].text, value[i].size);
        value[i].size = last_size = size;
        last = used;
        used += size;
    }
    const char *begin = (const char *)built->data + before;
    for (size_t i = 0; i < count; begin += value[i++].size)
        value[i].text = begin;
    values->last = last;
    values->last_size = last_size;
    return NULL;
}

/* Writes values as text. */
static const char *write_text(struct values *values, struct field *value, size_t count)
{
    struct block *text = values->text;
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const char *error = block_reserve(values->memory, text, used + TYPE_TEXT_MAX);
        if (error)
            return error;
        value[i].size = type_write(values->type, value[i], (char *)text->data + used);
        used += value[i].size;
    }
    const char *begin = (const char *)text->data;
    for (size_t i = 0; i < count; begin += value[i++].size)
        value[i].text = begin;
    return NULL;
}

static const char *read_raw(struct values *values, struct field *value, size_t count)
{
    switch (values->encoding) {
    case PAGE_PLAIN:
        return type_size(values->type) ? read_fixed(values, value, count)
                                       : read_plain(values, value, count);
    case PAGE_DELTA_NUMBERS:
        return read_numbers(values, value, count);
    case PAGE_DELTA_LENGTH:
        return read_lengths(values, value, count);
    case PAGE_SPLIT:
        return read_split(values, value, count);
    default:
        return read_prefixed(values, value, count);
    }
}

const char *values_read(struct values *values, struct field *value, size_t count)
{
    if (!count)
        return NULL;
    if (values->encoding == PAGE_PLAIN_DICTIONARY || values->encoding == PAGE_RLE_DICTIONARY)
        return read_places(values, value, count);
    const char *error = read_raw(values, value, count);
    return error || type_is_text(values->type) ? error : write_text(values, value, count);
}
