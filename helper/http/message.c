#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "http/pool.h"
#include "memory/allocate.h"

void http_add_header(struct http_message *message, const char *name, const char *value)
{
    struct buffer *headers = &message->headers;
    headers->is_secret = true; /* a token or a signature */
    buffer_add_text(headers, name);
    buffer_add_text(headers, ": ");
    buffer_add(headers, value, strlen(value) + sizeof "");
    message->header_count++;
}

struct curl_slist *http_list_headers(struct http_message *message)
{
    if (!message->header_count)
        return NULL;
    char *line = message->headers.data;
    struct curl_slist *list =
        memory_resize(message->list, message->header_count, sizeof *message->list);
    for (size_t i = 0; i < message->header_count; i++) {
        list[i] = (struct curl_slist){.data = line, .next = &list[i + 1]};
        line += strlen(line) + sizeof "";
    }
    list[message->header_count - 1].next = NULL;
    message->list = list;
    return list;
}

void http_clear_message(struct http_message *message)
{
    struct http_message kept = {
        .url = message->url, .headers = message->headers, .list = message->list};
    buffer_clear(&kept.url);
    buffer_clear(&kept.headers);
    *message = kept;
}

void http_free_message(struct http_message *message)
{
    buffer_free(&message->url);
    buffer_free(&message->headers);
    free(message->list);
    *message = (struct http_message){.method = HTTP_GET};
}
