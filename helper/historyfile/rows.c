#include "historyfile/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "historyfile/keys.h"
#include "historyfile/partitions.h"
#include "memory/allocate.h"
#include "memory/hash.h"

/* Partitions are divided at most this many times, since each division uses bits of the hash. */
enum { LEVELS_MAX = 32 / HISTORY_PARTITION_BITS };

/* The most sections that note keys; each takes some 4 MB for this. */
enum { NOTING_MAX = 3 };

/* A line in the arena.  Its place is a multiple of ALIGNMENT. */
enum { ALIGNMENT = 8, ARENA_MIN = 4096, SLOTS_MIN = 64 };

struct line {
    uint32_t size; /* bytes of the text; 0: the line was moved */
    uint32_t room; /* bytes that the text can have */
    char text[];
};

/* A slot of the hash table: the upper half of the key's hash, and the line's place in the arena, in units of
 * ALIGNMENT, plus 1 (0: the slot is free). */
struct slot {
    uint32_t hash, line;
};

struct history_rows {
    struct history_memory *memory;
    const struct history_section *section;
    history_shared *shared;
    void *user;
    unsigned level; /* how many times these rows were divided */
    bool is_busy;   /* add_to() points into the arena, so divide() must not free it */
    bool notes_keys;
    char *arena;
    size_t size, capacity;
    struct slot *slots; /* a power of two of them */
    size_t slot_count, used;
    struct history_partitions *partitions; /* NULL: all rows are in memory */
    struct history_keys *keys;             /* NULL: keys are not noted */
    struct buffer sum;
};

static struct history_rows *new_rows(struct history_memory *memory,
                                     const struct history_section *section, history_shared *shared,
                                     void *user, unsigned level)
{
    struct history_rows *rows = memory_allocate(1, sizeof *rows);
    rows->memory = memory;
    rows->section = section;
    rows->shared = shared;
    rows->user = user;
    rows->level = level;
    return rows;
}

struct history_rows *history_rows_new(struct history_memory *memory,
                                      const struct history_section *section, bool notes_keys,
                                      history_shared *shared, void *user)
{
    struct history_rows *rows = new_rows(memory, section, shared, user, 0);
    rows->notes_keys = notes_keys;
    memory->rows = array_grow(memory->rows, memory->count, &memory->capacity, sizeof *memory->rows);
    return memory->rows[memory->count++] = rows;
}

void history_memory_free(struct history_memory *memory)
{
    free(memory->rows);
    memory->rows = NULL;
    memory->count = memory->capacity = 0;
}

/* Frees the memory of the rows. */
static void clear(struct history_rows *rows)
{
    free(rows->arena);
    free(rows->slots);
    rows->arena = NULL;
    rows->slots = NULL;
    rows->size = rows->capacity = rows->slot_count = rows->used = 0;
}

void history_rows_free(struct history_rows *rows)
{
    clear(rows);
    history_partitions_free(rows->partitions);
    history_keys_free(rows->keys);
    buffer_free(&rows->sum);
    free(rows);
}

/* ---- the table ------------------------------------------------------------------------------ */

static uint64_t hash_of(const struct history_rows *rows, const char *line, size_t key_size)
{
    return hash_bytes(line, key_size, rows->memory->seed);
}

static struct line *line_at(const struct history_rows *rows, size_t place)
{
    return (struct line *)(void *)(rows->arena + place);
}

static size_t memory_of(const struct history_rows *rows)
{
    return rows->capacity + rows->slot_count * sizeof *rows->slots;
}

/* Returns the slot of a key, or the free slot where the key belongs. */
static struct slot *find(const struct history_rows *rows, uint64_t hash, const char *key,
                         size_t key_size)
{
    uint32_t upper = (uint32_t)(hash >> 32);
    for (size_t i = upper;; i++) {
        struct slot *slot = &rows->slots[i & (rows->slot_count - 1)];
        if (!slot->line)
            return slot;
        if (slot->hash != upper)
            continue;
        const struct line *line = line_at(rows, (size_t)(slot->line - 1) * ALIGNMENT);
        if (line->size > key_size && line->text[key_size] == ' ' &&
            memcmp(line->text, key, key_size) == 0)
            return slot;
    }
}

static void grow_slots(struct history_rows *rows)
{
    size_t former_count = rows->slot_count;
    struct slot *former = rows->slots;
    rows->slot_count = former_count ? former_count * 2 : SLOTS_MIN;
    rows->slots = memory_allocate(rows->slot_count, sizeof *rows->slots);
    for (size_t i = 0; i < former_count; i++) {
        size_t to = former[i].hash;
        if (!former[i].line)
            continue;
        while (rows->slots[to & (rows->slot_count - 1)].line)
            to++;
        rows->slots[to & (rows->slot_count - 1)] = former[i];
    }
    free(former);
}

