#include <curl/curl.h>

#include "http/pool.h"
#include "memory/allocate.h"

void http_add_header(struct http_message *message, const char *name, const char *value)
{
    struct buffer *line = &message->line;
    buffer_clear(line);
    buffer_add_text(line, name);
    buffer_add_text(line, ": ");
    buffer_add_text(line, value);
    struct curl_slist *longer = curl_slist_append(message->headers, line->data);
    if (!longer)
        memory_exhausted();
    message->headers = longer;
}

void http_clear_message(struct http_message *message)
{
    struct buffer url = message->url, line = message->line;
    curl_slist_free_all(message->headers);
    buffer_clear(&url);
    *message = (struct http_message){.url = url, .line = line};
}
