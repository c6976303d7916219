#include "s3/list_page.h"

#include <errno.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "s3/uri.h"
#include "text/buffer.h"

enum element { OTHER, KEY, ETAG, SIZE, MODIFIED, TRUNCATED, COUNT, TOKEN, ENCODING };

static const struct {
    const char *parent, *name;
    enum element element;
} elements[] = {
    {"Contents", "Key", KEY},
    {"Contents", "ETag", ETAG},
    {"Contents", "Size", SIZE},
    {"Contents", "LastModified", MODIFIED},
    {"ListBucketResult", "IsTruncated", TRUNCATED},
    {"ListBucketResult", "KeyCount", COUNT},
    {"ListBucketResult", "NextContinuationToken", TOKEN},
    {"ListBucketResult", "EncodingType", ENCODING},
};

struct s3_page_parser {
    XML_Parser xml;
    struct s3_page *page;
    const char *wrong; /* static */
    unsigned depth;
    bool in_contents;
    enum element element;
    struct buffer text; /* of the element */
    struct s3_object object;
    struct buffer etag; /* of the object */
    bool has_size, has_modified, has_truncated, has_count, truncated, encoded;
    uint64_t count;
    size_t capacity; /* of page->objects */
};

static void fail(struct s3_page_parser *parser, const char *wrong)
{
    if (!parser->wrong)
        parser->wrong = wrong;
    XML_StopParser(parser->xml, XML_FALSE);
}

static void start_element(void *user, const XML_Char *name, const XML_Char **attributes)
{
    (void)attributes;
    struct s3_page_parser *parser = user;
    parser->depth++;
    parser->element = OTHER;
    buffer_clear(&parser->text);
    if (parser->depth == 1 && strcmp(name, "ListBucketResult")) {
        fail(parser, "the answer is not a bucket's listing; is it an S3 store?");
    } else if (parser->depth == 2 && !strcmp(name, "Contents")) {
        parser->in_contents = true;
        parser->has_size = parser->has_modified = false;
        buffer_clear(&parser->etag);
    } else if (parser->depth == 2 || (parser->depth == 3 && parser->in_contents)) {
        const char *parent = parser->depth == 3 ? "Contents" : "ListBucketResult";
        for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
            if (!strcmp(elements[i].parent, parent) && !strcmp(elements[i].name, name))
                parser->element = elements[i].element;
    }
}

static void add_text(void *user, const XML_Char *text, int size)
{
    struct s3_page_parser *parser = user;
    if (parser->element != OTHER && !buffer_add(&parser->text, text, (size_t)size))
        fail(parser, "out of memory");
}

static bool read_number(uint64_t *number, const char *text)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && !errno;
}

/* "2009-10-12T17:50:30.000Z" in seconds UTC. */
static bool read_time(int64_t *seconds, const char *text)
{
    struct tm tm = {0};
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!end || (*end != '.' && *end != 'Z'))
        return false;
    *seconds = timegm(&tm);
    return true;
}

/* Puts the ETag behind the object's key. */
static bool keep_etag(struct s3_page_parser *parser)
{
    const char *etag = parser->etag.data ? parser->etag.data : "";
    size_t key_size = strlen(parser->object.key) + 1, size = parser->etag.size;
    if (size >= 2 && *etag == '"' && etag[size - 1] == '"') {
        etag++;
        size -= 2;
    }
    char *both = realloc(parser->object.key, key_size + size + 1);
    if (!both)
        return false;
    memcpy(both + key_size, etag, size);
    both[key_size + size] = '\0';
    parser->object.key = both;
    parser->object.etag = both + key_size;
    return true;
}

