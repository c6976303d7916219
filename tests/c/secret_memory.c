/* Secrets do not stay behind in freed memory: in buffers that grew, documents, headers and signatures. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "aws/sigv4.h"
#include "http/pool.h"
#include "text/buffer.h"
#include "text/document.h"
#include "text/xml.h"

#include "tap.h"

/* The secret is a run of these bytes, which stands in memory only while a test uses it. */
enum { SECRET_SIZE = 40, MASK = 0x15 };
static const char masked[] = "XxgvagaXxgvaga";

static void make_secret(char secret[SECRET_SIZE + 1])
{
    for (size_t i = 0; i < SECRET_SIZE; i++)
        secret[i] = (char)(masked[i % (sizeof masked - 1)] ^ MASK);
    secret[SECRET_SIZE] = '\0';
}

static bool is_here(const char *at)
{
    for (size_t i = 0; i < SECRET_SIZE; i++)
        if (at[i] != (char)(masked[i % (sizeof masked - 1)] ^ MASK))
            return false;
    return true;
}

/* Returns how often the heap has the secret, also in freed blocks; -1 when that cannot be found out.  Uses no memory
 * of the heap, which could be that of freed blocks. */
static int count_in_heap(void)
{
#ifdef __SANITIZE_ADDRESS__
    return -1; /* the sanitizer has a heap of its own, and forbids freed blocks */
#endif
    static char maps[64 * 1024];
    uintptr_t begin, end;
    int count = 0, fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 ? read(fd, maps, sizeof maps - 1) : 0;
    close(fd);
    maps[size > 0 ? size : 0] = '\0';
    char *heap = strstr(maps, "[heap]");
    while (heap && heap > maps && heap[-1] != '\n')
        heap--;
    if (!heap || sscanf(heap, "%" SCNxPTR "-%" SCNxPTR, &begin, &end) != 2)
        return -1;
    for (const char *at = (const char *)begin; at + SECRET_SIZE <= (const char *)end; at++)
        count += is_here(at);
    return count;
}

static void check(const char *name)
{
    int count = count_in_heap();
    if (count < 0)
        ok(true, "%s # SKIP the heap cannot be read", name);
    else
        ok(!count, "%s: %d in the heap", name, count);
}

/* Adds the secret behind many bytes, and then so many more that the buffer must move. */
static void fill(struct buffer *buffer)
{
    char secret[SECRET_SIZE + 1];
    make_secret(secret);
    for (size_t i = 0; i < 20; i++)
        buffer_add_text(buffer, "0123456789");
    buffer_add_text(buffer, secret);
    explicit_bzero(secret, sizeof secret);
    for (size_t i = 0; i < 500; i++)
        buffer_add_text(buffer, "0123456789");
}

static void try_buffer(void)
{
    struct buffer secret = {.is_secret = true};
    fill(&secret);
    ok(secret.size == 200 + SECRET_SIZE + 5000, "a secret buffer has all bytes");
    buffer_free(&secret);
    ok(secret.is_secret && !secret.data, "it is empty, and stays secret");
    check("a buffer");
}

/* The last test, since the bytes stay. */
static void try_plain_buffer(void)
{
    struct buffer plain = {0};
    fill(&plain);
    buffer_free(&plain);
    ok(count_in_heap(), "a plain buffer leaves the bytes behind, so this test can see them");
}

static void end(void *user, const char *path, const char *text)
{
    (void)path, (void)text;
    ++*(int *)user;
}

static void try_xml(void)
{
    static const struct xml_handler handler = {.end = end};
    int ended = 0;
    char secret[SECRET_SIZE + 1];
    struct xml *xml = xml_new(&handler, &ended);
    xml_add(xml, "<R><Key>", 8, false);
    for (size_t i = 0; i < 300; i++)
        xml_add(xml, "0123456789", 10, false);
    make_secret(secret);
    xml_add(xml, secret, SECRET_SIZE, false);
    explicit_bzero(secret, sizeof secret);
    for (size_t i = 0; i < 3000; i++)
        xml_add(xml, "0123456789", 10, false);
    ok(xml_add(xml, "</Key></R>", 10, true) && ended == 2, "a document is read");
    xml_free(xml);
    check("XML");
}

static void try_json(void)
{
    struct buffer text = {.is_secret = true};
    buffer_add_text(&text, "{\"token\":\"");
    fill(&text);
    buffer_add_text(&text, "\"}");
    struct document *document = document_parse(text.data, text.size);
    buffer_free(&text);
    char *printed = document_print(document);
    ok(strlen(printed) == strlen(document_text(document, NULL, "token")) + 12, "JSON is read");
    document_free_text(printed);
    document_free(document);
    check("JSON");
}

static void try_request(void)
{
    struct buffer token = {.is_secret = true}, authorization = {.is_secret = true};
    struct http_message message = {.method = HTTP_GET};
    struct sigv4_key key = {0};
    fill(&token);
    http_add_header(&message, "x-amz-date", "20261129T000000Z");
    http_add_header(&message, "x-amz-security-token", token.data);
    http_add_header(&message, "x-amz-more", token.data);
    http_free_message(&message);
    const struct sigv4_header headers[] = {{"host", "logs.example.com"},
                                           {"x-amz-security-token", token.data}};
    const struct sigv4_request request = {.method = "GET",
                                          .path = "/",
                                          .query = "",
                                          .headers = headers,
                                          .header_count = 2,
                                          .time = "20261129T000000Z",
                                          .payload_hash = SIGV4_EMPTY_SHA256};
    bool done = sigv4_key_derive(&key, token.data, "20261129T000000Z", "eu-west-1", "s3") &&
                sigv4_sign(&authorization, &request, "AKIDEXAMPLE", &key);
    ok(done, "a request is signed");
    sigv4_key_clear(&key);
    buffer_free(&authorization);
    buffer_free(&token);
    check("a request");
}

int main(void)
{
    try_buffer();
    try_xml();
    try_json();
    try_request();
    try_plain_buffer();
    return done_testing();
}
