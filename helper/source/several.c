#include "source/several.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "config/sources.h"
#include "memory/allocate.h"
#include "s3/uri.h"
#include "source/source.h"

/* One of the sources. */
struct member {
    struct site site; /* the site with only this source; source and after_to are owned */
    struct source source;
    struct buffer root; /* goes before its keys: s3://BUCKET/, or "" for a path */
    size_t first;       /* the number of its first object among the expected ones */
    bool gave_up;       /* the clean-up of all its further objects would fail */
};

struct several_state {
    struct member *members;
    size_t count;

    /* of next() */
    struct source_object *objects; /* the expected ones, with the members' own keys */
    struct member **turns;         /* the members with objects, in the order of the objects */
    size_t turn_count;
    size_t *orphans; /* the numbers of objects that no member has */
    size_t orphan_count;
    pthread_mutex_t lock; /* of turn and orphan */
    size_t turn, orphan;  /* the member and the orphan that come next */
};

/* Returns whether the key, with the root, is in the member. */
static bool has_key(const struct member *member, const char *key)
{
    const struct buffer *root = &member->root;
    return !strncmp(key, root->data, root->size) &&
           key_filter_has(&member->source.filter, key + root->size);
}

/* Returns the member that has the key, or NULL. */
static struct member *find_member(const struct several_state *state, const char *key)
{
    for (size_t i = 0; i < state->count; i++)
        if (has_key(&state->members[i], key))
            return &state->members[i];
    return NULL;
}

/* ---- connecting ----------------------------------------------------------------------------- */

static int connect_member(struct member *member, const char *uri, const struct site *site,
                          unsigned transfers, struct buffer *error)
{
    member->site = *site;
    member->site.source = memory_copy_text(uri);
    member->site.kind = site_kind(uri);
    member->site.after_to = NULL;
    if (site->after == SITE_AFTER_MOVE)
        member->site.after_to = sources_target(uri, site->after_to);
    struct s3_uri parts;
    buffer_add_text(&member->root, "");
    if (member->site.kind == SITE_BUCKET && !s3_uri_parse(&parts, uri)) {
        buffer_printf(&member->root, "s3://%s/", parts.bucket);
        s3_uri_free(&parts);
    }
    return source_connect(&member->source, member->site.source, &member->site, transfers, error);
}

static void close_several(struct source *source)
{
    struct several_state *state = source->state;
    for (size_t i = 0; i < state->count; i++) {
        struct member *member = &state->members[i];
        source_close(&member->source);
        buffer_free(&member->root);
        free(member->site.source);
        free(member->site.after_to);
    }
    pthread_mutex_destroy(&state->lock);
    free(state->members);
    free(state->objects);
    free(state->turns);
    free(state->orphans);
    free(state);
}

static int connect_several(struct source *source, const char *uri, const struct site *site,
                           unsigned transfers, struct buffer *error)
{
    struct several_state *state = memory_allocate(1, sizeof *state);
    struct buffer one = {0};
    size_t count = 0;
    int result = 0;
    pthread_mutex_init(&state->lock, NULL);
    for (const char *rest = uri; (rest = sources_next(rest, &one));)
        count++;
    state->members = memory_allocate(count + 1, sizeof *state->members);
    for (const char *rest = uri; result == 0 && (rest = sources_next(rest, &one));)
        result = connect_member(&state->members[state->count++], one.data, site, transfers, error);
    buffer_free(&one);
    for (size_t i = 1; i < state->count; i++)
        source->is_mixed |= state->members[i].site.kind != state->members[0].site.kind;
    source->state = state;
    if (result < 0)
        close_several(source);
    return result;
}

/* ---- listing -------------------------------------------------------------------------------- */

/* The list of one member, which passes the objects on to the list of all. */
struct passing {
    const struct member *member;
    const struct source_listing *listing;
    struct buffer key; /* the whole name of an object */
};

static const char *put_whole_key(struct passing *passing, const char *key)
{
    buffer_clear(&passing->key);
    buffer_add_text(&passing->key, passing->member->root.data);
    buffer_add_text(&passing->key, key);
    return passing->key.data;
}

