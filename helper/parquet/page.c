#include "parquet/page.h"

#include <zlib.h>

#include "parquet/error.h"
#include "parquet/thrift.h"

static const char corrupt_header[] = PARQUET_CORRUPT("the header of a page cannot be read");

/* The numbers of a page's header before they are checked; -1: missing. */
struct raw {
    int64_t kind, size, packed_size, values, encoding, level_encoding, level_size, repetition_size;
    bool is_packed, has_checksum;
    int64_t checksum;
};

/* Field ids of DataPageHeader, DictionaryPageHeader and DataPageHeaderV2. */
static void read_kind(struct thrift *thrift, struct raw *raw, enum page_kind kind)
{
    struct thrift_field field = {0};
    const bool is_2 = kind == PAGE_DATA_2;
    while (thrift_next(thrift, &field)) {
        if (field.id == 1)
            raw->values = thrift_integer(thrift, field.type);
        else if (field.id == (is_2 ? 4 : 2))
            raw->encoding = thrift_integer(thrift, field.type);
        else if (field.id == 3 && kind == PAGE_DATA)
            raw->level_encoding = thrift_integer(thrift, field.type);
        else if (field.id == 5 && is_2)
            raw->level_size = thrift_integer(thrift, field.type);
        else if (field.id == 6 && is_2)
            raw->repetition_size = thrift_integer(thrift, field.type);
        else if (field.id == 7 && is_2)
            raw->is_packed = thrift_bool(thrift, field.type);
        else
            thrift_skip(thrift, field.type);
    }
}

static void read_raw(struct thrift *thrift, struct raw *raw)
{
    struct thrift_field field = {0};
    *raw = (struct raw){-1, -1, -1, -1, -1, PAGE_RLE, 0, 0, true, false, 0};
    while (thrift_next(thrift, &field)) {
        bool is_kind = field.id == 5 || field.id == 7 || field.id == 8;
        if (is_kind && thrift_struct(thrift, field.type)) {
            read_kind(thrift, raw, (enum page_kind)(field.id - 5));
        } else if (field.id == 1) {
            raw->kind = thrift_integer(thrift, field.type);
        } else if (field.id == 2) {
            raw->size = thrift_integer(thrift, field.type);
        } else if (field.id == 3) {
            raw->packed_size = thrift_integer(thrift, field.type);
        } else if (field.id == 4) {
            raw->checksum = thrift_integer(thrift, field.type);
            raw->has_checksum = true;
        } else {
            thrift_skip(thrift, field.type);
        }
    }
}

static bool is_size(int64_t number)
{
    return number >= 0 && number <= INT32_MAX;
}

const char *page_read(struct page *page, const unsigned char **at, const unsigned char *end)
{
    struct thrift thrift = {.at = *at, .end = end};
    struct raw raw;
    read_raw(&thrift, &raw);
    if (thrift.failed || !is_size(raw.size) || !is_size(raw.packed_size))
        return corrupt_header;
    if (raw.packed_size > end - thrift.at)
        return PARQUET_CORRUPT("a page goes on after the end of its column");
    if (raw.kind < PAGE_DATA || raw.kind > PAGE_DATA_2)
        return PARQUET_UNSUPPORTED("it has a page of an unknown kind",
                                   "with data pages and dictionary pages alone");
    bool has_values = raw.kind != PAGE_INDEX;
    if (has_values &&
        (!is_size(raw.values) || !is_size(raw.level_size) || !is_size(raw.repetition_size)))
        return corrupt_header;
    if (raw.has_checksum &&
        crc32(0, thrift.at, (uInt)raw.packed_size) != (uint32_t)(uint64_t)raw.checksum)
        return PARQUET_CORRUPT("the checksum of a page is not that of its bytes");
    *page = (struct page){.kind = (enum page_kind)raw.kind,
                          .data = thrift.at,
                          .packed_size = (size_t)raw.packed_size,
                          .size = (size_t)raw.size,
                          .values = (uint64_t)raw.values,
                          .encoding = raw.encoding,
                          .level_encoding = raw.level_encoding,
                          .level_size = (size_t)raw.level_size,
                          .repetition_size = (size_t)raw.repetition_size,
                          .is_packed = raw.is_packed};
    *at = thrift.at + raw.packed_size;
    return NULL;
}

const char *page_encoding_error(int64_t encoding)
{
    static const char *const errors[] = {
        PARQUET_UNSUPPORTED("its values have the encoding PLAIN where Parquet does not allow it",
                            "with the encoding PLAIN or RLE_DICTIONARY"),
        PARQUET_UNSUPPORTED("its values have the encoding GROUP_VAR_INT",
                            "with the encoding PLAIN or RLE_DICTIONARY"),
        PARQUET_UNSUPPORTED(
            "its values have the encoding PLAIN_DICTIONARY where Parquet does not allow it",
            "with the encoding PLAIN or RLE_DICTIONARY"),
        PARQUET_UNSUPPORTED("its values have the encoding RLE",
                            "with the encoding PLAIN or RLE_DICTIONARY"),
        PARQUET_UNSUPPORTED("its values have the encoding BIT_PACKED",
                            "with the encoding PLAIN or RLE_DICTIONARY"),
        PARQUET_UNSUPPORTED("its values have the encoding DELTA_BINARY_PACKED",
                            "with the encoding PLAIN or RLE_DICTIONARY"),
        PARQUET_UNSUPPORTED(
            "its values have the encoding DELTA_LENGTH_BYTE_ARRAY where Parquet does not allow it",
            "with the encoding PLAIN or RLE_DICTIONARY"),
        PARQUET_UNSUPPORTED(
            "its values have the encoding DELTA_BYTE_ARRAY where Parquet does not allow it",
            "with the encoding PLAIN or RLE_DICTIONARY"),
        PARQUET_UNSUPPORTED(
            "its values have the encoding RLE_DICTIONARY where Parquet does not allow it",
            "with the encoding PLAIN or RLE_DICTIONARY"),
        PARQUET_UNSUPPORTED("its values have the encoding BYTE_STREAM_SPLIT",
                            "with the encoding PLAIN or RLE_DICTIONARY"),
    };
    if (encoding < 0 || encoding >= (int64_t)(sizeof errors / sizeof *errors))
        return PARQUET_UNSUPPORTED("its values have an unknown encoding",
                                   "with the encoding PLAIN or RLE_DICTIONARY");
    return errors[encoding];
}
