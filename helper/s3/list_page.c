#include "s3/list_page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "memory/allocate.h"
#include "s3/etag.h"
#include "s3/uri.h"
#include "text/buffer.h"
#include "text/xml.h"

#define PAGE     "ListBucketResult"
#define CONTENTS PAGE "/Contents"

enum { ENCODED_MAX = 3 }; /* bytes of a percent-encoded byte */

static const char too_long[] =
    "the server's list of objects has a key or an ETag longer than 1,024 bytes; check that the "
    "endpoint is an S3 server";

struct s3_page_parser {
    struct xml *xml;
    struct s3_page *page;
    const char *error; /* static */
    struct s3_object object;
    struct buffer etag; /* of the object */
    bool has_size, has_modified, has_truncated, has_count, truncated, encoded;
    uint64_t count;
    size_t capacity; /* of page->objects */
    size_t size;     /* bytes of the document so far */
};

static void fail(struct s3_page_parser *parser, const char *error)
{
    if (!parser->error)
        parser->error = error;
    xml_stop(parser->xml);
}

static bool read_number(uint64_t *number, const char *text)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && !errno;
}

/* Reads a time such as "2009-10-12T17:50:30.000Z", in seconds UTC. */
static bool read_time(int64_t *seconds, const char *text)
{
    struct tm tm = {0};
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!end || (*end != '.' && *end != 'Z'))
        return false;
    *seconds = timegm(&tm);
    return true;
}

/* Stores the ETag after the object's key, in the same memory. */
static void keep_etag(struct s3_page_parser *parser)
{
    size_t key_size = strlen(parser->object.key) + 1, size;
    const char *etag = s3_etag_find(parser->etag.data ? parser->etag.data : "", &size);
    char *both = memory_resize(parser->object.key, key_size + size + 1, 1);
    memcpy(both + key_size, etag, size);
    both[key_size + size] = '\0';
    parser->object.key = both;
    parser->object.etag = both + key_size;
}

static void begin_object(struct s3_page_parser *parser)
{
    parser->has_size = parser->has_modified = false;
    buffer_clear(&parser->etag);
}

/* Whether the ETag has a control character.  An ETag becomes a header of requests, to which a line end would add
 * headers of the server's choice. */
static bool has_control(const struct buffer *etag)
{
    for (size_t i = 0; i < etag->size; i++)
        if ((unsigned char)etag->data[i] < ' ' || etag->data[i] == '\x7f')
            return true;
    return false;
}

static void finish_object(struct s3_page_parser *parser)
{
    struct s3_page *page = parser->page;
    if (!parser->object.key || !parser->has_size || !parser->has_modified) {
        fail(parser, "the server's list of objects has one without a key, size or time; check that "
                     "the endpoint is an S3 server");
        return;
    }
    bool is_full = page->count == S3_PAGE_OBJECTS_MAX;
    if (is_full || parser->etag.size > S3_KEY_MAX ||
        strlen(parser->object.key) > ENCODED_MAX * S3_KEY_MAX) {
        page->is_unusable = true;
        fail(parser, is_full
                         ? "a page of the server's list of objects has more than 1,000 objects; "
                           "check that the endpoint is an S3 server"
                         : too_long);
        return;
    }
    if (has_control(&parser->etag)) {
        page->is_unusable = true;
        fail(parser,
             "the server's list of objects has an ETag with a control character; check that "
             "the endpoint is an S3 server");
        return;
    }
    keep_etag(parser);
    page->objects =
        array_grow(page->objects, page->count, &parser->capacity, sizeof *page->objects);
    page->objects[page->count++] = parser->object;
    parser->object = (struct s3_object){0};
}

static void start_element(void *user, const char *path)
{
    struct s3_page_parser *parser = user;
    if (!strcmp(path, CONTENTS))
        begin_object(parser);
    else if (strncmp(path, PAGE, sizeof PAGE - 1) || !strchr("/", path[sizeof PAGE - 1]))
        fail(parser,
             "the response is not a bucket's list of objects; check that the endpoint is an "
             "S3 server");
}

static void replace_text(char **copy, const char *text)
{
    free(*copy);
    *copy = memory_copy_text(text);
}

/* Reads the element NAME of <Contents>. */
static void read_of_object(struct s3_page_parser *parser, const char *name, const char *text)
{
    if (!strcmp(name, "Key")) {
        replace_text(&parser->object.key, text);
    } else if (!strcmp(name, "ETag")) {
        buffer_clear(&parser->etag);
        buffer_add_text(&parser->etag, text);
    } else if (!strcmp(name, "Size")) {
        parser->has_size = read_number(&parser->object.size, text);
    } else if (!strcmp(name, "LastModified")) {
        parser->has_modified = read_time(&parser->object.modified, text);
    }
}

