/* Writes Parquet files of the simplest kind, whose headers may claim anything. */
#ifndef PARQUET_FILE_H
#define PARQUET_FILE_H

#include <stdint.h>
#include <string.h>

#include "text/buffer.h"

enum { INTEGER = 5, STRING = 8, LIST = 9, STRUCT = 12, YES = 1, NO = 2 }; /* types of Thrift */

static inline void put_varint(struct buffer *out, uint64_t number)
{
    for (; number >= 128; number >>= 7)
        buffer_add(out, &(unsigned char){(unsigned char)(number | 128)}, 1);
    buffer_add(out, &(unsigned char){(unsigned char)number}, 1);
}

static inline void put_byte(struct buffer *out, unsigned byte)
{
    buffer_add(out, &(unsigned char){(unsigned char)byte}, 1);
}

/* The header of a field, with its id in full. */
static inline void put_field(struct buffer *out, int id, int type)
{
    put_byte(out, (unsigned)type);
    put_varint(out, (uint64_t)id * 2);
}

static inline void put_integer(struct buffer *out, int id, int64_t number)
{
    put_field(out, id, INTEGER);
    put_varint(out, (uint64_t)number << 1 ^ (number < 0 ? UINT64_MAX : 0));
}

static inline void put_text(struct buffer *out, int id, const char *text)
{
    put_field(out, id, STRING);
    put_varint(out, strlen(text));
    buffer_add_text(out, text);
}

static inline void put_list(struct buffer *out, int id, size_t count, int type)
{
    put_field(out, id, LIST);
    put_byte(out, 0xf0 | (unsigned)type);
    put_varint(out, count);
}

/* The header of a page, whose claims need not be true. */
struct page_claims {
    int kind; /* 0 data, 2 dictionary, 3 data of version 2 */
    int64_t size, packed_size, values, encoding, level_size;
    bool is_packed;
};

static inline void put_page_header(struct buffer *out, const struct page_claims *page)
{
    static const int ids[] = {5, 6, 7, 8};
    put_integer(out, 1, page->kind);
    put_integer(out, 2, page->size);
    put_integer(out, 3, page->packed_size);
    put_field(out, ids[page->kind], STRUCT);
    put_integer(out, 1, page->values);
    put_integer(out, page->kind == 3 ? 4 : 2, page->encoding);
    if (page->kind == 0)
        put_integer(out, 3, 3);
    if (page->kind == 3) {
        put_integer(out, 5, page->level_size);
        put_integer(out, 6, 0);
        put_field(out, 7, page->is_packed ? YES : NO);
    }
    put_byte(out, 0);
    put_byte(out, 0);
}

struct file_column {
    const char *name;
    int codec;
    bool is_optional;
    int64_t at;         /* of the first page in the file */
    int type, length;   /* numbers of parquet.thrift; 0: a string */
    int64_t dictionary; /* where its dictionary is; 0: it has none */
};

static inline int type_of_column(const struct file_column *column)
{
    return column->type ? column->type : 6;
}

/* Ends a file that has "PAR1" and the pages, with its map: one row group of ROWS rows. */
static inline void put_map(struct buffer *file, const struct file_column *columns, size_t count,
                           int64_t rows)
{
    size_t begin = file->size;
    put_list(file, 2, count + 1, STRUCT);
    put_text(file, 4, "root");
    put_integer(file, 5, (int64_t)count);
    put_byte(file, 0);
    for (size_t i = 0; i < count; i++) {
        put_integer(file, 1, type_of_column(&columns[i]));
        if (columns[i].length)
            put_integer(file, 2, columns[i].length);
        put_integer(file, 3, columns[i].is_optional);
        put_text(file, 4, columns[i].name);
        put_byte(file, 0);
    }
    put_integer(file, 3, rows);
    put_list(file, 4, 1, STRUCT);
    put_list(file, 1, count, STRUCT);
    for (size_t i = 0; i < count; i++) {
        put_field(file, 3, STRUCT);
        put_integer(file, 1, type_of_column(&columns[i]));
        put_integer(file, 4, columns[i].codec);
        put_integer(file, 5, rows);
        put_integer(file, 9, columns[i].at);
        if (columns[i].dictionary)
            put_integer(file, 11, columns[i].dictionary);
        put_byte(file, 0);
        put_byte(file, 0);
    }
    put_integer(file, 3, rows);
    put_byte(file, 0);
    put_byte(file, 0);
    uint32_t size = (uint32_t)(file->size - begin);
    for (int i = 0; i < 4; i++)
        put_byte(file, size >> 8 * i & 255);
    buffer_add_text(file, "PAR1");
}

#endif
