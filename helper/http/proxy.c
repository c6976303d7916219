#include "http/proxy.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HOST_SIZE = 256, ADDRESS_SIZE = 16 };

/* Returns the first of the variables that is set and not empty, or NULL. */
static const char *find_variable(const char *const *names)
{
    for (; *names; names++) {
        const char *value = getenv(*names);
        if (value && *value)
            return *names;
    }
    return NULL;
}

/* Copies the host of ORIGIN: without port, brackets of IPv6, and a dot at the end. */
static void copy_host(char host[HOST_SIZE], const char *origin)
{
    const char *begin = strstr(origin, "://");
    begin = begin ? begin + strlen("://") : origin;
    bool is_ipv6 = *begin == '[';
    begin += is_ipv6;
    int size = (int)strcspn(begin, is_ipv6 ? "]" : ":/");
    size -= size && begin[size - 1] == '.';
    snprintf(host, HOST_SIZE, "%.*s", size, begin);
}

/* Returns whether an address is in NETWORK: an address, with or without "/BITS".  libcurl 7.88
 * takes the proxy for an IPv6 network all the same; then no proxy is named. */
static bool is_in_network(int family, const unsigned char *address, const char *network)
{
    unsigned char other[ADDRESS_SIZE];
    char text[HOST_SIZE];
    unsigned bits = family == AF_INET ? 32 : 128;
    size_t size = strcspn(network, "/");
    if (network[size]) {
        unsigned long given = strtoul(network + size + 1, NULL, 10);
        if (given > bits)
            return false;
        bits = given ? (unsigned)given : bits; /* to libcurl, "/0" is as if it were not there */
    }
    snprintf(text, sizeof text, "%.*s", (int)size, network);
    if (inet_pton(family, text, other) != 1 || memcmp(address, other, bits / 8) != 0)
        return false;
    unsigned mask = 0xffu << (8 - bits % 8) & 0xff;
    return !(bits % 8) || !((address[bits / 8] ^ other[bits / 8]) & mask);
}

/* Returns whether NAME is DOMAIN, or below it. */
static bool is_in_domain(const char *name, const char *domain)
{
    size_t name_size = strlen(name), size = strlen(domain);
    size -= size && domain[size - 1] == '.';
    if (size && *domain == '.') {
        domain++;
        size--;
    }
    return size && size <= name_size && !strncasecmp(name + name_size - size, domain, size) &&
           (size == name_size || name[name_size - size - 1] == '.');
}

/* Returns whether LIST, the value of no_proxy, has the host in it. */
static bool is_listed(const char *host, const char *list)
{
    static const char between[] = ", \t";
    unsigned char address[ADDRESS_SIZE];
    int family = inet_pton(AF_INET, host, address) == 1    ? AF_INET
                 : inet_pton(AF_INET6, host, address) == 1 ? AF_INET6
                                                           : AF_UNSPEC;
    if (!strcmp(list, "*"))
        return true;
    for (list += strspn(list, between); *list; list += strspn(list, between)) {
        char entry[HOST_SIZE];
        size_t size = strcspn(list, between);
        snprintf(entry, sizeof entry, "%.*s", (int)size, list);
        if (family == AF_UNSPEC ? is_in_domain(host, entry) : is_in_network(family, address, entry))
            return true;
        list += size;
    }
    return false;
}

const char *proxy_variable(const char *origin)
{
    static const char *const of_https[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                                           NULL};
    static const char *const of_http[] = {"http_proxy", "all_proxy", "ALL_PROXY", NULL};
    static const char *const none[] = {"no_proxy", "NO_PROXY", NULL};
    char host[HOST_SIZE];
    const char *variable = find_variable(none), *list = variable ? getenv(variable) : NULL;
    copy_host(host, origin);
    if (list && is_listed(host, list))
        return NULL;
    return find_variable(!strncmp(origin, "https:", strlen("https:")) ? of_https : of_http);
}

void proxy_explain_refusal(struct buffer *out, const char *origin)
{
    const char *variable = proxy_variable(origin);
    buffer_printf(
        out,
        "the proxy asks for a user and a password (407 Proxy Authentication Required); write "
        "them into %s, as in http://USER:PASSWORD@HOST:PORT",
        variable ? variable : "the environment variable that names the proxy");
}
