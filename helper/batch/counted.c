#include "batch/counted.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/gone.h"
#include "batch/internal.h"
#include "batch/logs.h"
#include "batch/same_log.h"
#include "ledger/log_name.h"
#include "memory/allocate.h"
#include "source/key_hour.h"

/* 9999-01-01, seconds UTC: later than all dates of objects. */
static const int64_t far = 253370764800;

/* A counted object, or a known copy, of the ledger. */
struct known {
    struct ledger_object object; /* with texts of its own, one piece at key */
    size_t listed;               /* its place among batch->objects; NONE: not in the source */
    size_t same_as;              /* the first of its group that holds the same log; maybe itself */
};
enum { NONE = -1 };

/* One run of batch_take_counted(). */
struct finding {
    struct batch *batch;
    const struct counted_choice *choice;
    bool failed;         /* the ledger has stored the error */
    struct known *group; /* objects of one name */
    size_t group_count, group_capacity;
    struct source_object *others; /* of the source that the ledger does not know, by log name */
    size_t other_count, other_capacity;
    bool *is_taken;   /* of others: the object holds the log of a counted object that is gone */
    struct logs logs; /* batch->objects, by their numbers, and counted objects whose logs the source
                           * does not have under their names */
    struct gone gone[SOURCE_PLACES];        /* logs that CHOICE needs */
    struct gone gone_others[SOURCE_PLACES]; /* other logs that it wants */
};

static bool is_in(const struct hours *hours, bool has_hour, int64_t hour)
{
    return !has_hour || (hour >= hours->from && hour < hours->to);
}

/* Skips keys outside the hours to read.  Some keys are in the order of their days only, so a key within a day
 * after these hours may stand before a key to read. */
static void skip(void *user, const char *key, struct buffer *up_to)
{
    const struct finding *finding = user;
    const struct hours *read = &finding->choice->read;
    struct key_stem stem;
    int64_t hour;
    if (!key_stem_find(&stem, key))
        return;
    if (key_hour(key, &hour) && hour - 24 * 3600 >= read->to)
        key_stem_add(&stem, key, far, up_to);
    else if (read->from > 0)
        key_stem_add(&stem, key, read->from, up_to);
}

/* Keeps an object that the ledger does not know: it may be a counted object that was moved. */
static void add_other(struct finding *finding, const struct source_object *listed)
{
    finding->others = array_grow(finding->others, finding->other_count, &finding->other_capacity,
                                 sizeof *finding->others);
    finding->others[finding->other_count++] = source_object_copy(listed);
}

static bool take_listed(void *user, const struct source_object *listed)
{
    struct finding *finding = user;
    struct batch *batch = finding->batch;
    int64_t hour = 0;
    bool has_hour = key_hour(listed->key, &hour);
    if (!is_in(&finding->choice->read, has_hour, hour))
        return true;
    struct ledger_object object = {.key = listed->key, .tag = listed->tag, .size = listed->size};
    bool has_content;
    int known = ledger_knows(batch->ledger, &object, &has_content);
    finding->failed |= known < 0;
    if (known == LEDGER_IS_COUNTED)
        batch_add_object(batch, listed);
    else if (known == 0)
        add_other(finding, listed);
    return known >= 0;
}

/* Counts a log that the source no longer has. */
static void count_gone(struct finding *finding, const char *key)
{
    const struct counted_choice *choice = finding->choice;
    int64_t hour = 0;
    bool has_hour = key_hour(key, &hour), is_needed = false;
    for (size_t i = 0; i < choice->whole_count; i++)
        is_needed |= is_in(&choice->whole[i], has_hour, hour);
    gone_add(is_needed ? finding->gone : finding->gone_others, finding->batch->source, key);
}

static int compare_names(const void *a, const void *b)
{
    return log_name_compare(((const struct source_object *)a)->key,
                            ((const struct source_object *)b)->key);
}

static int compare_others(const void *a, const void *b)
{
    int order = compare_names(a, b);
    return order ? order
                 : strcmp(((const struct source_object *)a)->key,
                          ((const struct source_object *)b)->key);
}