static bool pass_object(void *user, const struct source_object *object)
{
    struct passing *passing = user;
    struct source_object whole = *object;
    whole.key = put_whole_key(passing, object->key);
    return passing->listing->found(passing->listing->user, &whole);
}

static void pass_skip(void *user, const char *key, struct buffer *up_to)
{
    struct passing *passing = user;
    const struct buffer *root = &passing->member->root;
    passing->listing->skip(passing->listing->user, put_whole_key(passing, key), up_to);
    if (!up_to->size)
        return;
    if (up_to->size > root->size && !memcmp(up_to->data, root->data, root->size)) {
        up_to->size -= root->size;
        memmove(up_to->data, up_to->data + root->size, up_to->size + 1);
    } else {
        buffer_clear(up_to); /* the date was found in the name of the bucket */
    }
}

static int list_several(struct source *source, const struct source_listing *listing,
                        struct buffer *error)
{
    struct several_state *state = source->state;
    int result = 0;
    source->has_links = false;
    for (size_t i = 0; result == 0 && i < state->count; i++) {
        struct member *member = &state->members[i];
        struct passing passing = {.member = member, .listing = listing};
        const struct source_listing how = {.user = &passing,
                                           .found = pass_object,
                                           .skip = listing->skip ? pass_skip : NULL,
                                           .may_be_empty = listing->may_be_empty,
                                           .may_be_missing = listing->may_be_missing};
        result = source_list(&member->source, &how, error);
        source->has_links |= member->source.has_links;
        buffer_free(&passing.key);
    }
    return result;
}

/* ---- reading -------------------------------------------------------------------------------- */

static int expect_several(struct source *source, const struct source_object *objects,
                          struct buffer *error)
{
    struct several_state *state = source->state;
    int result = 0;
    state->objects = memory_allocate(source->count + 1, sizeof *state->objects);
    state->turns = memory_allocate(state->count + 1, sizeof(struct member *));
    state->orphans = memory_allocate(source->count + 1, sizeof *state->orphans);
    for (size_t i = 0, end; result == 0 && i < source->count; i = end) {
        struct member *member = find_member(state, objects[i].key);
        end = i;
        do {
            state->objects[end] = objects[end];
            if (member)
                state->objects[end].key += member->root.size;
            else
                state->orphans[state->orphan_count++] = end;
            end++;
        } while (end < source->count && find_member(state, objects[end].key) == member);
        if (!member)
            continue;
        member->first = i;
        state->turns[state->turn_count++] = member;
        result = source_expect(&member->source, state->objects + i, end - i, error);
    }
    return result;
}

/* Gives an object of a source that the site no longer has.  Returns false when there are no more of
 * them. */
static bool next_orphan(struct several_state *state, struct body *body)
{
    bool has_one = state->orphan < state->orphan_count;
    if (has_one)
        *body = (struct body){.fd = -1,
                              .object = state->orphans[state->orphan++],
                              .reason = SOURCE_GONE,
                              .error = memory_copy_text("no source of the site has it any more")};
    return has_one;
}

static int next_of_several(struct source *source, struct body *body)
{
    struct several_state *state = source->state;
    for (;;) {
        pthread_mutex_lock(&state->lock);
        bool is_orphan = next_orphan(state, body);
        size_t turn = state->turn;
        pthread_mutex_unlock(&state->lock);
        if (is_orphan)
            return 1;
        if (turn == state->turn_count)
            return 0;
        struct member *member = state->turns[turn];
        int result = source_next(&member->source, body);
        if (result > 0)
            body->object += member->first;
        if (result != 0)
            return result;
        pthread_mutex_lock(&state->lock);
        if (state->turn == turn)
            state->turn++;
        pthread_mutex_unlock(&state->lock);
    }
}

