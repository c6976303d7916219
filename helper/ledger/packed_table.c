/* The virtual table packed.  The functions are those that https://www.sqlite.org/vtab.html describes. */
#include <stdlib.h>
#include <string.h>

#include "ledger/log_id.h"
#include "ledger/log_name.h"
#include "ledger/packed.h"
#include "memory/allocate.h"

enum column { KEY, TAG, SIZE, CONTENT, DIGEST, NAMESAKE, BLOCK, SAME_TAG, SAME_DIGEST };

/* How a statement finds its rows. */
enum plan {
    PLAN_KEYS = 0, /* a range of keys, with these flags: */
    PLAN_FROM = 1,
    PLAN_TO = 2, /* before this key */
    PLAN_LAST_FIRST = 4,
    PLAN_KEY = 8,
    PLAN_NAMESAKE = 16,
    PLAN_BLOCK = 32,
    PLAN_TAG = 64,
    PLAN_DIGEST = 128,
    PLANS_OF_BLOCKS = PLAN_NAMESAKE | PLAN_TAG | PLAN_DIGEST /* these read the blocks of a list */
};

struct table {
    sqlite3_vtab base;
    struct packed *packed;
};

struct cursor {
    sqlite3_vtab_cursor base;
    struct packed *packed;
    int plan;
    char *key; /* the end of the range, the only key, or a key that names the log; NULL: none */
    struct block_object same; /* has the ETag, the digest, or the hour and ID of the log's name */
    int64_t *ids;             /* of the blocks to read */
    size_t id_count, next_id;
    struct block *block; /* NULL: at the end */
    size_t row;
};

static int connect_table(sqlite3 *handle, void *user, int count, const char *const *arguments,
                         sqlite3_vtab **result, char **error)
{
    (void)count, (void)arguments, (void)error;
    int code = sqlite3_declare_vtab(handle, "CREATE TABLE packed (key TEXT, tag TEXT, size INTEGER,"
                                            " content TEXT, digest TEXT, namesake TEXT HIDDEN,"
                                            " block INTEGER HIDDEN, same_tag TEXT HIDDEN,"
                                            " same_digest TEXT HIDDEN)");
    if (code != SQLITE_OK)
        return code;
    struct table *table = sqlite3_malloc(sizeof *table);
    if (!table)
        return SQLITE_NOMEM;
    *table = (struct table){.packed = user};
    *result = &table->base;
    return SQLITE_OK;
}

static int disconnect_table(sqlite3_vtab *table)
{
    sqlite3_free(table);
    return SQLITE_OK;
}

/* ---- plans ---- */

/* The constraints that can be used; -1: none. */
struct usable {
    int key, from, to;
    int hidden; /* the constraint on a hidden column, */
    int plan;   /* and the plan for that column */
    bool has_unusable;
};

static void look_at_hidden(struct usable *usable, const sqlite3_index_info *info, int i, int plan)
{
    /* A hidden column selects rows by its value only, so a plan without the value is no plan. */
    if (!info->aConstraint[i].usable || info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ) {
        usable->has_unusable = true;
        return;
    }
    usable->hidden = i;
    usable->plan = plan;
}

static void look_at_constraint(struct usable *usable, const sqlite3_index_info *info, int i)
{
    const int op = info->aConstraint[i].op;
    switch (info->aConstraint[i].iColumn) {
    case KEY:
        if (!info->aConstraint[i].usable)
            return;
        if (op == SQLITE_INDEX_CONSTRAINT_EQ)
            usable->key = i;
        else if (op == SQLITE_INDEX_CONSTRAINT_GE || op == SQLITE_INDEX_CONSTRAINT_GT)
            usable->from = i;
        else if (op == SQLITE_INDEX_CONSTRAINT_LT)
            usable->to = i;
        return;
    case NAMESAKE:
        look_at_hidden(usable, info, i, PLAN_NAMESAKE);
        return;
    case BLOCK:
        look_at_hidden(usable, info, i, PLAN_BLOCK);
        return;
    case SAME_TAG:
        look_at_hidden(usable, info, i, PLAN_TAG);
        return;
    case SAME_DIGEST:
        look_at_hidden(usable, info, i, PLAN_DIGEST);
        return;
    }
}