/* Adds a line to the arena.  Returns its place. */
static size_t put(struct history_rows *rows, const char *text, size_t size, size_t room)
{
    size_t whole = (sizeof(struct line) + room + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    size_t place = rows->size;
    if (whole > rows->capacity - rows->size) {
        size_t capacity = rows->capacity ? rows->capacity * 2 : ARENA_MIN;
        rows->capacity = capacity > rows->size + whole ? capacity : rows->size + whole;
        rows->arena = memory_resize(rows->arena, rows->capacity, 1);
    }
    rows->size += whole;
    struct line *line = line_at(rows, place);
    line->size = (uint32_t)size;
    line->room = (uint32_t)(whole - sizeof *line);
    memcpy(line->text, text, size);
    return place;
}

/* Stores the sum of rows with one key: in place of the former line, or at the arena's end if the sum is too long. */
static void store_sum(struct history_rows *rows, struct slot *slot, const struct buffer *sum)
{
    struct line *line = line_at(rows, (size_t)(slot->line - 1) * ALIGNMENT);
    if (sum->size <= line->room) {
        memcpy(line->text, sum->data, sum->size);
        line->size = (uint32_t)sum->size;
        return;
    }
    line->size = 0;
    /* Later sums are rarely more than a few digits longer. */
    slot->line = (uint32_t)(put(rows, sum->data, sum->size, sum->size + ALIGNMENT) / ALIGNMENT) + 1;
}

/* Adds a line to the line in SLOT, which has the same key. */
static bool add_to(struct history_rows *rows, struct slot *slot, const char *text, size_t size,
                   struct buffer *error)
{
    const struct line *line = line_at(rows, (size_t)(slot->line - 1) * ALIGNMENT);
    struct history_row row, more;
    struct history_visit ended;
    if (!history_row_read(rows->section, line->text, line->size, &row) ||
        !history_row_read(rows->section, text, size, &more) ||
        !history_row_add(rows->section, &row, &more, &ended)) {
        buffer_printf(error, "section %s, key %.*s: a number of the sum has more than %d digits",
                      rows->section->name, (int)history_key_size(text, size), text,
                      HISTORY_DIGITS_MAX);
        return false;
    }
    buffer_clear(&rows->sum);
    history_row_write(rows->section, &row, &rows->sum);
    /* The rows point into the arena, so SHARED must see them before the sum replaces the line. */
    rows->is_busy = true;
    bool done = !rows->shared || rows->shared(rows->user, &row, &ended, error);
    rows->is_busy = false;
    store_sum(rows, slot, &rows->sum);
    return done;
}

static bool add_in_memory(struct history_rows *rows, uint64_t hash, const char *text, size_t size,
                          size_t key_size, struct buffer *error)
{
    if (rows->used >= rows->slot_count / 4 * 3)
        grow_slots(rows);
    struct slot *slot = find(rows, hash, text, key_size);
    if (slot->line)
        return add_to(rows, slot, text, size, error);
    slot->hash = (uint32_t)(hash >> 32);
    slot->line = (uint32_t)(put(rows, text, size, size) / ALIGNMENT) + 1;
    rows->used++;
    return true;
}

/* ---- partitions ----------------------------------------------------------------------------- */

static bool fail(const struct history_rows *rows, struct buffer *error)
{
    buffer_printf(error, "%s: %s; this folder has the temporary files (TMPDIR names another)",
                  rows->memory->directory, strerrordesc_np(errno));
    return false;
}

static bool add_to_partition(struct history_rows *rows, uint64_t hash, const char *line,
                             size_t size, struct buffer *error)
{
    size_t partition = hash >> rows->level * HISTORY_PARTITION_BITS & (HISTORY_PARTITIONS - 1);
    return (!rows->keys || history_rows_note(rows, hash, HISTORY_NO_LINE, error)) &&
           (history_partitions_add(rows->partitions, partition, line, size) || fail(rows, error));
}

/* Calls VISIT with each line in the arena. */
static bool visit_lines(struct history_rows *rows,
                        bool (*visit)(struct history_rows *, void *, const char *, size_t,
                                      struct buffer *),
                        void *user, struct buffer *error)
{
    bool done = true;
    for (size_t place = 0; done && place < rows->size;) {
        const struct line *line = line_at(rows, place);
        if (line->size)
            done = visit(rows, user, line->text, line->size, error);
        place += sizeof *line + line->room;
    }
    return done;
}

static bool move_line(struct history_rows *rows, void *user, const char *line, size_t size,
                      struct buffer *error)
{
    (void)user;
    return add_to_partition(rows, hash_of(rows, line, history_key_size(line, size)), line, size,
                            error);
}

/* Moves all rows to partitions.  Later rows go there, too. */
static bool divide(struct history_rows *rows, struct buffer *error)
{
    rows->partitions = history_partitions_new(rows->memory->directory);
    if (!rows->partitions)
        return fail(rows, error);
    if (rows->notes_keys && rows->memory->noting < NOTING_MAX) {
        rows->keys = history_keys_new(rows->memory->directory);
        if (!rows->keys)
            return fail(rows, error);
        rows->memory->noting++;
    }
    bool done = visit_lines(rows, move_line, NULL, error);
    clear(rows);
    return done;
}

/* Divides the largest section, if all sections together take more memory than the limit. */
static bool keep_to_limit(struct history_memory *memory, struct buffer *error)
{
    struct history_rows *largest = NULL;
    size_t sum = 0;
    for (size_t i = 0; i < memory->count; i++) {
        struct history_rows *rows = memory->rows[i];
        sum += memory_of(rows);
        if (!rows->is_busy && (!largest || memory_of(rows) > memory_of(largest)))
            largest = rows;
    }
    return sum <= memory->limit || !largest || !largest->size || divide(largest, error);
}

bool history_rows_add(struct history_rows *rows, const char *line, size_t size,
                      struct buffer *error)
{
    size_t key_size = history_key_size(line, size), before = rows->capacity + rows->slot_count;
    uint64_t hash = hash_of(rows, line, key_size);
    if (rows->partitions)
        return add_to_partition(rows, hash, line, size, error);
    if (!add_in_memory(rows, hash, line, size, key_size, error))
        return false;
    if (rows->level == 0)
        return before == rows->capacity + rows->slot_count || keep_to_limit(rows->memory, error);
    return rows->level >= LEVELS_MAX || memory_of(rows) < rows->memory->limit / 2 ||
           divide(rows, error);
}

bool history_rows_note_keys(const struct history_rows *rows)
{
    return rows->keys;
}

bool history_rows_note(struct history_rows *rows, uint64_t hash, uint64_t number,
                       struct buffer *error)
{
    return history_keys_add(rows->keys, hash, number) || fail(rows, error);
}

bool history_rows_find_repeated(struct history_rows *rows, uint8_t *bits, struct buffer *error)
{
    bool done = history_keys_find(rows->keys, bits) || fail(rows, error);
    history_keys_free(rows->keys);
    rows->keys = NULL;
    return done;
}

/* ---- reading -------------------------------------------------------------------------------- */

struct visitor {
    history_visit_row *visit;
    void *user;
};

static bool visit_row(struct history_rows *rows, void *user, const char *line, size_t size,
                      struct buffer *error)
{
    const struct visitor *visitor = user;
    struct history_row row;
    history_row_read_again(rows->section, line, size, &row);
    return visitor->visit(visitor->user, &row, line, size, error);
}

static bool take_all(struct history_rows *rows, struct visitor *visitor, struct buffer *error);

/* Adds up the rows of a partition, and visits them. */
static bool take_partition(struct history_rows *rows, size_t partition, struct visitor *visitor,
                           struct buffer *error)
{
    struct history_rows *part =
        new_rows(rows->memory, rows->section, rows->shared, rows->user, rows->level + 1);
    const char *line;
    size_t size;
    bool done = true;
    history_partitions_open(rows->partitions, partition);
    while (done && (line = history_partitions_next(rows->partitions, &size)))
        done = history_rows_add(part, line, size, error);
    if (done && errno)
        done = fail(rows, error);
    done = done && take_all(part, visitor, error);
    history_rows_free(part);
    return done;
}

static bool take_all(struct history_rows *rows, struct visitor *visitor, struct buffer *error)
{
    rows->is_busy = true;
    bool done = !rows->partitions || history_partitions_end(rows->partitions) || fail(rows, error);
    for (size_t i = 0; done && rows->partitions && i < HISTORY_PARTITIONS; i++)
        done = take_partition(rows, i, visitor, error);
    done = done && visit_lines(rows, visit_row, visitor, error);
    clear(rows);
    return done;
}

bool history_rows_take_all(struct history_rows *rows, history_visit_row *visit, void *user,
                           struct buffer *error)
{
    struct visitor visitor = {visit, user};
    return take_all(rows, &visitor, error);
}
