#include "parquet/values.h"

#include <endian.h>
#include <string.h>

#include "parquet/error.h"
#include "parquet/page.h"

static const char short_page[] = PARQUET_CORRUPT("a page has fewer values than its header says");

const char *values_begin(struct values *values, int64_t encoding, const unsigned char *at,
                         const unsigned char *end, struct dictionary dictionary,
                         struct block *built, struct memory *memory)
{
    *values = (struct values){.encoding = encoding,
                              .at = at,
                              .end = end,
                              .dictionary = dictionary,
                              .built = built,
                              .memory = memory};
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
    case PAGE_DELTA_BYTES:
        if (!delta_begin(&values->prefixes, at, end) || !(at = delta_end(&values->prefixes)))
            return short_page;
        /* fall through */
    case PAGE_DELTA_LENGTH:
        if (!delta_begin(&values->sizes, at, end) || !(values->at = delta_end(&values->sizes)))
            return short_page;
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
    if (!delta_read(&values->sizes, &size) || size > (size_t)(values->end - values->at))
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

const char *values_read(struct values *values, struct field *value, size_t count)
{
    if (!count)
        return NULL;
    switch (values->encoding) {
    case PAGE_PLAIN:
        return read_plain(values, value, count);
    case PAGE_PLAIN_DICTIONARY:
    case PAGE_RLE_DICTIONARY:
        return read_places(values, value, count);
    case PAGE_DELTA_LENGTH:
        return read_lengths(values, value, count);
    default:
        return read_prefixed(values, value, count);
    }
}
