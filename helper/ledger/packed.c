#include "ledger/packed.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/log_id.h"
#include "memory/allocate.h"

static void do_nothing(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count, (void)values;
    sqlite3_result_null(context);
}

int packed_define_function(sqlite3 *handle)
{
    return sqlite3_create_function_v2(handle, "newer_awstats_cloudfront", 0,
                                      SQLITE_UTF8 | SQLITE_INNOCUOUS, NULL, do_nothing, NULL, NULL,
                                      NULL);
}

void packed_forget(struct packed *packed)
{
    for (size_t i = 0; i < PACKED_CACHE; i++) {
        block_release(packed->cache[i]);
        packed->cache[i] = NULL;
    }
    for (size_t i = 0; i < BLOCK_SEARCH_PARTS; i++)
        block_search_forget(&packed->searches[i]);
    packed->latest = NULL;
    packed->has_last_hours = packed->has_found = false;
}

void packed_end(struct packed *packed)
{
    packed_forget(packed);
    sqlite3_finalize(packed->data);
    for (size_t i = 0; i < PACKED_PLACES; i++)
        sqlite3_finalize(packed->at[i]);
    sqlite3_finalize(packed->of_hour);
    sqlite3_finalize(packed->last_hour);
    free(packed->found_ids);
    *packed = (struct packed){0};
}

/* Returns the result of a step: SQLITE_OK for a row, SQLITE_DONE, or an error. */
static int step(sqlite3_stmt *statement)
{
    int result = sqlite3_step(statement);
    return result == SQLITE_ROW ? SQLITE_OK : result;
}

