#include "parquet/metadata.h"

#include <string.h>

#include "parquet/error.h"

enum { MAGIC_SIZE = 4, LENGTH_SIZE = 4, TAIL_SIZE = LENGTH_SIZE + MAGIC_SIZE };

static const char magic[MAGIC_SIZE] = {'P', 'A', 'R', '1'};
static const char magic_encrypted[MAGIC_SIZE] = {'P', 'A', 'R', 'E'};

static const char corrupt_map[] =
    PARQUET_CORRUPT("the list of its columns, at its end, cannot be read");

/* Numbers of parquet.thrift. */
enum { REPETITION_OPTIONAL = 1, REPETITION_REPEATED = 2 };

bool metadata_is_parquet(const char *head, size_t size)
{
    return size >= MAGIC_SIZE &&
           (!memcmp(head, magic, MAGIC_SIZE) || !memcmp(head, magic_encrypted, MAGIC_SIZE));
}

/* An element of the schema: a column, or a group of the elements that follow. */
struct element {
    struct field name;
    struct type type;
    int64_t repetition, children;
};

static void read_element(struct thrift *thrift, struct element *element)
{
    struct thrift_field field = {0};
    *element = (struct element){.type = {.kind = -1}};
    while (thrift_next(thrift, &field)) {
        if (field.id == 1)
            element->type.kind = thrift_integer(thrift, field.type);
        else if (field.id == 2)
            element->type.length = thrift_integer(thrift, field.type);
        else if (field.id == 3)
            element->repetition = thrift_integer(thrift, field.type);
        else if (field.id == 4)
            element->name = thrift_binary(thrift, field.type);
        else if (field.id == 5)
            element->children = thrift_integer(thrift, field.type);
        else if (field.id == 6)
            type_read_converted(&element->type, thrift_integer(thrift, field.type));
        else if (field.id == 7)
            element->type.scale = thrift_integer(thrift, field.type);
        else if (field.id == 10)
            type_read_logical(&element->type, thrift, field.type);
        else
            thrift_skip(thrift, field.type);
    }
}

static const char *add_column(struct metadata *metadata, const struct element *element,
                              struct field name, bool is_nested)
{
    if (metadata->count == METADATA_COLUMNS_MAX)
        return "a Parquet file of more than 256 columns; have the program that made this file "
               "write it again with fewer";
    struct metadata_column *column = &metadata->column[metadata->count++];
    *column = (struct metadata_column){.name = name,
                                       .is_optional = element->repetition == REPETITION_OPTIONAL,
                                       .type = element->type,
                                       .unsupported = type_error(&element->type)};
    if (is_nested || element->repetition == REPETITION_REPEATED)
        column->unsupported = PARQUET_UNSUPPORTED("its values are lists, maps or structs",
                                                  "with this column as a string");
    return NULL;
}

/* Reads the schema: the elements of a tree, each before its children. */
static const char *read_schema(struct metadata *metadata, struct thrift *thrift,
                               enum thrift_type type)
{
    size_t count = thrift_list(thrift, type, THRIFT_STRUCT);
    int64_t nested = 0; /* elements to come of the group that is a column of the root */
    struct field group = {"", 0};
    for (size_t i = 0; i < count && !thrift->failed; i++) {
        struct element element;
        read_element(thrift, &element);
        if (i == 0)
            continue; /* the root */
        if (element.children < 0 || element.children > (int64_t)count)
            return corrupt_map;
        bool is_nested = nested > 0;
        nested += element.children - is_nested;
        if (element.children) {
            if (!is_nested)
                group = element.name;
            continue;
        }
        const char *error =
            add_column(metadata, &element, is_nested ? group : element.name, is_nested);
        if (error)
            return error;
        group.size = 0; /* the first column inside a group has the group's name */
    }
    return thrift->failed || nested || !metadata->count ? corrupt_map : NULL;
}

/* Remembers where the row groups are. */
static void find_groups(struct metadata *metadata, struct thrift *thrift, enum thrift_type type)
{
    metadata->groups = *thrift;
    metadata->groups_left = thrift_list(&metadata->groups, type, THRIFT_STRUCT);
    thrift->failed |= metadata->groups.failed;
    if (!thrift->failed)
        thrift_skip(thrift, type);
}

static const char *read_map(struct metadata *metadata, struct thrift *thrift)
{
    struct thrift_field field = {0};
    int64_t rows = -1;
    while (thrift_next(thrift, &field)) {
        const char *error = NULL;
        if (field.id == 2 && !metadata->count)
            error = read_schema(metadata, thrift, field.type);
        else if (field.id == 3)
            rows = thrift_integer(thrift, field.type);
        else if (field.id == 4)
            find_groups(metadata, thrift, field.type);
        else if (field.id == 8)
            return PARQUET_UNSUPPORTED("an encrypted Parquet file", "without encryption");
        else
            thrift_skip(thrift, field.type);
        if (error)
            return error;
    }
    if (thrift->failed || rows < 0 || !metadata->count)
        return corrupt_map;
    metadata->rows = (uint64_t)rows;
    return NULL;
}

/* Returns the size of the map of a file that ends with TAIL, and has BEFORE bytes before the tail; 0 when these
 * cannot hold the map. */
static size_t map_size(const unsigned char *tail, size_t before)
{
    size_t size = tail[0] | (size_t)tail[1] << 8 | (size_t)tail[2] << 16 | (size_t)tail[3] << 24;
    return size > before - MAGIC_SIZE ? 0 : size;
}

/* Whether another Parquet file ends before the map, and one begins there.  A value may hold the same bytes,
 * but no map before them.  The maps that are read have no more bytes than the file. */
