#include "text/url.h"

#include <string.h>

bool url_add_shown(struct buffer *out, const char *url)
{
    const char *at = strrchr(url, '@'), *scheme = strstr(url, "://");
    if (!at)
        return buffer_add_text(out, url);
    if (scheme && scheme < at)
        buffer_add(out, url, (size_t)(scheme + 3 - url));
    return buffer_printf(out, "***%s", at);
}
