/* Pages of a listing, whole and damaged, given in pieces of every size. */
#include "s3/list_page.h"

#include "tap.h"
#include "text/buffer.h"

#define BEGIN                                                                                      \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult "                                 \
    "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>logs</Name>"
#define END "</ListBucketResult>"
#define OBJECT(key, size)                                                                          \
    "<Contents><Key>" key "</Key><LastModified>2024-02-29T23:59:58.123Z</LastModified>"            \
    "<ETag>&quot;0&quot;</ETag><Size>" size "</Size><Owner><Key>owner</Key></Owner></Contents>"

static const char *read_page(struct s3_page *page, const char *document, size_t piece)
{
    size_t size = strlen(document);
    s3_page_begin(page);
    for (size_t at = 0; at < size; at += piece) {
        const char *wrong = s3_page_add(page, document + at, piece < size - at ? piece : size - at);
        if (wrong)
            return wrong;
    }
    return s3_page_end(page);
}

static void is_refused(const char *document, const char *name)
{
    struct s3_page page = {0};
    const char *wrong = read_page(&page, document, 4096);
    ok(wrong != NULL, "%s: %s", name, wrong ? wrong : "taken");
    s3_page_free(&page);
}

int main(void)
{
    static const char whole[] = BEGIN
        "<EncodingType>url</EncodingType><KeyCount>3</KeyCount>"
        "<IsTruncated>true</IsTruncated>" OBJECT("cdn/a+b%2Bc%25%26.gz", "0")
            OBJECT("cdn/%C3%BC%3C.gz", "18446744073709551614") OBJECT(
                "cdn/z/", "5") "<CommonPrefixes><Prefix>x/</Prefix></CommonPrefixes>"
                               "<NextContinuationToken>1a&amp;b/=</NextContinuationToken>" END;
    for (size_t piece = 1; piece < 5; piece++) {
        struct s3_page page = {0};
        const char *wrong = read_page(&page, whole, piece == 4 ? sizeof whole : piece);
        if (!ok(!wrong, "a whole page: %s", wrong ? wrong : "taken"))
            continue;
        if (ok(page.count == 3, "objects: %zu", page.count)) {
            is_text(page.objects[0].key, strlen(page.objects[0].key), "cdn/a b+c%&.gz", "a key");
            is_text(page.objects[1].key, strlen(page.objects[1].key), "cdn/\xc3\xbc<.gz", "a key");
            ok(page.objects[0].size == 0, "no bytes");
            ok(page.objects[1].size == UINT64_MAX - 1, "many bytes");
            ok(page.objects[0].modified == 1709251198, "the time");
        }
        is_text(page.next, strlen(page.next), "1a&b/=", "the token");
        s3_page_free(&page);
    }

    /* Every cut is noticed. */
    size_t taken = 0;
    for (size_t size = 0; size < sizeof whole - 1; size++) {
        char part[sizeof whole];
        struct s3_page page = {0};
        memcpy(part, whole, size);
        part[size] = '\0';
        taken += read_page(&page, part, 100) == NULL;
        s3_page_free(&page);
    }
    ok(taken == 0, "cut pages that were taken: %zu", taken);

    struct s3_page page = {0};
    const char *wrong = read_page(&page,
                                  BEGIN "<IsTruncated>false</IsTruncated><NextContinuationToken>x"
                                        "</NextContinuationToken>" OBJECT("a+%41", "1") END,
                                  4096);
    ok(!wrong && !page.next, "the last page has no next");
    if (page.count == 1)
        is_text(page.objects[0].key, strlen(page.objects[0].key), "a+%41",
                "keys are as they are when the store does not encode them");
    s3_page_free(&page);

    wrong = read_page(
        &page,
        BEGIN "<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>" OBJECT("a%00b", "1")
            OBJECT("a%2500", "1") END,
        4096);
    ok(!wrong && page.count == 2 && page.objects[0].has_nul && !page.objects[1].has_nul,
       "a key with a NUL, and one without");
    if (page.count == 2) {
        is_text(page.objects[0].key, strlen(page.objects[0].key), "a", "up to the NUL");
        is_text(page.objects[1].key, strlen(page.objects[1].key), "a%00", "an encoded %");
    }
    s3_page_free(&page);
    is_refused(BEGIN "<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>" OBJECT(
                   "a%00b", "1") END,
               "a NUL in the key that names the next page");

    is_refused(BEGIN END, "no IsTruncated");
    is_refused(BEGIN "<IsTruncated>true</IsTruncated>" END,
               "truncated, without a token or an object");
    is_refused(BEGIN "<IsTruncated>false</IsTruncated><KeyCount>2</KeyCount>" OBJECT("a", "1") END,
               "fewer objects than KeyCount");
    is_refused(BEGIN "<IsTruncated>false</IsTruncated>" OBJECT("a", "x") END,
               "a size that is none");
    is_refused(BEGIN "<IsTruncated>false</IsTruncated><Contents><Key>a</Key></Contents>" END,
               "no size");
    is_refused(BEGIN
               "<EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>" OBJECT("a%0", "1")
                   END,
               "a broken escape");
    is_refused("<html><body>hello</body></html>", "another document");
    is_refused("hello", "no XML");
    is_refused("", "nothing");
    is_refused(
        "<!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
        "]><x>&b;</x>",
        "entities");
    char key[S3_KEY_MAX + 2];
    memset(key, 'k', sizeof key - 1);
    key[sizeof key - 1] = '\0';
    for (size_t size = S3_KEY_MAX; size <= S3_KEY_MAX + 1; size++) {
        struct buffer document = {0};
        buffer_printf(&document, BEGIN "<IsTruncated>false</IsTruncated>" OBJECT("%.*s", "1") END,
                      (int)size, key);
        wrong = read_page(&page, document.data, 4096);
        ok(!wrong == (size == S3_KEY_MAX) && page.is_unusable == (size > S3_KEY_MAX),
           "a key of %zu bytes: %s", size, wrong ? wrong : "taken");
        s3_page_free(&page);
        buffer_free(&document);
    }
    s3_page_begin(&page);
    size_t sent = 0;
    const char *piece = BEGIN;
    while (!(wrong = s3_page_add(&page, piece, strlen(piece)))) {
        sent += strlen(piece);
        piece = "<CommonPrefixes><Prefix>a</Prefix></CommonPrefixes>";
    }
    ok(sent <= S3_PAGE_MAX && sent > S3_PAGE_MAX - 1000 && page.is_unusable,
       "a page without an end, after %zu bytes: %s", sent, wrong);
    s3_page_free(&page);

    struct buffer document = {0};
    for (size_t count = S3_PAGE_OBJECTS_MAX; count <= S3_PAGE_OBJECTS_MAX + 1; count++) {
        buffer_clear(&document);
        buffer_add_text(&document, BEGIN "<IsTruncated>false</IsTruncated>");
        for (size_t i = 0; i < count; i++)
            buffer_add_text(&document, OBJECT("a", "1"));
        buffer_add_text(&document, END);
        wrong = read_page(&page, document.data, 4096);
        ok(!wrong == (count == S3_PAGE_OBJECTS_MAX) && page.is_unusable == !!wrong,
           "a page of %zu objects: %s", count, wrong ? wrong : "taken");
        s3_page_free(&page);
    }
    buffer_free(&document);
    return done_testing();
}