static bool is_joined(const unsigned char *data, const unsigned char *map)
{
    static const char join[] = "PAR1PAR1";
    size_t unread = (size_t)(map - data);
    const unsigned char *s = data + MAGIC_SIZE + LENGTH_SIZE;
    for (; s < map && (s = memmem(s, (size_t)(map - s), join, sizeof join - 1)); s++) {
        struct metadata before = {.count = 0};
        const unsigned char *tail = s - LENGTH_SIZE;
        size_t size = map_size(tail, (size_t)(tail - data));
        struct thrift thrift = {.at = tail - size, .end = tail};
        if (size > unread)
            return false;
        unread -= size;
        if (size && !read_map(&before, &thrift) && thrift.at == tail)
            return true;
    }
    return false;
}

const char *metadata_read(struct metadata *metadata, const unsigned char *data, size_t size)
{
    metadata->count = metadata->groups_left = 0;
    if (size < MAGIC_SIZE + TAIL_SIZE)
        return "truncated Parquet data; put a complete copy in its place";
    const unsigned char *tail = data + size - TAIL_SIZE;
    if (!memcmp(tail + TAIL_SIZE - MAGIC_SIZE, magic_encrypted, MAGIC_SIZE))
        return PARQUET_UNSUPPORTED("an encrypted Parquet file", "without encryption");
    if (memcmp(tail + TAIL_SIZE - MAGIC_SIZE, magic, MAGIC_SIZE) != 0)
        return "truncated Parquet data; put a complete copy in its place";
    size_t length = map_size(tail, size - TAIL_SIZE);
    if (!length)
        return corrupt_map;
    metadata->pages = data;
    metadata->map = tail - length;
    if (is_joined(data, metadata->map))
        return "several Parquet files are joined in one; put each in a file of its own";
    struct thrift thrift = {.at = metadata->map, .end = tail};
    return read_map(metadata, &thrift);
}

/* The map's entry for a column's values. */
struct column_map {
    int64_t type, codec, values, data_page, dictionary_page;
    bool is_elsewhere, is_encrypted;
};

static void read_column_map(struct thrift *thrift, struct column_map *map)
{
    struct thrift_field field = {0};
    while (thrift_next(thrift, &field)) {
        if (field.id == 1)
            map->type = thrift_integer(thrift, field.type);
        else if (field.id == 4)
            map->codec = thrift_integer(thrift, field.type);
        else if (field.id == 5)
            map->values = thrift_integer(thrift, field.type);
        else if (field.id == 9)
            map->data_page = thrift_integer(thrift, field.type);
        else if (field.id == 11)
            map->dictionary_page = thrift_integer(thrift, field.type);
        else
            thrift_skip(thrift, field.type);
    }
}

static const char *read_chunk(const struct metadata *metadata, struct thrift *thrift,
                              const struct metadata_column *column, struct chunk *chunk)
{
    struct thrift_field field = {0};
    struct column_map map = {.codec = -1, .values = -1, .data_page = -1};
    while (thrift_next(thrift, &field)) {
        map.is_elsewhere |= field.id == 1;
        map.is_encrypted |= field.id == 8;
        if (field.id == 3 && thrift_struct(thrift, field.type))
            read_column_map(thrift, &map);
        else
            thrift_skip(thrift, field.type);
    }
    *chunk = (struct chunk){.type = &column->type,
                            .codec = (int)map.codec,
                            .values = (uint64_t)map.values,
                            .end = metadata->map,
                            .unsupported = column->unsupported};
    if (map.is_encrypted)
        chunk->unsupported = PARQUET_UNSUPPORTED("its values are encrypted", "without encryption");
    if (map.is_elsewhere)
        chunk->unsupported = PARQUET_UNSUPPORTED("its values are in another file", "as one file");
    if (thrift->failed)
        return corrupt_map;
    if (chunk->unsupported)
        return NULL;
    int64_t first = map.dictionary_page > 0 && map.dictionary_page < map.data_page
                        ? map.dictionary_page
                        : map.data_page;
    if (map.type != column->type.kind || map.codec < 0 || map.codec > 127 || map.values < 0)
        return corrupt_map;
    chunk->at = chunk->end;
    if (!map.values) /* some writers leave out the place if there are no pages */
        return NULL;
    if (first < MAGIC_SIZE || first > metadata->map - metadata->pages)
        return corrupt_map;
    chunk->at = metadata->pages + first;
    return NULL;
}

static const char *read_chunks(struct metadata *metadata, struct group *group,
                               enum thrift_type type)
{
    struct thrift *thrift = &metadata->groups;
    if (thrift_list(thrift, type, THRIFT_STRUCT) != metadata->count)
        return corrupt_map;
    for (size_t i = 0; i < metadata->count; i++) {
        const char *error = read_chunk(metadata, thrift, &metadata->column[i], &group->chunk[i]);
        if (error)
            return error;
    }
    return NULL;
}

const char *metadata_next(struct metadata *metadata, struct group *group)
{
    struct thrift *thrift = &metadata->groups;
    struct thrift_field field = {0};
    bool has_columns = false;
    int64_t rows = -1;
    metadata->groups_left--;
    while (thrift_next(thrift, &field)) {
        if (field.id == 1) {
            const char *error = read_chunks(metadata, group, field.type);
            if (error)
                return error;
            has_columns = true;
        } else if (field.id == 3) {
            rows = thrift_integer(thrift, field.type);
        } else {
            thrift_skip(thrift, field.type);
        }
    }
    if (thrift->failed || !has_columns || rows < 0)
        return corrupt_map;
    group->rows = (uint64_t)rows;
    for (size_t i = 0; i < metadata->count; i++)
        if (!group->chunk[i].unsupported && group->chunk[i].values != group->rows)
            return PARQUET_CORRUPT("a column has more or fewer values than there are rows");
    return NULL;
}
