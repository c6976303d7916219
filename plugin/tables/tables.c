#include "tables/tables.h"

#include <stdlib.h>

static const unsigned columns_of[TABLE_KINDS] = {
    [TABLE_HOSTS] = HOST_COLUMNS,           [TABLE_PAGES] = PAGE_COLUMNS,
    [TABLE_REFERERS] = REFERER_COLUMNS,     [TABLE_PHRASES] = PHRASE_COLUMNS,
    [TABLE_DOWNLOADS] = DOWNLOAD_COLUMNS,   [TABLE_UNKNOWN_BROWSERS] = UNKNOWN_COLUMNS,
    [TABLE_UNKNOWN_OSES] = UNKNOWN_COLUMNS,
};

bool tables_init(struct tables *tables, unsigned extras, uint64_t seed)
{
    *tables = (struct tables){.generation = 1, .seed = seed, .extras = extras};
    tables->extra = calloc(extras + 1, sizeof *tables->extra);
    if (!tables->extra)
        return false;
    for (unsigned kind = 0; kind < TABLE_KINDS; kind++)
        rows_init(&tables->of[kind], columns_of[kind], seed);
    for (unsigned i = 0; i < extras; i++)
        rows_init(&tables->extra[i], ROW_COLUMNS_COUNTED, seed);
    return true;
}

void tables_clear(struct tables *tables)
{
    for (unsigned kind = 0; kind < TABLE_KINDS; kind++)
        rows_clear(&tables->of[kind]);
    for (struct error_pages *pages = tables->errors; pages; pages = pages->next) {
        rows_clear(&pages->rows);
        arena_free(&pages->texts);
    }
    for (unsigned i = 0; i < tables->extras; i++)
        rows_clear(&tables->extra[i]);
    if (++tables->generation == 0)
        tables->generation = 1;
    tables->given_back = false;
}

void tables_free(struct tables *tables)
{
    if (tables->extra)
        tables_clear(tables);
    while (tables->errors) {
        struct error_pages *pages = tables->errors;
        tables->errors = pages->next;
        free(pages);
    }
    free(tables->extra);
    tables->extra = NULL;
}

size_t tables_memory(const struct tables *tables)
{
    size_t memory = 0;
    for (unsigned kind = 0; kind < TABLE_KINDS; kind++)
        memory += rows_memory(&tables->of[kind]);
    for (const struct error_pages *pages = tables->errors; pages; pages = pages->next)
        memory += rows_memory(&pages->rows) + pages->texts.memory;
    for (unsigned i = 0; i < tables->extras; i++)
        memory += rows_memory(&tables->extra[i]);
    return memory;
}

struct error_pages *tables_find_errors(const struct tables *tables, const char *code, size_t size)
{
    struct error_pages *pages = tables->errors;
    while (pages && !(pages->size == size && memcmp(pages->code, code, size) == 0))
        pages = pages->next;
    return pages;
}

struct error_pages *tables_errors(struct tables *tables, const char *code, size_t size)
{
    struct error_pages *pages = tables_find_errors(tables, code, size);
    if (pages)
        return pages;
    pages = calloc(1, sizeof *pages + size);
    if (!pages)
        return NULL;
    rows_init(&pages->rows, ERROR_COLUMNS, tables->seed);
    pages->size = size;
    memcpy(pages->code, code, size);
    pages->next = tables->errors;
    tables->errors = pages;
    return pages;
}

/* A text that must grow gets twice its capacity, so replaced texts take no more memory than present ones. */
bool tables_set_text(struct arena *texts, struct row *row, unsigned column, const char *bytes,
                     size_t size, uint64_t record)
{
    struct row_text *text = row_pointer(row, column);
    if (!text || text->capacity < size) {
        const size_t align = sizeof(uint64_t) - 1;
        size_t capacity = text ? 2 * (size_t)text->capacity : 0;
        if (capacity < size)
            capacity = size;
        if (capacity > UINT32_MAX - sizeof *text)
            return false;
        capacity = (capacity + align) & ~align;
        char *memory = arena_take(texts, sizeof *text + capacity);
        if (!memory)
            return false;
        text = (struct row_text *)(void *)memory;
        text->capacity = (uint32_t)capacity;
        row_set_pointer(row, column, text);
    }
    memcpy(text->bytes, bytes, size);
    text->size = (uint32_t)size;
    text->record = record;
    return true;
}
