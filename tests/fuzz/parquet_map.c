/* Fuzzes the reader of Parquet files, any bytes after the first four being the file: its map above all,
 * which the size and the mark at the end are added to. */
#include <stdlib.h>
#include <string.h>

#include "parquet/parquet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char mark[] = {'P', 'A', 'R', '1'};
    struct field value[PARQUET_COLUMNS_MAX];
    if (size > 1 << 20)
        return 0;
    size_t map = size, all = sizeof mark + size + 4 + sizeof mark;
    if (size && data[size - 1] & 1) /* pages before the map */
        map = size / 2;
    unsigned char *file = malloc(all), *end = file + sizeof mark + size;
    memcpy(file, mark, sizeof mark);
    if (size)
        memcpy(file + sizeof mark, data, size);
    for (int i = 0; i < 4; i++)
        end[i] = map >> 8 * i & 255;
    memcpy(end + 4, mark, sizeof mark);
    struct parquet *parquet = parquet_new();
    bool good = parquet_open(parquet, file, all);
    for (size_t i = 0; good && i < parquet_count(parquet) && i < 40; i++)
        good = parquet_choose(parquet, i);
    for (size_t rows = 0; good && rows < 10000 && parquet_next(parquet, value) > 0; rows++)
        ;
    parquet_free(parquet);
    free(file);
    return 0;
}