static bool is_unchanged(struct source *source, const struct body *body)
{
    struct several_state *state = source->state;
    struct body own = *body;
    size_t turn = state->turn_count - 1;
    while (turn && state->turns[turn]->first > body->object)
        turn--;
    own.object -= state->turns[turn]->first;
    return source_is_unchanged(&state->turns[turn]->source, &own);
}

static bool still_lists(struct source *source, const struct source_object *object,
                        struct buffer *error)
{
    struct member *member = find_member(source->state, object->key);
    struct source_object own = *object;
    own.key += member ? member->root.size : 0;
    return member && source_still_lists(&member->source, &own, error);
}

static void add_regions(const struct source *source, struct buffer *lines)
{
    const struct several_state *state = source->state;
    for (size_t i = 0; i < state->count; i++)
        source_add_regions(&state->members[i].source, lines);
}

static bool find_content(const struct source_object *object, enum content_effort effort,
                         struct content *content)
{
    return site_kind(object->key) == SITE_PATH &&
           source_kind_path.find_content(object, effort, content);
}

static const struct source *find_member_of_key(const struct source *source, const char **key)
{
    const struct member *member = find_member(source->state, *key);
    if (!member)
        return NULL;
    *key += member->root.size;
    return &member->source;
}

static void put_name(const struct source *source, const char *key, struct buffer *name)
{
    (void)source;
    buffer_add_text(name, key);
}

/* ---- the clean-up --------------------------------------------------------------------------- */

/* Writes the source before the object's error, which may concern only this source. */
static void name_source(const struct member *member, struct clean_item *item)
{
    struct buffer error = {0};
    if (!item->error)
        return;
    buffer_printf(&error, "%s: %s", member->site.source, item->error);
    free(item->error);
    item->error = error.data;
}

/* Removes objects of one member. */
static void remove_of(struct member *member, struct cleaner *cleaner, struct clean_item *items,
                      size_t count)
{
    struct cleaner own = *cleaner;
    own.site = &member->site;
    own.place = member->root.data;
    for (size_t i = 0; i < count; i++)
        items[i].key += member->root.size;
    member->gave_up = !source_remove(&member->source, &own, items, count);
    for (size_t i = 0; i < count; i++) {
        items[i].key -= member->root.size;
        name_source(member, &items[i]);
    }
    cleaner->failed = own.failed;
}

/* Fails objects that no member has. */
static void fail_orphans(struct cleaner *cleaner, struct clean_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cleaner_failed(cleaner, &items[i],
                       "no source of the site has it any more, and only a run with its source can "
                       "do that, so set \"source\" back for one run, or set after = keep");
}

static bool remove_of_several(struct source *source, struct cleaner *cleaner,
                              struct clean_item *items, size_t count)
{
    struct several_state *state = source->state;
    for (size_t i = 0, end; i < count; i = end) {
        struct member *member = find_member(state, items[i].key);
        for (end = i + 1; end < count && find_member(state, items[end].key) == member; end++)
            ;
        if (!member)
            fail_orphans(cleaner, items + i, end - i);
        else if (!member->gave_up)
            remove_of(member, cleaner, items + i, end - i);
    }
    bool works = false;
    for (size_t i = 0; i < state->count; i++)
        works |= !state->members[i].gave_up;
    return works;
}

/* ---- the kinds ------------------------------------------------------------------------------ */

#define SEVERAL                                                                                    \
    .connect = connect_several, .list = list_several, .expect = expect_several,                    \
    .next = next_of_several, .add_regions = add_regions, .is_unchanged = is_unchanged,             \
    .still_lists = still_lists, .find_member = find_member_of_key, .name = put_name,               \
    .remove = remove_of_several, .close = close_several

static const struct source_kind several_buckets = {SEVERAL};
static const struct source_kind several_of_any_kind = {SEVERAL, .find_content = find_content};

const struct source_kind *several_kind(const char *sources)
{
    struct buffer one = {0};
    bool has_path = false;
    while (!has_path && (sources = sources_next(sources, &one)))
        has_path = site_kind(one.data) != SITE_BUCKET;
    buffer_free(&one);
    return has_path ? &several_of_any_kind : &several_buckets;
}
