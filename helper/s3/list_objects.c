#include "s3/list_objects.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"
#include "s3/uri.h"

enum {
    EMPTY_MAX = 100, /* pages without an object */
    WRONG_MAX = 2    /* answers for one page that break the rules: the second one is no accident */
};

static enum s3_taken begin(struct s3_request *request)
{
    struct s3_list *list = request->user;
    s3_page_begin(&list->page);
    return S3_TAKEN;
}

/* Whether a page with an error is asked for again. */
static enum s3_taken judge(struct s3_list *list)
{
    bool is_wrong = list->page.is_wrong && ++list->wrong >= WRONG_MAX;
    return list->page.is_unusable || is_wrong ? S3_UNUSABLE : S3_DAMAGED;
}

static enum s3_taken take(struct s3_request *request, const void *data, size_t size,
                          const char **error)
{
    struct s3_list *list = request->user;
    const char *page_error = s3_page_add(&list->page, data, size);
    if (!page_error)
        return S3_TAKEN;
    *error = page_error;
    return judge(list);
}

/* S3 lists keys in the order of their bytes, so a key that does not come after the one before it
 * shows that a page was given twice or is missing.  Returns NULL or an error (static). */
static const char *check_order(const struct s3_list *list)
{
    const char *last = list->last_key;
    for (size_t i = 0; i < list->page.count; i++) {
        if (strncmp(list->page.objects[i].key, list->prefix, strlen(list->prefix)))
            return "the server's list of objects has some that were not asked for; check that the "
                   "endpoint is an S3 server";
        if (last && strcmp(last, list->page.objects[i].key) >= 0)
            return "the server's list of objects repeats some or is out of order; check that the "
                   "endpoint is an S3 server";
        last = list->page.objects[i].key;
    }
    if (list->page.next && list->token && !strcmp(list->page.next, list->token))
        return "the server's list of objects repeats a page; check that the endpoint is an S3 "
               "server";
    return NULL;
}

static enum s3_taken end(struct s3_request *request, const char **error)
{
    struct s3_list *list = request->user;
    const char *page_error = s3_page_end(&list->page);
    if (!page_error) {
        page_error = check_order(list);
        list->page.is_wrong = page_error != NULL;
    }
    if (!page_error && !list->page.count && list->page.next && ++list->empty_pages >= EMPTY_MAX) {
        list->page.is_unusable = true;
        page_error = "the server's list of objects has 100 pages in a row without an object; check "
                     "that the endpoint is an S3 server";
    }
    if (list->page.count)
        list->empty_pages = 0;
    if (!page_error)
        list->wrong = 0;
    if (!page_error)
        return S3_TAKEN;
    *error = page_error;
    return judge(list);
}

static bool is_skipped(struct s3_list *list, const char *key)
{
    if (!list->skip || (list->up_to.size && strcmp(key, list->up_to.data) <= 0))
        return list->skip != NULL;
    buffer_clear(&list->up_to);
    list->skip(list->user, key, &list->up_to);
    return list->up_to.size && strcmp(key, list->up_to.data) <= 0;
}

static bool is_folder(const struct s3_object *object)
{
    size_t size = strlen(object->key);
    return size && object->key[size - 1] == '/' && !object->size;
}

/* Gives the page's objects to found().  Returns false if it ended the list. */
static bool give_objects(struct s3_list *list)
{
    struct s3_page *page = &list->page;
    if (page->count) {
        free(list->last_key);
        list->last_key = memory_copy_text(page->objects[page->count - 1].key);
    }
    for (size_t i = 0; i < page->count; i++) {
        struct s3_object object = page->objects[i];
        if (is_folder(&object) || is_skipped(list, object.key))
            continue;
        page->objects[i].key = NULL;
        if (!list->found(list->user, object))
            return false;
    }
    return true;
}

static void add_query(const struct s3_list *list, struct buffer *query)
{
    buffer_printf(query, "encoding-type=url&list-type=2&max-keys=%d&prefix=", S3_PAGE_OBJECTS_MAX);
    s3_uri_encode(query, list->prefix, false);
}

/* Writes the query for the next page: the one that the token stands for, or the first one with a
 * key that is not skipped. */
static void add_next_query(struct s3_list *list, struct buffer *query)
{
    bool leaps = list->up_to.size && strcmp(list->last_key, list->up_to.data) < 0;
    free(list->token);
    list->token = NULL;
    if (leaps) {
        add_query(list, query);
        buffer_add_text(query, "&start-after=");
        s3_uri_encode(query, list->up_to.data, false);
        return;
    }
    list->token = list->page.next;
    list->page.next = NULL;
    buffer_add_text(query, "continuation-token=");
    s3_uri_encode(query, list->token, false);
    buffer_add(query, "&", 1);
    add_query(list, query);
}

static void done(struct s3_request *request, const struct s3_outcome *answer)
{
    struct s3_list *list = request->user;
    struct s3_outcome outcome = *answer;
    if (outcome.result == S3_DONE && !give_objects(list))
        outcome.result = S3_STOPPED;
    if (outcome.result != S3_DONE || !list->page.next) {
        s3_page_free(&list->page);
        list->done(list->user, &outcome);
        return;
    }
    buffer_clear(&list->query);
    add_next_query(list, &list->query);
    list->request.query = list->query.data;
    s3_page_free(&list->page);
    s3_request_start(&list->request, list->bucket, list->pool);
}

void s3_list_start(struct s3_list *list, struct s3_bucket *bucket, struct http_pool *pool,
                   const char *prefix)
{
    list->pool = pool;
    list->bucket = bucket;
    list->prefix = prefix;
    add_query(list, &list->query);
    list->request = (struct s3_request){.query = list->query.data,
                                        .size = S3_SIZE_UNKNOWN,
                                        .user = list,
                                        .begin = begin,
                                        .take = take,
                                        .end = end,
                                        .done = done};
    s3_request_start(&list->request, bucket, pool);
}

void s3_list_free(struct s3_list *list)
{
    buffer_free(&list->query);
    buffer_free(&list->up_to);
    s3_page_free(&list->page);
    free(list->last_key);
    free(list->token);
    list->last_key = list->token = NULL;
}