/* Returns whether an object that the ledger does not know, with the same name, holds the log of a counted one.
 * Marks that object as taken. */
static bool is_elsewhere(struct finding *finding, const struct ledger_object *object)
{
    const struct source *source = finding->batch->source;
    const struct source_object *others = finding->others, *found = NULL,
                               wanted = {.key = object->key};
    if (finding->other_count)
        found = bsearch(&wanted, others, finding->other_count, sizeof wanted, compare_names);
    if (!found)
        return false;
    size_t i = (size_t)(found - others);
    while (i && !compare_names(&others[i - 1], &wanted))
        i--;
    for (; i < finding->other_count && !compare_names(&others[i], &wanted); i++) {
        struct content content;
        struct ledger_object other = {.key = others[i].key,
                                      .tag = others[i].tag,
                                      .size = others[i].size,
                                      .modified = others[i].modified};
        if (!source_has_content_tags(source))
            same_log_find_content(source, &other, &content);
        if (!finding->is_taken[i] && same_log(source, &other, object) != SAME_LOG_NO)
            return finding->is_taken[i] = true;
    }
    return false;
}

/* Whether both objects have a digest, and the digests are equal.  Needs no source, because the site may no longer
 * have the source of one of them. */
static bool has_equal_text(const struct known *a, const struct known *b)
{
    const char *digest = a->object.digest, *other = b->object.digest;
    return digest && other && *digest && !strcmp(digest, other);
}

/* Whether two objects of one name hold the same log.  same_log() can tell an object from one that only ends with
 * the other's text, but only while the source has both. */
static bool holds_same(const struct finding *finding, const struct known *a, const struct known *b)
{
    if (has_equal_text(a, b))
        return true;
    const struct source *source = finding->batch->source;
    bool are_there = a->listed != (size_t)NONE && b->listed != (size_t)NONE;
    bool is_held = same_log(source, &a->object, &b->object) != SAME_LOG_NO;
    if (is_held != are_there)
        return is_held;
    return same_log(source, &b->object, &a->object) != SAME_LOG_NO;
}

/* Puts an object of the group into the log of the first object that holds the same.  If the object is equal to
 * objects of two logs, these become one log: two compressed files that are gone may each be equal to a plain file,
 * and not comparable with each other. */
static void put_into_log(struct finding *finding, size_t object)
{
    struct known *group = finding->group;
    group[object].same_as = object;
    for (size_t i = 0; i < object; i++) {
        size_t one = group[i].same_as, other = group[object].same_as;
        if (one == other || !holds_same(finding, &group[object], &group[i]))
            continue;
        for (size_t k = 0; k <= object; k++)
            if (group[k].same_as == (one > other ? one : other))
                group[k].same_as = one > other ? other : one;
    }
}

/* Divides the group of one name into logs.  One object of each log is read. */
static void end_group(struct finding *finding)
{
    struct known *group = finding->group;
    for (size_t i = 0; i < finding->group_count; i++)
        put_into_log(finding, i);
    for (size_t i = 0; i < finding->group_count; i++) {
        struct known *first = &group[group[i].same_as];
        if (first == &group[i] || group[i].listed == (size_t)NONE)
            continue;
        if (first->listed == (size_t)NONE)
            first->listed = group[i].listed;
        else
            logs_join(&finding->logs, group[i].listed, first->listed);
    }
    for (size_t i = 0; i < finding->group_count; i++) {
        if (group[i].same_as == i && group[i].listed == (size_t)NONE &&
            !is_elsewhere(finding, &group[i].object))
            logs_add_gone(&finding->logs, &group[i].object);
        free((char *)group[i].object.key);
    }
    finding->group_count = 0;
}

/* Returns the place of an object among the listed ones; NONE when the source does not have it. */
static size_t find_listed(const struct batch *batch, const struct ledger_object *object)
{
    const size_t i = batch_find_object(batch, object->key);
    bool is = i < batch->count && batch->objects[i].size == object->size &&
              !strcmp(batch->objects[i].tag, object->tag);
    return is ? i : (size_t)NONE;
}

