#include "s3/list_objects.h"

#include <stdlib.h>
#include <string.h>

#include "s3/uri.h"

static enum s3_taken begin(struct s3_request *request)
{
    struct s3_walk *walk = request->user;
    walk->out_of_memory = !s3_page_begin(&walk->page);
    return S3_TAKEN;
}

static enum s3_taken take(struct s3_request *request, const void *data, size_t size,
                          const char **cause)
{
    struct s3_walk *walk = request->user;
    const char *wrong =
        walk->out_of_memory ? "out of memory" : s3_page_add(&walk->page, data, size);
    if (!wrong)
        return S3_TAKEN;
    *cause = wrong;
    return S3_DAMAGED;
}

/* S3 lists keys by their bytes, so a key that does not come after the one before it tells of a page
 * that was given twice or of one that is missing. */
static const char *check_order(const struct s3_walk *walk)
{
    const char *last = walk->last_key;
    for (size_t i = 0; i < walk->page.count; i++) {
        if (strncmp(walk->page.objects[i].key, walk->prefix, strlen(walk->prefix)))
            return "the listing has objects that were not asked for; is it an S3 store?";
        if (last && strcmp(last, walk->page.objects[i].key) >= 0)
            return "the listing repeats objects or is out of order";
        last = walk->page.objects[i].key;
    }
    if (walk->page.next && walk->token && !strcmp(walk->page.next, walk->token))
        return "the listing goes in circles";
    return NULL;
}

static enum s3_taken end(struct s3_request *request, const char **cause)
{
    struct s3_walk *walk = request->user;
    const char *wrong = walk->out_of_memory ? "out of memory" : s3_page_end(&walk->page);
    if (!wrong)
        wrong = check_order(walk);
    if (!wrong)
        return S3_TAKEN;
    *cause = wrong;
    return S3_DAMAGED;
}

static bool is_passed_over(struct s3_walk *walk, const char *key)
{
    if (!walk->skip || (walk->up_to.size && strcmp(key, walk->up_to.data) <= 0))
        return walk->skip != NULL;
    buffer_clear(&walk->up_to);
    walk->skip(walk->user, key, &walk->up_to);
    return walk->up_to.size && strcmp(key, walk->up_to.data) <= 0;
}

/* Hands the page's objects over.  False: the walk is to end, with OUTCOME. */
static bool give_objects(struct s3_walk *walk, struct s3_outcome *outcome)
{
    struct s3_page *page = &walk->page;
    if (page->count) {
        free(walk->last_key);
        walk->last_key = strdup(page->objects[page->count - 1].key);
        if (!walk->last_key) {
            *outcome = (struct s3_outcome){.result = S3_FAILED, .cause = "out of memory"};
            return false;
        }
    }
    for (size_t i = 0; i < page->count; i++) {
        struct s3_object object = page->objects[i];
        size_t size = strlen(object.key);
        if ((size && object.key[size - 1] == '/' && !object.size) ||
            is_passed_over(walk, object.key))
            continue;
        page->objects[i].key = NULL;
        if (!walk->found(walk->user, object)) {
            *outcome = (struct s3_outcome){.result = S3_STOPPED};
            return false;
        }
    }
    return true;
}

static void add_query(const struct s3_walk *walk, struct buffer *query)
{
    buffer_add_text(query, "encoding-type=url&list-type=2&prefix=");
    s3_uri_encode(query, walk->prefix, false);
}

static void done(struct s3_request *request, const struct s3_outcome *answer)
{
    struct s3_walk *walk = request->user;
    struct s3_outcome outcome = *answer;
    if (outcome.result != S3_DONE || !give_objects(walk, &outcome) || !walk->page.next) {
        s3_page_free(&walk->page);
        walk->done(walk->user, &outcome);
        return;
    }

    struct buffer query = {0};
    bool leaps = walk->up_to.size && strcmp(walk->last_key, walk->up_to.data) < 0;
    free(walk->token);
    walk->token = NULL;
    if (!leaps) {
        walk->token = walk->page.next;
        walk->page.next = NULL;
        buffer_add_text(&query, "continuation-token=");
        s3_uri_encode(&query, walk->token, false);
        buffer_add(&query, "&", 1);
    }
    add_query(walk, &query);
    if (leaps) {
        buffer_add_text(&query, "&start-after=");
        s3_uri_encode(&query, walk->up_to.data, false);
    }
    s3_page_free(&walk->page);
    buffer_free(&walk->query);
    walk->query = query;
    walk->request.query = query.data;
    if (query.failed) {
        outcome = (struct s3_outcome){.result = S3_FAILED, .cause = "out of memory"};
        walk->done(walk->user, &outcome);
        return;
    }
    s3_pool_add(walk->pool, &walk->request);
}

void s3_walk_start(struct s3_walk *walk, struct s3_pool *pool, const char *prefix)
{
    walk->pool = pool;
    walk->prefix = prefix;
    walk->request = (struct s3_request){.size = S3_SIZE_UNKNOWN,
                                        .user = walk,
                                        .begin = begin,
                                        .take = take,
                                        .end = end,
                                        .done = done};
    add_query(walk, &walk->query);
    walk->request.query = walk->query.data;
    if (walk->query.failed) {
        struct s3_outcome outcome = {.result = S3_FAILED, .cause = "out of memory"};
        walk->done(walk->user, &outcome);
        return;
    }
    s3_pool_add(pool, &walk->request);
}

void s3_walk_free(struct s3_walk *walk)
{
    buffer_free(&walk->query);
    buffer_free(&walk->up_to);
    s3_page_free(&walk->page);
    free(walk->last_key);
    free(walk->token);
    walk->last_key = walk->token = NULL;
}
