#include "http/header.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

bool http_header_is_status(const char *line, size_t size)
{
    return size >= 5 && !memcmp(line, "HTTP/", 5);
}

bool http_header_split(struct http_header *header, const char *line, size_t size)
{
    size_t length = size < sizeof header->text ? size : sizeof header->text - 1;
    memcpy(header->text, line, length);
    while (length && strchr("\r\n \t", header->text[length - 1]))
        length--;
    header->text[length] = '\0';
    char *value = strchr(header->text, ':');
    if (!value)
        return false;
    *value++ = '\0';
    header->name = header->text;
    header->value = value + strspn(value, " \t");
    return true;
}

void http_header_read(const struct http_header *header, struct http_response *response)
{
    const char *name = header->name, *value = header->value;
    if (!strcasecmp(name, "Date"))
        snprintf(response->date, sizeof response->date, "%s", value);
    else if (!strcasecmp(name, "Retry-After") && *value >= '0' && *value <= '9')
        response->retry_after = strtol(value, NULL, 10);
    else if (!strcasecmp(name, "Retry-After") && curl_getdate(value, NULL) >= 0)
        response->retry_after = (long)(curl_getdate(value, NULL) - time(NULL));
}

int64_t http_header_date(const char *text)
{
    return curl_getdate(text, NULL);
}