/* Reads the element NAME of the document's element. */
static void read_of_page(struct s3_page_parser *parser, const char *name, const char *text)
{
    if (!strcmp(name, "IsTruncated")) {
        parser->truncated = !strcmp(text, "true");
        parser->has_truncated = parser->truncated || !strcmp(text, "false");
    } else if (!strcmp(name, "KeyCount")) {
        parser->has_count = read_number(&parser->count, text);
    } else if (!strcmp(name, "NextContinuationToken")) {
        replace_text(&parser->page->next, text);
    } else if (!strcmp(name, "EncodingType")) {
        parser->encoded = !strcmp(text, "url");
    }
}

static void end_element(void *user, const char *path, const char *text)
{
    static const char contents[] = CONTENTS;
    struct s3_page_parser *parser = user;
    if (parser->error)
        return;
    if (!strcmp(path, contents))
        finish_object(parser);
    else if (text && !strncmp(path, contents, sizeof contents - 1) &&
             path[sizeof contents - 1] == '/')
        read_of_object(parser, path + sizeof contents, text);
    else if (text && path[sizeof PAGE - 1] == '/')
        read_of_page(parser, path + sizeof PAGE, text);
}

static const struct xml_handler handler = {.start = start_element, .end = end_element};

static void free_parser(struct s3_page *page)
{
    if (!page->parser)
        return;
    xml_free(page->parser->xml);
    buffer_free(&page->parser->etag);
    free(page->parser->object.key);
    free(page->parser);
    page->parser = NULL;
}

void s3_page_free(struct s3_page *page)
{
    free_parser(page);
    for (size_t i = 0; i < page->count; i++)
        free(page->objects[i].key);
    free(page->objects);
    free(page->next);
    *page = (struct s3_page){0};
}

void s3_page_begin(struct s3_page *page)
{
    s3_page_free(page);
    page->parser = memory_allocate(1, sizeof *page->parser);
    page->parser->page = page;
    page->parser->xml = xml_new(&handler, page->parser);
}

static const char *parse(struct s3_page_parser *parser, const void *data, size_t size, bool last)
{
    parser->size += size;
    if (parser->size > S3_PAGE_MAX) {
        parser->page->is_unusable = true;
        return "a page of the server's list of objects is larger than 16 MB; check that the "
               "endpoint is an S3 server";
    }
    if (xml_add(parser->xml, data, size, last))
        return NULL;
    if (xml_is_hostile(parser->xml)) {
        parser->page->is_unusable = true;
        return "the server's list of objects has a document type, is nested too deeply, or has an "
               "element that is too long, as no S3 server sends it; check the endpoint";
    }
    parser->page->breaks_rules = parser->error != NULL;
    if (parser->error)
        return parser->error;
    return xml_is_cut(parser->xml)
               ? "the server's list of objects is truncated; check the network, and the proxy if "
                 "there is one"
               : "the server's list of objects is not well-formed XML; check that the endpoint is "
                 "an S3 server, and, if it is one, delete objects whose keys have control "
                 "characters, or name a longer prefix";
}

const char *s3_page_add(struct s3_page *page, const void *data, size_t size)
{
    return parse(page->parser, data, size, false);
}

/* Decodes the key of an object in place.  Returns NULL or an error (static). */
static const char *end_key(struct s3_page *page, struct s3_object *object)
{
    char *key = object->key, *nul = page->parser->encoded ? strstr(key, "%00") : NULL;
    object->has_nul = nul;
    if (nul)
        *nul = '\0';
    if (page->parser->encoded && s3_uri_decode(key) < 0)
        return "the server's list of objects has a key with an invalid escape; check that the "
               "endpoint is an S3 server";
    page->is_unusable = strlen(key) > S3_KEY_MAX;
    return page->is_unusable ? too_long : NULL;
}

const char *s3_page_end(struct s3_page *page)
{
    struct s3_page_parser *parser = page->parser;
    const char *error = parse(parser, "", 0, true);
    bool is_whole = !error;
    bool has_token = page->next && *page->next;
    if (!error && parser->truncated && !has_token && page->count)
        replace_text(&page->next, "");
    else if (!error && (!parser->has_truncated || (parser->truncated && !has_token)))
        error = "the server's list of objects does not say whether more pages follow; check that "
                "the endpoint is an S3 server";
    if (!error && parser->has_count && parser->count != page->count)
        error =
            "the server's list of objects has another number of objects than its KeyCount says; "
            "check that the endpoint is an S3 server";
    if (!error && !parser->truncated) {
        free(page->next);
        page->next = NULL;
    }
    for (size_t i = 0; !error && i < page->count; i++)
        error = end_key(page, &page->objects[i]);
    if (!error && page->next && !*page->next && page->objects[page->count - 1].has_nul)
        error = "the last key of a page of the list of objects has a NUL byte (%00), as no log has "
                "one, so the next page cannot be named; delete this object, or name a longer "
                "prefix";
    page->breaks_rules |= is_whole && error;
    free_parser(page);
    return error;
}