static void finish_object(struct s3_page_parser *parser)
{
    struct s3_page *page = parser->page;
    parser->in_contents = false;
    if (!parser->object.key || !parser->has_size || !parser->has_modified) {
        fail(parser, "an object in the listing lacks its key, size or time");
        return;
    }
    if (!keep_etag(parser)) {
        fail(parser, "out of memory");
        return;
    }
    if (page->count == parser->capacity) {
        size_t capacity = parser->capacity ? 2 * parser->capacity : 1024;
        struct s3_object *objects = realloc(page->objects, capacity * sizeof *objects);
        if (!objects) {
            fail(parser, "out of memory");
            return;
        }
        page->objects = objects;
        parser->capacity = capacity;
    }
    page->objects[page->count++] = parser->object;
    parser->object = (struct s3_object){0};
}

static void finish_value(struct s3_page_parser *parser, enum element element, const char *text)
{
    char **copy = element == KEY ? &parser->object.key : &parser->page->next;
    switch (element) {
    case KEY:
    case TOKEN:
        free(*copy);
        *copy = strdup(text);
        if (!*copy)
            fail(parser, "out of memory");
        break;
    case ETAG:
        buffer_clear(&parser->etag);
        if (!buffer_add_text(&parser->etag, text))
            fail(parser, "out of memory");
        break;
    case SIZE:
        parser->has_size = read_number(&parser->object.size, text);
        break;
    case MODIFIED:
        parser->has_modified = read_time(&parser->object.modified, text);
        break;
    case TRUNCATED:
        parser->truncated = !strcmp(text, "true");
        parser->has_truncated = parser->truncated || !strcmp(text, "false");
        break;
    case COUNT:
        parser->has_count = read_number(&parser->count, text);
        break;
    case ENCODING:
        parser->encoded = !strcmp(text, "url");
        break;
    case OTHER:
        break;
    }
}

static void end_element(void *user, const XML_Char *name)
{
    (void)name;
    struct s3_page_parser *parser = user;
    if (parser->element != OTHER)
        finish_value(parser, parser->element, parser->text.data ? parser->text.data : "");
    else if (parser->depth == 2 && parser->in_contents)
        finish_object(parser);
    parser->element = OTHER;
    buffer_clear(&parser->text);
    parser->depth--;
}

static void free_parser(struct s3_page *page)
{
    if (!page->parser)
        return;
    XML_ParserFree(page->parser->xml);
    buffer_free(&page->parser->text);
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

bool s3_page_begin(struct s3_page *page)
{
    s3_page_free(page);
    page->parser = calloc(1, sizeof *page->parser);
    if (!page->parser)
        return false;
    page->parser->page = page;
    page->parser->xml = XML_ParserCreate(NULL);
    if (!page->parser->xml)
        return false;
    XML_SetUserData(page->parser->xml, page->parser);
    XML_SetElementHandler(page->parser->xml, start_element, end_element);
    XML_SetCharacterDataHandler(page->parser->xml, add_text);
    return true;
}

static const char *parse(struct s3_page_parser *parser, const void *data, size_t size, bool last)
{
    if (XML_Parse(parser->xml, data, (int)size, last) == XML_STATUS_OK)
        return NULL;
    if (parser->wrong)
        return parser->wrong;
    return last ? "the listing is cut short" : "the listing is damaged: no well-formed XML";
}

const char *s3_page_add(struct s3_page *page, const void *data, size_t size)
{
    return parse(page->parser, data, size, false);
}

const char *s3_page_end(struct s3_page *page)
{
    struct s3_page_parser *parser = page->parser;
    const char *wrong = parse(parser, "", 0, true);
    if (!wrong && (!parser->has_truncated || (parser->truncated && !page->next)))
        wrong = "the listing does not say whether it goes on";
    if (!wrong && parser->has_count && parser->count != page->count)
        wrong = "the listing has another number of objects than it says";
    if (!wrong && !parser->truncated) {
        free(page->next);
        page->next = NULL;
    }
    for (size_t i = 0; !wrong && parser->encoded && i < page->count; i++)
        if (s3_uri_decode(page->objects[i].key) < 0)
            wrong = "the listing has a key with a broken escape";
    free_parser(page);
    return wrong;
}
