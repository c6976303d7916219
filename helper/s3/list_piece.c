#include "s3/list_piece.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"
#include "s3/list_objects.h"
#include "s3/uri.h"

enum {
    EMPTY_MAX = 100, /* pages in a row without an object */
    BROKEN_MAX = 2   /* the second response for a page that breaks the rules is no accident */
};

struct s3_piece *s3_piece_new(struct s3_list *list, const char *after, const char *token)
{
    struct s3_piece *piece = memory_allocate(1, sizeof *piece);
    piece->list = list;
    piece->after = memory_copy_optional(after);
    piece->token = memory_copy_optional(token);
    return piece;
}

void s3_piece_free(struct s3_piece *piece)
{
    buffer_free(&piece->query);
    s3_page_free(&piece->page);
    free(piece->after);
    free(piece->token);
    free(piece);
}

const char *s3_piece_reach(const struct s3_piece *piece)
{
    const struct s3_page *page = &piece->page;
    return page->count ? page->objects[page->count - 1].key : piece->after;
}

bool s3_piece_advances(const struct s3_piece *piece)
{
    const char *reach = s3_piece_reach(piece);
    return reach && (!piece->after || strcmp(reach, piece->after) > 0);
}

static enum s3_taken begin(struct s3_request *request)
{
    struct s3_piece *piece = request->user;
    s3_page_begin(&piece->page);
    piece->received = 0;
    return S3_TAKEN;
}

/* Decides whether the page, which has an error, is requested again. */
static enum s3_taken judge(struct s3_piece *piece)
{
    bool is_over = piece->page.breaks_rules && ++piece->broken >= BROKEN_MAX;
    bool is_certain = piece->page.is_unusable || piece->is_from_start || piece->is_guess;
    return is_certain || is_over ? S3_UNUSABLE : S3_DAMAGED;
}

static enum s3_taken take(struct s3_request *request, const void *data, size_t size,
                          const char **error)
{
    struct s3_piece *piece = request->user;
    piece->received += size;
    piece->is_too_large = piece->most && piece->received > piece->most;
    if (piece->is_too_large) {
        s3_page_free(&piece->page);
        return S3_UNUSABLE;
    }
    const char *page_error = s3_page_add(&piece->page, data, size);
    if (!page_error)
        return S3_TAKEN;
    *error = page_error;
    return judge(piece);
}

/* Checks that the keys have the prefix, and come in the order of their bytes, as S3 lists them:
 * else the store has sent a page twice, or left one out.  A key with a NUL byte is known up to this
 * byte, so it may equal the key before it.  Returns NULL or an error (static). */
static const char *check_order(struct s3_piece *piece)
{
    const char *last = piece->after, *prefix = piece->list->prefix;
    const struct s3_page *page = &piece->page;
    size_t prefix_size = strlen(prefix);
    for (size_t i = 0; i < page->count; i++) {
        if (strncmp(page->objects[i].key, prefix, prefix_size) != 0)
            return "the server's list of objects has some that were not asked for; check that the "
                   "endpoint is an S3 server";
        int order = last ? strcmp(last, page->objects[i].key) : -1;
        if (order > 0 || (order == 0 && !page->objects[i].has_nul))
            return "the server's list of objects repeats some or is out of order; check that the "
                   "endpoint is an S3 server";
        last = page->objects[i].key;
    }
    if (page->next && *page->next && piece->token && !strcmp(page->next, piece->token))
        return "the server's list of objects repeats a page; check that the endpoint is an S3 "
               "server";
    return NULL;
}

/* Returns whether the first key of the page should not be there, since the request asked for keys behind another one by
 * start-after alone. */
static bool is_from_start(const struct s3_piece *piece)
{
    const struct s3_page *page = &piece->page;
    return piece->after && !piece->token && page->count &&
           strcmp(page->objects[0].key, piece->after) <= 0;
}

/* Returns NULL, or an error (static): a page of a guess, or too many pages in a row, are empty. */
static const char *check_empty(struct s3_piece *piece)
{
    if (s3_piece_advances(piece) || !piece->page.next)
        return NULL;
    if (piece->is_guess)
        return "the server's list of objects has a page without an object";
    if (piece->empty_pages + 1 < EMPTY_MAX)
        return NULL;
    piece->page.is_unusable = true;
    return "the server's list of objects has 100 pages in a row without an object; check that the "
           "endpoint is an S3 server";
}

static size_t measure(const struct s3_page *page)
{
    size_t size = 0;
    for (size_t i = 0; i < page->count; i++)
        size += sizeof *page->objects + strlen(page->objects[i].key) +
                strlen(page->objects[i].etag) + sizeof "" + sizeof "";
    return size;
}

static enum s3_taken end(struct s3_request *request, const char **error)
{
    struct s3_piece *piece = request->user;
    const char *page_error = s3_page_end(&piece->page);
    if (!page_error) {
        page_error = check_order(piece);
        piece->page.breaks_rules = page_error != NULL;
        piece->is_from_start = page_error && is_from_start(piece);
    }
    if (!page_error)
        page_error = check_empty(piece);
    if (!page_error) {
        piece->size = measure(&piece->page);
        return S3_TAKEN;
    }
    *error = page_error;
    return judge(piece);
}

static void add_parameter(struct buffer *query, const char *name, const char *value)
{
    buffer_printf(query, "%s%s=", query->size ? "&" : "", name);
    s3_uri_encode(query, value, false);
}

/* Writes the parameters in the order in which they are signed.  A server that knows only the first
 * version of ListObjects sends no token, and takes the key from "marker". */
static void write_query(struct s3_piece *piece)
{
    struct buffer *query = &piece->query;
    bool has_token = piece->token && *piece->token;
    if (has_token)
        add_parameter(query, "continuation-token", piece->token);
    add_parameter(query, "encoding-type", "url");
    add_parameter(query, "list-type", "2");
    if (piece->token && !has_token)
        add_parameter(query, "marker", piece->after);
    buffer_printf(query, "&max-keys=%d", S3_PAGE_OBJECTS_MAX);
    add_parameter(query, "prefix", piece->list->prefix);
    if (!has_token && piece->after)
        add_parameter(query, "start-after", piece->after);
}

void s3_piece_start(struct s3_piece *piece, struct s3_bucket *bucket, struct http_pool *pool,
                    void (*done)(struct s3_request *request, const struct s3_outcome *outcome))
{
    write_query(piece);
    piece->is_under_way = true;
    piece->request = (struct s3_request){.query = piece->query.data,
                                         .size = S3_SIZE_UNKNOWN,
                                         .user = piece,
                                         .begin = begin,
                                         .take = take,
                                         .end = end,
                                         .done = done};
    s3_request_start(&piece->request, bucket, pool);
}
