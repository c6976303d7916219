#include "parquet/column.h"

#include <endian.h>
#include <string.h>

#include "parquet/error.h"

static const struct field null = {"-", 1};

const char *column_begin(struct column *column, const struct chunk *chunk, bool is_optional)
{
    column->is_optional = is_optional;
    column->chunk = *chunk;
    column->left = chunk->values;
    column->page_left = 0;
    column->values = (struct values){.type = chunk->type,
                                     .built = &column->built,
                                     .text = &column->text,
                                     .memory = column->memory};
    return chunk->unsupported ? chunk->unsupported : codec_error(chunk->codec);
}

/* Unpacks the bytes of a page behind the first SKIP, which are not packed, into BLOCK, unless they can
 * be read where they are.  Stores where they begin and end. */
static const char *unpack(struct column *column, const struct page *page, size_t skip,
                          struct block *block, const unsigned char **at, const unsigned char **end)
{
    bool is_packed =
        !codec_is_none(column->chunk.codec) && (page->kind != PAGE_DATA_2 || page->is_packed);
    if (skip > page->packed_size || skip > page->size)
        return PARQUET_CORRUPT("the levels of a page are longer than the page");
    size_t packed_size = page->packed_size - skip, size = page->size - skip;
    *at = page->data + skip;
    *end = *at + packed_size;
    if (!is_packed)
        return size == packed_size ? NULL : PARQUET_CORRUPT("a page has two sizes");
    if (!size) {
        *end = *at;
        return NULL;
    }
    const char *error = memory_count_unpacked(column->memory, size);
    if (!error)
        error = block_reserve(column->memory, block, size);
    if (error)
        return error;
    if (!codec_unpack(column->codec, column->chunk.codec, *at, packed_size, block->data, size))
        return PARQUET_CORRUPT("a page cannot be unpacked");
    *at = block->data;
    *end = block->data + size;
    return NULL;
}

static const char *read_dictionary(struct column *column, const struct page *page)
{
    const unsigned char *at, *end;
    if (page->encoding != PAGE_PLAIN && page->encoding != PAGE_PLAIN_DICTIONARY)
        return page_encoding_error(page->encoding);
    const char *error = unpack(column, page, 0, &column->dictionary_page, &at, &end);
    if (error)
        return error;
    /* Every value takes some bytes, so the list of values is bounded by the page. */
    size_t value_size = type_size(column->chunk.type);
    if (page->values > (uint64_t)(end - at) / (value_size ? value_size : sizeof(uint32_t)))
        return PARQUET_CORRUPT("a dictionary has fewer values than its header says");
    size_t count = (size_t)page->values;
    error = block_reserve(column->memory, &column->dictionary_values, count * sizeof(struct field));
    if (error)
        return error;
    struct field *list = (struct field *)(void *)column->dictionary_values.data;
    struct values values = {
        .type = column->chunk.type, .text = &column->dictionary_text, .memory = column->memory};
    error = values_begin(&values, PAGE_PLAIN, at, end);
    if (!error)
        error = values_read(&values, list, count);
    column->values.dictionary = (struct dictionary){list, count};
    return error;
}

/* Begins the levels of a page: they say of each value whether it is null. */
static const char *begin_levels(struct column *column, const struct page *page,
                                const unsigned char **at, const unsigned char *end)
{
    column->has_nulls = column->is_optional;
    if (!column->is_optional)
        return NULL;
    if (page->kind == PAGE_DATA_2) {
        const unsigned char *levels = page->data + page->repetition_size;
        hybrid_begin(&column->levels, levels, levels + page->level_size, 1);
        return NULL;
    }
    uint32_t size;
    if (page->level_encoding != PAGE_RLE)
        return PARQUET_UNSUPPORTED("its levels have another encoding than RLE",
                                   "with the encoding PLAIN or RLE_DICTIONARY");
    if (end - *at < (ptrdiff_t)sizeof size)
        return PARQUET_CORRUPT("a page ends in its levels");
    memcpy(&size, *at, sizeof size);
    size = le32toh(size);
    *at += sizeof size;
    if (size > (size_t)(end - *at))
        return PARQUET_CORRUPT("a page ends in its levels");
    hybrid_begin(&column->levels, *at, *at + size, 1);
    *at += size;
    return NULL;
}

static const char *begin_data(struct column *column, const struct page *page)
{
    const unsigned char *at, *end;
    size_t skip = page->kind == PAGE_DATA_2 ? page->repetition_size + page->level_size : 0;
    if (page->values > column->left)
        return PARQUET_CORRUPT("the pages of a column have more values than the column itself");
    const char *error = unpack(column, page, skip, &column->page, &at, &end);
    if (!error)
        error = begin_levels(column, page, &at, end);
    if (!error)
        error = values_begin(&column->values, page->encoding, at, end);
    column->page_left = page->values;
    column->left -= page->values;
    return error;
}

const char *column_prepare(struct column *column, uint64_t *count)
{
    const char *error = NULL;
    while (!error && !column->page_left && column->left) {
        struct page page;
        const unsigned char *begin = column->chunk.at;
        error = page_read(&page, &column->chunk.at, column->chunk.end);
        if (!error)
            error = memory_count_read(column->memory, (size_t)(column->chunk.at - begin));
        if (error || page.kind == PAGE_INDEX)
            continue;
        error = page.kind == PAGE_DICTIONARY ? read_dictionary(column, &page)
                                             : begin_data(column, &page);
    }
    *count = column->page_left < VALUES_AT_ONCE ? column->page_left : VALUES_AT_ONCE;
    return error;
}

/* Reads values of which some may be null. */
static const char *read_some(struct column *column, struct field *value, size_t count)
{
    uint32_t level[VALUES_AT_ONCE];
    if (!hybrid_read(&column->levels, level, count))
        return PARQUET_CORRUPT("a page ends in its levels");
    size_t present = 0;
    for (size_t i = 0; i < count; i++)
        present += level[i] & 1;
    const char *error = values_read(&column->values, value, present);
    for (size_t i = count; i-- > 0 && present < i + 1;)
        value[i] = level[i] & 1 ? value[--present] : null;
    return error;
}

const char *column_read(struct column *column, struct field *value, size_t count)
{
    uint32_t level;
    column->page_left -= count;
    if (!column->has_nulls)
        return values_read(&column->values, value, count);
    if (!hybrid_take_run(&column->levels, count, &level))
        return read_some(column, value, count);
    if (level)
        return values_read(&column->values, value, count);
    for (size_t i = 0; i < count; i++)
        value[i] = null;
    return NULL;
}

void column_free(struct column *column)
{
    block_free(column->memory, &column->page);
    block_free(column->memory, &column->dictionary_page);
    block_free(column->memory, &column->dictionary_values);
    block_free(column->memory, &column->dictionary_text);
    block_free(column->memory, &column->built);
    block_free(column->memory, &column->text);
}
