#include "config/trusted_proxies.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"

static const char separators[] = ", \t";

/* Reads a network from SIZE bytes.  Returns false for any other text. */
static bool read_network(struct network *network, const char *s, size_t size)
{
    char text[ADDRESS_TEXT_SIZE + sizeof "/128"], *slash;
    if (size >= sizeof text)
        return false;
    memcpy(text, s, size);
    text[size] = '\0';
    slash = strchr(text, '/');
    if (slash)
        *slash++ = '\0';
    if (!address_parse(&network->address, text))
        return false;
    unsigned most = 8 * (network->address.is_v4 ? ADDRESS_V4_BYTES : ADDRESS_BYTES);
    network->bits = most;
    if (!slash)
        return true;
    /* An IPv4 network in the form of IPv6, such as ::ffff:192.0.2.0/120, is an error. */
    size_t digits = strspn(slash, "0123456789");
    if (!digits || slash[digits] || digits > 3 || (network->address.is_v4 && strchr(text, ':')))
        return false;
    network->bits = (unsigned)strtoul(slash, NULL, 10);
    return network->bits <= most;
}

const char *trusted_proxies_read(struct network **networks, size_t *count, const char *text)
{
    struct network *list = NULL;
    size_t used = 0, capacity = 0;
    for (text += strspn(text, separators); *text; text += strspn(text, separators)) {
        size_t size = strcspn(text, separators);
        list = array_grow(list, used, &capacity, sizeof *list);
        if (!read_network(&list[used++], text, size)) {
            free(list);
            return "must be networks such as 192.0.2.0/24 or 2001:db8::/32, with spaces between";
        }
        text += size;
    }
    if (!used)
        return "must not be empty";
    free(*networks);
    *networks = list;
    *count = used;
    return NULL;
}
