/* Fuzzes the pages of a Parquet file whose map is good: a column of any bytes, with the codec, nulls, types and
 * number of rows that the first bytes give, twice.  Values that are read lie in memory: the sum of their
 * bytes is used. */
#include <stdlib.h>
#include <string.h>

#include "../c/parquet_file.h"
#include "parquet/parquet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int codecs[] = {0, 1, 2, 6};
    static volatile unsigned sum;
    struct field value[PARQUET_COLUMNS_MAX];
    struct buffer file = {0};
    if (size < 3)
        return 0;
    /* The last byte of the file, so that the others mean what they did before there were types. */
    unsigned types = data[size - 1];
    const struct file_column columns[] = {
        {.name = "a",
         .codec = types & 64 ? 7 : codecs[data[0] & 3],
         .is_optional = data[0] & 4,
         .at = 4,
         .type = types & 7,
         .length = 1 + data[2] % 20},
        {.name = "b",
         .codec = types & 128 ? 7 : codecs[data[0] >> 3 & 3],
         .is_optional = data[0] & 32,
         .at = 4 + (data[0] & 64 ? data[2] : 0),
         .type = types >> 3 & 7,
         .length = 1 + data[2] % 20},
    };
    buffer_add_text(&file, "PAR1");
    buffer_add(&file, data + 3, size - 3);
    put_map(&file, columns, 2, data[1] + (data[0] & 128 ? 4096 : 0));
    unsigned char *copy = malloc(file.size);
    memcpy(copy, file.data, file.size);
    struct parquet *parquet = parquet_new();
    bool good = parquet_open(parquet, copy, file.size);
    for (size_t i = 0; good && i < parquet_count(parquet); i++)
        good = parquet_choose(parquet, i);
    while (good && parquet_next(parquet, value) > 0)
        for (size_t i = 0; i < 2; i++)
            for (size_t k = 0; k < value[i].size; k += 1 + value[i].size / 64)
                sum += (unsigned char)value[i].text[k];
    parquet_free(parquet);
    free(copy);
    buffer_free(&file);
    return 0;
}
