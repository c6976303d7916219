#include "s3/copy_result.h"

#include <string.h>

#include "s3/etag.h"
#include "text/xml.h"

static void end_element(void *user, const char *path, const char *text)
{
    struct buffer *tag = user;
    size_t size;
    if (strcmp(path, "CopyObjectResult/ETag") != 0 || !text)
        return;
    const char *found = s3_etag_find(text, &size);
    buffer_clear(tag);
    buffer_add(tag, found, size);
}

bool s3_copy_result_read(const struct buffer *response, struct buffer *tag)
{
    static const struct xml_handler handler = {.end = end_element};
    static const char name[] = "<CopyObjectResult";
    buffer_clear(tag);
    if (!response->size || !memmem(response->data, response->size, name, sizeof name - 1))
        return false;
    struct xml *xml = xml_new(&handler, tag);
    xml_add(xml, response->data, response->size, true);
    xml_free(xml);
    return true;
}