/* Takes a known object of the ledger.  The ledger visits objects of one name one after the other. */
static bool take_known(void *user, const struct ledger_object *object)
{
    struct finding *finding = user;
    int64_t hour = 0;
    bool has_hour = key_hour(object->key, &hour);
    if (!is_in(&finding->choice->read, has_hour, hour))
        return true;
    if (finding->group_count && log_name_compare(finding->group[0].object.key, object->key) != 0)
        end_group(finding);
    finding->group = array_grow(finding->group, finding->group_count, &finding->group_capacity,
                                sizeof *finding->group);
    struct known *known = &finding->group[finding->group_count++];
    known->object = contents_copy(object);
    known->listed = find_listed(finding->batch, object);
    if (known->listed != (size_t)NONE)
        logs_add_listed(&finding->logs, object, known->listed);
    return true;
}

/* Collects the contents of the objects that the ledger does not know, except taken ones. */
static void collect_others(const struct finding *finding, struct contents *others)
{
    for (size_t i = 0; i < finding->other_count; i++) {
        struct content content;
        struct ledger_object other = {.key = finding->others[i].key,
                                      .tag = finding->others[i].tag,
                                      .size = finding->others[i].size};
        if (finding->is_taken[i])
            continue;
        same_log_find_content(others->source, &other, &content);
        contents_add(others, &other, i);
    }
}

/* Returns whether an object that the ledger does not know holds the log of the counted object GONE under another
 * name.  Marks that object as taken. */
static bool is_renamed(struct finding *finding, struct contents *others,
                       const struct ledger_object *gone)
{
    const struct contents_item *other = contents_find(others, SIZE_MAX, gone);
    if (other)
        finding->is_taken[other->number] = true;
    return other != NULL;
}

