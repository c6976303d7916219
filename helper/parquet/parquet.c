#include "parquet/parquet.h"

#include <stdio.h>
#include <stdlib.h>

#include "parquet/column.h"
#include "parquet/error.h"

_Static_assert((int)PARQUET_COLUMNS_MAX == (int)METADATA_COLUMNS_MAX, "columns of a file");

struct parquet {
    struct metadata metadata;
    struct group group;
    uint64_t rows_left;  /* of the file, whose group was not begun yet */
    uint64_t group_left; /* rows of this group, which are not in the values */
    size_t ready, taken; /* rows in the values; and of them, those that were returned */
    size_t chosen_count;
    struct chosen {
        size_t place; /* of the column in the file */
        struct column column;
        struct field value[VALUES_AT_ONCE];
    } * chosen[PARQUET_COLUMNS_MAX];
    struct codec *codec;
    struct memory memory;
    char error[512];
};

bool parquet_begins(const char *head, size_t size)
{
    return metadata_is_parquet(head, size);
}

struct parquet *parquet_new(void)
{
    struct parquet *parquet = calloc(1, sizeof *parquet);
    if (!parquet)
        return NULL;
    parquet->codec = codec_new();
    parquet->memory.unpacked_max = PARQUET_UNPACKED_MAX;
    if (parquet->codec)
        return parquet;
    free(parquet);
    return NULL;
}

void parquet_free(struct parquet *parquet)
{
    if (!parquet)
        return;
    for (size_t i = 0; i < parquet->chosen_count; i++) {
        column_free(&parquet->chosen[i]->column);
        free(parquet->chosen[i]);
    }
    codec_free(parquet->codec);
    free(parquet);
}

const char *parquet_error(const struct parquet *parquet)
{
    return parquet->error;
}

static bool fail(struct parquet *parquet, const char *error)
{
    snprintf(parquet->error, sizeof parquet->error, "%s", error);
    return false;
}

/* Stores the error of a column. */
static int fail_column(struct parquet *parquet, size_t column, const char *error)
{
    struct field name = parquet->metadata.column[column].name;
    char text[65];
    size_t size = 0;
    for (size_t i = 0; i < name.size && size < sizeof text - 1; i++)
        text[size++] = (unsigned char)name.text[i] > ' ' && (unsigned char)name.text[i] < 0x7f
                           ? name.text[i]
                           : '?';
    text[size] = '\0';
    snprintf(parquet->error, sizeof parquet->error, "Parquet column %s: %s", text, error);
    return -1;
}

void parquet_set_unpacked_max(struct parquet *parquet, uint64_t bytes)
{
    parquet->memory.unpacked_max = bytes;
}

bool parquet_open(struct parquet *parquet, const unsigned char *data, size_t size)
{
    const char *error = metadata_read(&parquet->metadata, data, size);
    parquet->rows_left = parquet->metadata.rows;
    parquet->memory.file_size = size;
    return !error || fail(parquet, error);
}

size_t parquet_count(const struct parquet *parquet)
{
    return parquet->metadata.count;
}

struct field parquet_name(const struct parquet *parquet, size_t column)
{
    return parquet->metadata.column[column].name;
}

bool parquet_choose(struct parquet *parquet, size_t column)
{
    struct chosen *chosen = calloc(1, sizeof *chosen);
    if (!chosen)
        return fail(parquet, "there is not enough memory for this Parquet file");
    chosen->place = column;
    chosen->column.codec = parquet->codec;
    chosen->column.memory = &parquet->memory;
    parquet->chosen[parquet->chosen_count++] = chosen;
    return true;
}

/* Begins the next row group.  Returns 1; 0 when there is none; -1 after an error. */
static int next_group(struct parquet *parquet)
{
    static const char wrong_count[] =
        PARQUET_CORRUPT("its row groups have more or fewer rows than the file");
    struct metadata *metadata = &parquet->metadata;
    if (!metadata->groups_left)
        return parquet->rows_left ? fail(parquet, wrong_count) - 1 : 0;
    const char *error = metadata_next(metadata, &parquet->group);
    if (error)
        return fail(parquet, error) - 1;
    if (parquet->group.rows > parquet->rows_left)
        return fail(parquet, wrong_count) - 1;
    parquet->rows_left -= parquet->group.rows;
    parquet->group_left = parquet->group.rows;
    for (size_t i = 0; i < parquet->chosen_count; i++) {
        struct chosen *chosen = parquet->chosen[i];
        error = column_begin(&chosen->column, &parquet->group.chunk[chosen->place],
                             metadata->column[chosen->place].is_optional);
        if (error)
            return fail_column(parquet, chosen->place, error);
    }
    return 1;
}

/* Reads as many rows as all columns have in their pages.  Returns whether that was possible. */
static bool read_rows(struct parquet *parquet)
{
    uint64_t count = parquet->group_left < VALUES_AT_ONCE ? parquet->group_left : VALUES_AT_ONCE;
    for (size_t i = 0; i < parquet->chosen_count; i++) {
        uint64_t some;
        const char *error = column_prepare(&parquet->chosen[i]->column, &some);
        if (error)
            return fail_column(parquet, parquet->chosen[i]->place, error) > 0;
        count = some < count ? some : count;
    }
    for (size_t i = 0; i < parquet->chosen_count; i++) {
        struct chosen *chosen = parquet->chosen[i];
        const char *error = column_read(&chosen->column, chosen->value, (size_t)count);
        if (error)
            return fail_column(parquet, chosen->place, error) > 0;
    }
    parquet->ready = (size_t)count;
    parquet->taken = 0;
    parquet->group_left -= count;
    return true;
}

int parquet_next(struct parquet *parquet, struct field *values)
{
    if (parquet->taken == parquet->ready) {
        int more = 1;
        while (more > 0 && !parquet->group_left)
            more = next_group(parquet);
        if (more <= 0)
            return more;
        if (!read_rows(parquet))
            return -1;
    }
    size_t row = parquet->taken++;
    for (size_t i = 0; i < parquet->chosen_count; i++)
        values[parquet->chosen[i]->place] = parquet->chosen[i]->value[row];
    return 1;
}
