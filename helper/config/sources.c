#include "config/sources.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"
#include "s3/uri.h"

bool sources_are_several(const char *sources)
{
    return *sources == '\n';
}

char *sources_add(char *sources, const char *source)
{
    struct buffer text = {0};
    if (sources)
        buffer_printf(&text, "%s%s\n", sources_are_several(sources) ? "" : "\n", sources);
    size_t start = text.size;
    buffer_add_text(&text, source);
    s3_uri_lower_scheme(text.data + start);
    free(sources);
    return text.data;
}

const char *sources_next(const char *sources, struct buffer *one)
{
    if (!*sources)
        return NULL;
    bool is_list = sources_are_several(sources);
    const char *source = sources + is_list;
    size_t size = is_list ? strcspn(source, "\n") : strlen(source);
    buffer_clear(one);
    buffer_add(one, source, size);
    return source + size;
}

char *sources_show(const char *sources)
{
    struct buffer text = {0}, one = {0};
    buffer_add_text(&text, "");
    while ((sources = sources_next(sources, &one)))
        buffer_printf(&text, "%s%s", !text.size ? "" : *sources ? ", " : " and ", one.data);
    buffer_free(&one);
    return text.data;
}

char *sources_target(const char *source, const char *target)
{
    struct buffer text = {0};
    bool has_slash = target[strlen(target) - 1] == '/';
    buffer_add_text(&text, target);
    if (!s3_uri_is(source)) {
        buffer_add_text(&text, source + (has_slash && *source == '/'));
        return text.data;
    }
    const char *bucket = source + strlen("s3://"), *prefix = s3_uri_prefix(source);
    const char *slash = strrchr(prefix, '/');
    if (!has_slash)
        buffer_add_text(&text, "/");
    buffer_add(&text, bucket, (size_t)(prefix - bucket));
    if (prefix[-1] != '/')
        buffer_add_text(&text, "/");
    if (slash)
        buffer_add(&text, prefix, (size_t)(slash + 1 - prefix));
    return text.data;
}
