#include "s3/endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "aws/partition.h"
#include "s3/uri.h"
#include "text/buffer.h"

/* Whether the bucket's name can be the first part of a host's name, which a wildcard certificate
 * covers. */
static bool fits_host(const char *bucket)
{
    size_t size = strlen(bucket);
    return size <= 63 && strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-") == size &&
           bucket[0] != '-' && bucket[size - 1] != '-';
}

bool s3_endpoint_is_region(const char *text)
{
    size_t size = strlen(text);
    return size > 0 && size < 64 &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == size;
}

static bool has_default_port(const char *host, bool https)
{
    const char *port = strrchr(host, ':');
    return port && !strcmp(port, https ? ":443" : ":80");
}

const char *s3_endpoint_make(struct s3_endpoint *endpoint, const char *url, const char *bucket,
                             const char *region)
{
    struct buffer origin = {0}, host = {0}, path = {0};
    const char *error = NULL;
    if (url) {
        bool https = !strncmp(url, "https://", 8);
        if (!https && strncmp(url, "http://", 7)) {
            error = "must begin with https:// or http://";
            goto out;
        }
        const char *name = url + (https ? 8 : 7);
        size_t size = strcspn(name, "/?#");
        const char *behind = name + size + strspn(name + size, "/");
        if (!size || *behind || memchr(name, '@', size) || memchr(name, ' ', size)) {
            error =
                "must be a scheme, a host and perhaps a port, as in https://s3.example.com:9000";
            goto out;
        }
        buffer_add(&origin, url, (size_t)(name - url) + size);
        buffer_add(&host, name, size);
        if (has_default_port(host.data, https))
            *strrchr(host.data, ':') = '\0';
    } else {
        if (fits_host(bucket))
            buffer_printf(&host, "%s.", bucket);
        buffer_printf(&host, "s3.%s.%s", region, partition_of_region(region)->domain);
        buffer_printf(&origin, "https://%s", host.data);
    }
    buffer_add_text(&path, "");
    if (url || !fits_host(bucket)) {
        buffer_add_text(&path, "/");
        s3_uri_encode(&path, bucket, false);
    }
out:
    if (error) {
        buffer_free(&origin);
        buffer_free(&host);
        buffer_free(&path);
    }
    *endpoint = (struct s3_endpoint){origin.data, host.data, path.data};
    return error;
}

void s3_endpoint_free(struct s3_endpoint *endpoint)
{
    free(endpoint->origin);
    free(endpoint->host);
    free(endpoint->path);
    *endpoint = (struct s3_endpoint){0};
}
