#include "text/url.h"

#include <string.h>

void url_add_shown(struct buffer *out, const char *url)
{
    const char *at = strrchr(url, '@'), *scheme = strstr(url, "://");
    const char *shown = at ? at : url;
    size_t size = scheme ? strcspn(shown, "?#") : strlen(shown);
    if (at && scheme && scheme < at)
        buffer_add(out, url, (size_t)(scheme + 3 - url));
    if (at)
        buffer_add_text(out, "***");
    buffer_add(out, shown, size);
    if (shown[size])
        buffer_printf(out, "%c***", shown[size]);
}
