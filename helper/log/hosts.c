#include "log/hosts.h"

#include <stdio.h>
#include <string.h>

#include "log/decode.h"
#include "text/pattern_list.h"

static void count(struct hosts_left_out *left_out, const char *host)
{
    if (!left_out->records++)
        snprintf(left_out->first, sizeof left_out->first, "%.*s", HOSTS_NAME_SIZE - 1, host);
}

bool hosts_take(struct hosts *hosts, const char *patterns, struct field host, const char *lacking)
{
    char name[256]; /* a longer name is no host's */
    size_t size = host.size < sizeof name ? host.size : 0;
    memcpy(name, host.text, size);
    name[size] = '\0';
    if (pattern_list_fits(patterns, name))
        return true;
    count(&hosts->left_out, name);
    if (lacking) {
        count(&hosts->lacking, name);
        hosts->column = hosts->lacking.records == 1 ? lacking : hosts->column;
    }
    return false;
}

bool hosts_take_event(struct hosts *hosts, const char *patterns, const struct event *event)
{
    const struct field *url = &event->text[EVENT_URL];
    const char *end = url->text + url->size, *host = memmem(url->text, url->size, "://", 3);
    char name[3 * 256];
    host = host ? host + 3 : url->text;
    const char *slash = memchr(host, '/', (size_t)(end - host));
    size_t size = (size_t)((slash ? slash : end) - host);
    struct field found = {"-", 1};
    if (size && size <= sizeof name / 3)
        found = (struct field){name, decode_host(host, size, name)};
    return hosts_take(hosts, patterns, found, NULL);
}