static void use(sqlite3_index_info *info, int constraint, int argument, bool is_checked)
{
    info->aConstraintUsage[constraint].argvIndex = argument;
    info->aConstraintUsage[constraint].omit = is_checked;
}

static void plan_range(sqlite3_index_info *info, const struct usable *usable)
{
    int argument = 1;
    info->idxNum = PLAN_KEYS;
    info->estimatedCost = 1e9;
    if (usable->from >= 0) {
        use(info, usable->from, argument++, false);
        info->idxNum |= PLAN_FROM;
        info->estimatedCost /= 100;
    }
    if (usable->to >= 0) {
        use(info, usable->to, argument, false);
        info->idxNum |= PLAN_TO;
        info->estimatedCost /= 100;
    }
    info->estimatedRows = (sqlite3_int64)info->estimatedCost / 10;
    if (info->nOrderBy == 1 && info->aOrderBy[0].iColumn == KEY) {
        info->orderByConsumed = 1;
        info->idxNum |= info->aOrderBy[0].desc ? PLAN_LAST_FIRST : 0;
    }
}

static int choose_plan(sqlite3_vtab *table, sqlite3_index_info *info)
{
    struct usable usable = {.key = -1, .from = -1, .to = -1, .hidden = -1};
    (void)table;
    for (int i = 0; i < info->nConstraint; i++)
        look_at_constraint(&usable, info, i);
    if (usable.has_unusable)
        return SQLITE_CONSTRAINT;
    if (usable.hidden >= 0) {
        use(info, usable.hidden, 1, true);
        info->idxNum = usable.plan;
    } else if (usable.key >= 0) {
        use(info, usable.key, 1, false);
        info->idxNum = PLAN_KEY;
    } else {
        plan_range(info, &usable);
        return SQLITE_OK;
    }
    info->estimatedCost = 10;
    info->estimatedRows = 1;
    return SQLITE_OK;
}

/* ---- a cursor ---- */

static int open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **result)
{
    struct cursor *cursor = sqlite3_malloc(sizeof *cursor);
    if (!cursor)
        return SQLITE_NOMEM;
    *cursor = (struct cursor){.packed = ((struct table *)table)->packed};
    *result = &cursor->base;
    return SQLITE_OK;
}

/* Frees the members that belong to one run of a plan. */
static void clear_cursor(struct cursor *cursor)
{
    block_release(cursor->block);
    free(cursor->key);
    free(cursor->ids);
    *cursor = (struct cursor){.base = cursor->base, .packed = cursor->packed};
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
    clear_cursor((struct cursor *)base);
    sqlite3_free(base);
    return SQLITE_OK;
}

/* Whether an object's name has the hour and the ID of another one, as namesakes do. */
static bool has_name_of(const struct block_object *object, const struct block_object *other)
{
    return object->id == other->id && object->hour == other->hour;
}

/* Whether the cursor's row belongs to the plan.  Sets *IS_END if no later row does, either. */
static bool is_of_plan(const struct cursor *cursor, bool *is_end)
{
    const struct block_object *object = &cursor->block->objects[cursor->row];
    int order = cursor->key ? strcmp(object->key, cursor->key) : 0;
    *is_end = false;
    switch (cursor->plan & (PLAN_KEY | PLAN_BLOCK | PLANS_OF_BLOCKS)) {
    case PLAN_NAMESAKE:
        return has_name_of(object, &cursor->same) && !log_name_compare(object->key, cursor->key);
    case PLAN_TAG:
        return !memcmp(object->tag, cursor->same.tag, sizeof object->tag);
    case PLAN_DIGEST:
        return !digest_compare(&object->digest, &cursor->same.digest);
    case PLAN_BLOCK:
        return true;
    case PLAN_KEY:
        *is_end = order != 0;
        return !*is_end;
    default:
        if (cursor->plan & PLAN_LAST_FIRST) /* the key is the first one */
            *is_end = order < 0;
        else
            *is_end = cursor->key && order >= 0;
        return !*is_end;
    }
}