static int compare_numbers(const void *a, const void *b)
{
    const struct contents_item *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

/* Compares objects with different names.  One object of each log is read, and a log whose object was renamed is not
 * gone. */
static void compare_other_names(struct finding *finding)
{
    struct logs *logs = &finding->logs;
    struct contents others = {.source = finding->batch->source};
    bool *is_found = memory_allocate(logs->count + 1, sizeof *is_found);
    logs_join_equal(logs);
    if (logs->contents.count)
        qsort(logs->contents.items, logs->contents.count, sizeof *logs->contents.items,
              compare_numbers);
    if (logs->count > logs->listed)
        collect_others(finding, &others);
    for (int order = CONTENTS_BY_END; order <= CONTENTS_BY_DIGEST; order++) {
        contents_sort(&others, (enum contents_order)order);
        for (size_t i = 0; i < logs->contents.count; i++) {
            const struct contents_item *item = &logs->contents.items[i];
            const struct log_set *set = logs_find(logs, item->number);
            if (set->to_read == LOGS_NONE && !is_found[set->first])
                is_found[set->first] = is_renamed(finding, &others, &item->object);
        }
    }
    for (size_t i = 0; i < logs->contents.count; i++) {
        const struct contents_item *item = &logs->contents.items[i];
        const struct log_set *set = logs_find(logs, item->number);
        if (set->first == item->number && set->to_read == LOGS_NONE && !is_found[set->first])
            count_gone(finding, item->object.key);
    }
    contents_free(&others);
    free(is_found);
}

/* Removes copies from the objects to read, and adds the taken objects. */
static void choose_objects(struct finding *finding)
{
    struct batch *batch = finding->batch;
    size_t kept = 0;
    for (size_t i = 0; i < batch->count; i++) {
        if (logs_find(&finding->logs, i)->to_read != i)
            free((char *)batch->objects[i].key);
        else
            batch->objects[kept++] = batch->objects[i];
    }
    batch->count = kept;
    for (size_t i = 0; i < finding->other_count; i++)
        if (finding->is_taken[i])
            batch_add_object(batch, &finding->others[i]);
    batch_sort_objects(batch);
}

static void free_others(struct finding *finding)
{
    for (size_t i = 0; i < finding->other_count; i++)
        free((char *)finding->others[i].key);
    free(finding->others);
    free(finding->is_taken);
}

/* Stores an error if logs that must be there are gone; warns of other logs that are gone. */
static bool is_whole(struct finding *finding)
{
    const struct batch *batch = finding->batch;
    const struct counted_choice *choice = finding->choice;
    if (gone_has(finding->gone, choice->may_leave_out))
        return gone_fail(finding->gone, &batch->site, choice, batch->error);
    gone_warn(finding->gone, &batch->site);
    gone_warn(finding->gone_others, &batch->site);
    return true;
}

static bool find(struct finding *finding, struct source *source)
{
    struct batch *batch = finding->batch;
    struct source_listing how = {.user = finding, .found = take_listed, .skip = skip};
    bool done = source_list(source, &how, &batch->error->text) == 0 && !finding->failed;
    batch_sort_objects(batch);
    logs_begin(&finding->logs, source, batch->count);
    finding->is_taken = memory_allocate(finding->other_count + 1, sizeof *finding->is_taken);
    if (finding->other_count)
        qsort(finding->others, finding->other_count, sizeof *finding->others, compare_others);
    done = done && ledger_visit_counted(batch->ledger, take_known, finding);
    end_group(finding);
    compare_other_names(finding);
    if (done)
        choose_objects(finding);
    logs_free(&finding->logs);
    free(finding->group);
    free_others(finding);
    return done && is_whole(finding);
}

/* Reads the state of the ledger.  Stores an error if nothing is counted yet, or if CHOICE needs a settled ledger
 * and a batch is prepared, but not committed. */
static bool read_state(struct batch *batch, const struct counted_choice *choice,
                       struct ledger_batch *open)
{
    int found = ledger_get_batch(batch->ledger, open);
    if (found < 0 || !ledger_get_previous(batch->ledger, batch->previous) ||
        !ledger_get_last_id(batch->ledger, batch->current.id) ||
        !ledger_get_former(batch->ledger, &batch->former) ||
        !ledger_get_history(batch->ledger, &batch->history))
        return false;
    if (found && open->prepared && choice->is_settled)
        return batch_error_set(
            batch->error, BATCH_ERROR,
            "[%s]: an AWStats update still runs, or was interrupted, so the history may or may not "
            "have its records (batch %s); run the AWStats update first, which finishes it",
            batch->site.name, open->id);
    return *batch->current.id ||
           batch_error_set(batch->error, BATCH_ERROR,
                           "[%s]: nothing is counted yet; run the AWStats update first",
                           batch->site.name);
}

/* Returns whether there is a ledger, since batch_open() would make a missing one. */
static bool has_ledger(const struct site *site, struct batch_error *error)
{
    char *path = site_state_path(site);
    bool has = access(path, F_OK) == 0;
    if (!has)
        batch_error_set(error, BATCH_ERROR,
                        "[%s]: nothing is counted yet: the ledger file %s cannot be found: %s; run "
                        "the AWStats update first, or correct the setting \"state\"",
                        site->name, path, strerror(errno));
    free(path);
    return has;
}

bool batch_take_counted(struct batch **result, struct source *source, const struct site *site,
                        const struct batch_options *options, const struct counted_choice *choice,
                        struct batch_error *error)
{
    struct ledger_batch open = {0};
    *result = NULL;
    if (!has_ledger(site, error))
        return false;
    if (!batch_open(result, site, options, false, error))
        return false;
    struct batch *batch = *result;
    struct finding finding = {.batch = batch, .choice = choice};
    if (!read_state(batch, choice, &open))
        return false;
    if (!batch_take_source(batch, *open.id ? &open : NULL) ||
        source_connect(source, batch->site.source, &batch->site, options->transfers, &error->text) <
            0)
        return false;
    batch->source = source;
    bool done = find(&finding, source) &&
                source_expect(source, batch->objects, batch->count, &error->text) == 0;
    if (!choice->is_settled) {
        close(batch->lock);
        batch->lock = -1;
    }
    gone_free(finding.gone);
    gone_free(finding.gone_others);
    return done;
}

size_t batch_count(const struct batch *batch)
{
    return batch->count;
}

const char *batch_key(const struct batch *batch, size_t object)
{
    return batch->objects[object].key;
}
