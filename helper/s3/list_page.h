/* One page of a bucket's object list: the response to ListObjectsV2 with encoding-type=url.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
#ifndef S3_LIST_PAGE_H
#define S3_LIST_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    S3_KEY_MAX = 1024,              /* bytes of a key, by the documentation of S3 */
    S3_PAGE_OBJECTS_MAX = 1000,     /* objects of a page; with keys and ETags, 2 MB of memory */
    S3_PAGE_MAX = 16 * 1024 * 1024, /* bytes of a document; the longest keys, encoded, take 4 MB */
};

struct s3_object {
    char *key;        /* owned (malloc), decoded */
    const char *etag; /* as s3_outcome.etag (s3/request.h); freed with the key */
    uint64_t size;
    int64_t modified; /* seconds UTC */
    bool has_nul;     /* KEY ends where the object's key has a NUL byte: no request can name it */
};

struct s3_page {
    struct s3_object *objects; /* owned, as are their keys */
    size_t count;
    /* The token that asks for the next page; owned.  "": the server gave none, so the last key asks
     * for the next page.  NULL: this is the last page. */
    char *next;
    bool is_unusable;  /* after an error: another try would bring such a page again */
    bool breaks_rules; /* after an error: the page came whole, and breaks the rules of S3 */
    struct s3_page_parser *parser;
};

/* Empties the page and makes it ready for a document. */
void s3_page_begin(struct s3_page *page);

/* Takes the next bytes of the document.  Returns NULL, or an error (static). */
const char *s3_page_add(struct s3_page *page, const void *data, size_t size);

/* Ends the document.  Returns NULL if it is a complete and consistent page, else an error
 * (static). */
const char *s3_page_end(struct s3_page *page);

void s3_page_free(struct s3_page *page);

#endif
