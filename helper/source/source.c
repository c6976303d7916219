#include "source/source.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

int source_open(struct source *source, const char *uri, const struct site *site, unsigned transfers)
{
    *source = (struct source){0};
    if (!strncasecmp(uri, "s3://", 5))
        return source_open_bucket(source, uri, site, transfers);
    if (!strcmp(uri, "-"))
        return source_open_stdin(source);
    return source_open_path(source, uri);
}

int source_next(struct source *source, struct body *body)
{
    return source->kind->next(source, body);
}

void body_release(struct body *body)
{
    free(body->data);
    if (body->fd >= 0)
        close(body->fd);
    *body = (struct body){.fd = -1};
}

void source_close(struct source *source)
{
    if (source->kind)
        source->kind->close(source);
    *source = (struct source){0};
}
