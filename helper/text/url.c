#include "text/url.h"

#include <string.h>

void url_add_shown(struct buffer *out, const char *url)
{
    const char *at = strrchr(url, '@'), *scheme = strstr(url, "://");
    if (!at) {
        buffer_add_text(out, url);
        return;
    }
    if (scheme && scheme < at)
        buffer_add(out, url, (size_t)(scheme + 3 - url));
    buffer_printf(out, "***%s", at);
}
