/* The header of a page, and where its parts are. */
#ifndef PARQUET_PAGE_H
#define PARQUET_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum page_kind { PAGE_DATA, PAGE_INDEX, PAGE_DICTIONARY, PAGE_DATA_2 };

/* Numbers of parquet.thrift. */
enum page_encoding {
    PAGE_PLAIN = 0,
    PAGE_PLAIN_DICTIONARY = 2,
    PAGE_RLE = 3,
    PAGE_DELTA_NUMBERS = 5,
    PAGE_DELTA_LENGTH = 6,
    PAGE_DELTA_BYTES = 7,
    PAGE_RLE_DICTIONARY = 8,
    PAGE_SPLIT = 9
};

struct page {
    enum page_kind kind;
    const unsigned char *data; /* after the header */
    size_t packed_size, size;  /* of the data as it is in the file, and unpacked */
    uint64_t values;           /* null included */
    int64_t encoding;          /* of the values */
    int64_t level_encoding;    /* PAGE_DATA: of the levels that tell which values are null */
    size_t level_size;         /* PAGE_DATA_2: of these levels, which are not packed */
    size_t repetition_size;    /* PAGE_DATA_2: of the levels before them, of lists */
    bool is_packed;            /* PAGE_DATA_2: the values are */
};

/* Reads the header of the page at *AT, and moves *AT after the page.  Returns NULL, or an error: a
 * constant text. */
const char *page_read(struct page *page, const unsigned char **at, const unsigned char *end);

/* Returns the error of an encoding that values cannot have here. */
const char *page_encoding_error(int64_t encoding);

#endif