/* Goes to the block after the present one. */
static int next_block(struct cursor *cursor)
{
    struct block *before = cursor->block;
    int result = SQLITE_DONE;
    cursor->block = NULL;
    cursor->row = 0;
    if (cursor->plan & PLANS_OF_BLOCKS) {
        if (cursor->next_id < cursor->id_count)
            result = packed_read(cursor->packed, cursor->ids[cursor->next_id++], &cursor->block);
    } else if (!(cursor->plan & (PLAN_KEY | PLAN_BLOCK))) {
        bool is_down = cursor->plan & PLAN_LAST_FIRST;
        result = packed_read_at(cursor->packed, is_down ? PACKED_BEFORE : PACKED_AFTER,
                                before->objects[0].key, &cursor->block);
        if (result == SQLITE_OK && is_down)
            cursor->row = cursor->block->count - 1;
    }
    block_release(before);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

/* Goes to the row after the present one, in its block or the next. */
static int next_row(struct cursor *cursor)
{
    if (cursor->plan & PLAN_LAST_FIRST) {
        if (cursor->row)
            return cursor->row--, SQLITE_OK;
    } else if (++cursor->row < cursor->block->count) {
        return SQLITE_OK;
    }
    return next_block(cursor);
}

/* Skips rows of the block that cannot be namesakes, which are nearly all.  Stops one row before the next that can. */
static void skip_other_names(struct cursor *cursor)
{
    const struct block_object *objects = cursor->block->objects, *object = objects + cursor->row,
                              *last = objects + cursor->block->count - 1;
    const struct block_object same = cursor->same;
    while (object < last && !has_name_of(object + 1, &same))
        object++;
    cursor->row = (size_t)(object - objects);
}

/* Goes on to the first row of the plan, from the present one. */
static int find_row(struct cursor *cursor)
{
    bool is_end = false;
    int result = SQLITE_OK;
    while (result == SQLITE_OK && cursor->block && !is_of_plan(cursor, &is_end)) {
        if (cursor->plan == PLAN_NAMESAKE)
            skip_other_names(cursor);
        if (is_end) {
            block_release(cursor->block);
            cursor->block = NULL;
        } else {
            result = next_row(cursor);
        }
    }
    return result;
}

static int begin_namesakes(struct cursor *cursor, const char *key)
{
    struct log_id id;
    if (!log_id_find(&id, key))
        return SQLITE_OK;
    cursor->key = memory_copy_text(key);
    cursor->same = (struct block_object){.hour = id.hour, .id = id.id};
    int result = packed_find_hour(cursor->packed, id.hour, &cursor->ids, &cursor->id_count);
    return result == SQLITE_OK ? next_block(cursor) : result;
}

/* Begins at the first object whose ETag or digest is TEXT. */
static int begin_same(struct cursor *cursor, const char *text)
{
    struct packed *packed = cursor->packed;
    const bool is_tag = cursor->plan == PLAN_TAG;
    uint8_t *tag = cursor->same.tag;
    struct digest *digest = &cursor->same.digest;
    enum block_search_part part = is_tag ? BLOCK_SEARCH_TAGS : BLOCK_SEARCH_DIGESTS;
    if (is_tag ? !block_read_tag(tag, text) : !digest_read(digest, text))
        return SQLITE_OK; /* no block has it */
    int result = block_search_find(&packed->searches[part], packed->handle, part,
                                   is_tag ? block_search_tag(tag) : block_search_digest(digest),
                                   &cursor->ids, &cursor->id_count);
    return result == SQLITE_OK ? next_block(cursor) : result;
}

/* Begins at the last object before TO (NULL: the last of all). */
static int begin_down(struct cursor *cursor, const char *from, const char *to)
{
    static const char after_all[] = "\xff";
    int result = packed_read_at(cursor->packed, PACKED_BEFORE, to ? to : after_all, &cursor->block);
    cursor->key = memory_copy_optional(from);
    if (result != SQLITE_OK)
        return result;
    /* The first object of the block is before TO. */
    cursor->row = (to ? block_find(cursor->block, to) : cursor->block->count) - 1;
    return SQLITE_OK;
}

/* Begins at the first object from FROM on (NULL: the first of all). */
static int begin_up(struct cursor *cursor, const char *from, const char *to)
{
    int result =
        packed_read_at(cursor->packed, PACKED_AT_OR_BEFORE, from ? from : "", &cursor->block);
    cursor->key = memory_copy_optional(to);
    if (result == SQLITE_DONE)
        result = packed_read_at(cursor->packed, PACKED_AFTER, from ? from : "", &cursor->block);
    if (result != SQLITE_OK)
        return result;
    cursor->row = block_find(cursor->block, from ? from : "");
    return cursor->row < cursor->block->count ? SQLITE_OK : next_block(cursor);
}

static int begin_cursor(sqlite3_vtab_cursor *base, int plan, const char *unused, int count,
                        sqlite3_value **values)
{
    struct cursor *cursor = (struct cursor *)base;
    const char *texts[2] = {NULL, NULL};
    int result;
    (void)unused;
    clear_cursor(cursor);
    cursor->plan = plan;
    if (plan == PLAN_BLOCK) {
        result = packed_read(cursor->packed, sqlite3_value_int64(values[0]), &cursor->block);
        return result == SQLITE_DONE ? SQLITE_OK : result;
    }
    for (int i = 0; i < count; i++) {
        if (sqlite3_value_type(values[i]) == SQLITE_NULL)
            return SQLITE_OK; /* no key is equal to NULL, before or after it */
        if (!(texts[i] = (const char *)sqlite3_value_text(values[i])))
            return SQLITE_NOMEM;
    }
    const char *from = plan & PLAN_FROM ? texts[0] : NULL;
    const char *to = plan & PLAN_TO ? texts[plan & PLAN_FROM ? 1 : 0] : NULL;
    if (plan == PLAN_NAMESAKE)
        result = begin_namesakes(cursor, texts[0]);
    else if (plan & PLANS_OF_BLOCKS)
        result = begin_same(cursor, texts[0]);
    else if (plan == PLAN_KEY)
        result = begin_up(cursor, texts[0], texts[0]);
    else if (plan & PLAN_LAST_FIRST)
        result = begin_down(cursor, from, to);
    else
        result = begin_up(cursor, from, to);
    if (result == SQLITE_OK)
        result = find_row(cursor);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

static int move_cursor(sqlite3_vtab_cursor *base)
{
    int result = next_row((struct cursor *)base);
    return result == SQLITE_OK ? find_row((struct cursor *)base) : result;
}

static int is_at_end(sqlite3_vtab_cursor *base)
{
    return ((struct cursor *)base)->block == NULL;
}

static int read_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    const struct cursor *cursor = (struct cursor *)base;
    const struct block_object *object = &cursor->block->objects[cursor->row];
    char text[DIGEST_WRITTEN_SIZE];
    _Static_assert(sizeof text >= BLOCK_TAG_TEXT_SIZE, "an ETag is shorter than a digest");
    switch ((enum column)column) {
    case KEY:
        sqlite3_result_text(context, object->key, -1, SQLITE_TRANSIENT);
        break;
    case TAG:
        block_write_tag(object, text);
        sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
        break;
    case SIZE:
        sqlite3_result_int64(context, (sqlite3_int64)object->size);
        break;
    case CONTENT:
        sqlite3_result_text(context, "", 0, SQLITE_STATIC);
        break;
    case DIGEST:
        digest_write(&object->digest, text);
        sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
        break;
    case NAMESAKE:
    case SAME_TAG:
    case SAME_DIGEST:
        sqlite3_result_null(context);
        break;
    case BLOCK:
        sqlite3_result_int64(context, cursor->block->id);
        break;
    }
    return SQLITE_OK;
}

static int read_row_number(sqlite3_vtab_cursor *base, sqlite3_int64 *number)
{
    const struct cursor *cursor = (struct cursor *)base;
    *number = cursor->block->id * BLOCK_OBJECTS_MAX + (sqlite3_int64)cursor->row;
    return SQLITE_OK;
}

/* Forgets the blocks that were read: after a rollback, other blocks can get their IDs. */
static void forget_rolled_back(void *packed)
{
    packed_forget(packed);
}

int packed_define(struct packed *packed, sqlite3 *handle)
{
    static const sqlite3_module module = {
        .xConnect = connect_table,
        .xDisconnect = disconnect_table,
        .xBestIndex = choose_plan,
        .xOpen = open_cursor,
        .xClose = close_cursor,
        .xFilter = begin_cursor,
        .xNext = move_cursor,
        .xEof = is_at_end,
        .xColumn = read_column,
        .xRowid = read_row_number,
    };
    packed->handle = handle;
    sqlite3_rollback_hook(handle, forget_rolled_back, packed);
    return sqlite3_create_module_v2(handle, "packed", &module, packed, NULL);
}