/* Prepares a statement once, or makes it ready to run again. */
static int make_ready(struct packed *packed, sqlite3_stmt **statement, const char *sql)
{
    if (*statement) {
        sqlite3_reset(*statement);
        return SQLITE_OK;
    }
    return sqlite3_prepare_v3(packed->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
}

static struct block *find_in_cache(const struct packed *packed, int64_t id)
{
    for (size_t i = 0; i < PACKED_CACHE; i++)
        if (packed->cache[i] && packed->cache[i]->id == id)
            return packed->cache[i];
    return NULL;
}

static void add_to_cache(struct packed *packed, struct block *block)
{
    block_release(packed->cache[packed->next]);
    packed->cache[packed->next] = block;
    packed->next = (packed->next + 1) % PACKED_CACHE;
}

int packed_read(struct packed *packed, int64_t id, struct block **block)
{
    *block = find_in_cache(packed, id);
    if (!*block) {
        int result = make_ready(packed, &packed->data, "SELECT objects FROM block WHERE id = ?");
        if (result == SQLITE_OK)
            result = sqlite3_bind_int64(packed->data, 1, id);
        if (result == SQLITE_OK)
            result = step(packed->data);
        if (result == SQLITE_OK) {
            const void *data = sqlite3_column_blob(packed->data, 0);
            *block =
                data ? block_read(id, data, (size_t)sqlite3_column_bytes(packed->data, 0)) : NULL;
            result = *block ? SQLITE_OK : SQLITE_CORRUPT_VTAB;
            if (!*block && sqlite3_errcode(packed->handle) == SQLITE_NOMEM)
                result = SQLITE_NOMEM;
        }
        sqlite3_reset(packed->data);
        if (result != SQLITE_OK)
            return result;
        add_to_cache(packed, *block);
    }
    packed->latest = *block;
    (*block)->users++;
    return SQLITE_OK;
}

bool packed_has_lately(const struct packed *packed, const struct ledger_object *object)
{
    const struct block *block = packed->latest;
    char tag[BLOCK_TAG_TEXT_SIZE];
    size_t i = block ? block_find(block, object->key) : 0;
    for (; block && i < block->count && !strcmp(block->objects[i].key, object->key); i++) {
        block_write_tag(&block->objects[i], tag);
        if (block->objects[i].size == object->size && !strcmp(tag, object->tag))
            return true;
    }
    return false;
}

int packed_read_at(struct packed *packed, enum packed_place place, const char *key,
                   struct block **block)
{
    static const char *const sql[] = {
        [PACKED_AT_OR_BEFORE] =
            "SELECT id FROM block WHERE first_key <= ? ORDER BY first_key DESC LIMIT 1",
        [PACKED_BEFORE] =
            "SELECT id FROM block WHERE first_key < ? ORDER BY first_key DESC LIMIT 1",
        [PACKED_AFTER] = "SELECT id FROM block WHERE first_key > ? ORDER BY first_key LIMIT 1"};
    sqlite3_stmt **statement = &packed->at[place];
    int64_t id = 0;
    *block = NULL;
    int result = make_ready(packed, statement, sql[place]);
    if (result == SQLITE_OK)
        result = sqlite3_bind_text(*statement, 1, key, -1, SQLITE_STATIC);
    if (result == SQLITE_OK)
        result = step(*statement);
    if (result == SQLITE_OK)
        id = sqlite3_column_int64(*statement, 0);
    sqlite3_reset(*statement);
    return result == SQLITE_OK ? packed_read(packed, id, block) : result;
}

unsigned packed_span(uint32_t first_hour, uint32_t last_hour)
{
    return last_hour > first_hour ? 32U - (unsigned)__builtin_clz(last_hour - first_hour) : 0;
}

/* Adds the IDs of the blocks with this span, and with the hour between their hours, to packed->found_ids. */
static int find_hour_of_span(struct packed *packed, uint32_t hour, unsigned span)
{
    static const char sql[] =
        "SELECT id FROM block WHERE span = ?1 AND last_hour BETWEEN ?2 AND ?2 + (1 << ?1) - 1";
    int result = make_ready(packed, &packed->of_hour, sql);
    if (result == SQLITE_OK)
        result = sqlite3_bind_int(packed->of_hour, 1, (int)span);
    if (result == SQLITE_OK)
        result = sqlite3_bind_int64(packed->of_hour, 2, (int64_t)hour);
    while (result == SQLITE_OK && (result = step(packed->of_hour)) == SQLITE_OK) {
        packed->found_ids = array_grow(packed->found_ids, packed->found_count,
                                       &packed->found_capacity, sizeof *packed->found_ids);
        packed->found_ids[packed->found_count++] = sqlite3_column_int64(packed->of_hour, 0);
    }
    sqlite3_reset(packed->of_hour);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

/* Reads the last hour of the blocks of each span, unless the hours are known and the file is unchanged since. */
static int read_last_hours(struct packed *packed)
{
    unsigned version = 0;
    int result = sqlite3_file_control(packed->handle, "main", SQLITE_FCNTL_DATA_VERSION, &version);
    if (result == SQLITE_OK && packed->has_last_hours && packed->version == version)
        return SQLITE_OK;
    packed->has_found = false;
    for (int span = 0; result == SQLITE_OK && span < PACKED_SPANS; span++) {
        result = make_ready(packed, &packed->last_hour,
                            "SELECT coalesce(max(last_hour), -1) FROM block WHERE span = ?");
        if (result == SQLITE_OK)
            result = sqlite3_bind_int(packed->last_hour, 1, span);
        if (result == SQLITE_OK)
            result = step(packed->last_hour);
        if (result == SQLITE_OK)
            packed->last_hours[span] = sqlite3_column_int64(packed->last_hour, 0);
        sqlite3_reset(packed->last_hour);
    }
    packed->has_last_hours = result == SQLITE_OK;
    packed->version = version;
    return result;
}

bool packed_can_have(struct packed *packed, const char *key)
{
    struct log_id id;
    bool can = false;
    if (!log_id_find(&id, key))
        return false;
    /* Outside a transaction, another process can pack objects before the caller's statement begins. */
    if (sqlite3_get_autocommit(packed->handle) || read_last_hours(packed) != SQLITE_OK)
        return true;
    for (unsigned span = 0; span < PACKED_SPANS; span++)
        can |= packed->last_hours[span] >= (int64_t)id.hour;
    return can;
}

int packed_find_hour(struct packed *packed, uint32_t hour, int64_t **ids, size_t *count)
{
    int result = read_last_hours(packed);
    if (result == SQLITE_OK && (!packed->has_found || packed->found != hour)) {
        packed->found_count = 0;
        for (unsigned span = 0; result == SQLITE_OK && span < PACKED_SPANS; span++)
            if (packed->last_hours[span] >= (int64_t)hour)
                result = find_hour_of_span(packed, hour, span);
        packed->has_found = result == SQLITE_OK;
        packed->found = hour;
    }
    if (result != SQLITE_OK)
        return result;
    *ids = memory_allocate(packed->found_count + 1, sizeof **ids);
    *count = packed->found_count;
    for (size_t i = 0; i < *count; i++)
        (*ids)[i] = packed->found_ids[i];
    return SQLITE_OK;
}
