#include "log/client.h"

#include <string.h>
#include <strings.h>

#include "log/decode.h"
#include "normalized/ascii.h"
#include "normalized/columns.h"

/* Returns the size of the separator of addresses at S; 0 when there is none. */
static size_t separator(const char *s, const char *end)
{
    static const char *const encoded[] = {"%20",   "%09",    "%2520",  "%2509",  "\\x20",
                                          "\\x09", "%5Cx20", "%5cx20", "%5Cx09", "%5cx09"};
    if (*s == ',' || ascii_is_blank(*s))
        return 1;
    if (*s != '%' && *s != '\\')
        return 0;
    for (size_t i = 0; i < sizeof encoded / sizeof *encoded; i++) {
        size_t size = strlen(encoded[i]);
        if ((size_t)(end - s) >= size && !memcmp(s, encoded[i], size))
            return size;
    }
    return 0;
}

/* Returns the next element of a list of addresses, from *S on, and the place behind it; size 0 when there is none. */
static struct field next_element(const char **s, const char *end)
{
    size_t skip;
    while (*s < end && (skip = separator(*s, end)))
        *s += skip;
    const char *element = *s;
    while (*s < end && !separator(*s, end))
        ++*s;
    return (struct field){element, (size_t)(*s - element)};
}

/* 203.0.113.9:443, as address_read() reads it
 * unknown
 * localhost:8080 */
static bool is_element(struct field element)
{
    static const char *const words[] = {"unknown", "localhost"};
    struct address address;
    bool may_be_address =
        memchr(element.text, '.', element.size) || memchr(element.text, ':', element.size);
    if (may_be_address && address_read(&address, element.text, element.size))
        return true;
    const char *port = memchr(element.text, ':', element.size);
    size_t size = port ? (size_t)(port - element.text) : element.size;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (size == strlen(words[i]) && !strncasecmp(element.text, words[i], size))
            return true;
    return false;
}

bool client_is_list(struct field value)
{
    const char *s = value.text, *end = s + value.size;
    size_t count = 0;
    for (struct field element; (element = next_element(&s, end)).size; count++)
        if (!is_element(element))
            return false;
    return count > 0;
}

static bool is_trusted(const struct client_options *options, const struct address *address)
{
    for (size_t i = 0; i < options->proxy_count; i++)
        if (address_is_in(address, &options->proxies[i]))
            return true;
    return false;
}

/* Finds the client in an X-Forwarded-For value as CloudFront logs it: addresses, as address_read()
 * reads them, separated by commas, spaces and TABs, raw or encoded once or twice.  The last address is the
 * proxy nearest to CloudFront.  With trusted proxies, the client is the last address that is none of them,
 * unless an element that is no address is on its right: such an element ends the search.  Without trusted
 * proxies, the client is the first address, and the search skips elements that are no addresses.  The search
 * skips addresses of private networks, which belong to many machines.  Returns whether there is a client. */
static bool find_forwarded(const struct client_options *options, struct field forwarded,
                           struct address *client)
{
    const char *s = forwarded.text, *end = s + forwarded.size;
    bool found = false;
    while (!(found && !options->proxy_count)) {
        struct address address;
        struct field element = next_element(&s, end);
        if (!element.size)
            break;
        if (!address_read(&address, element.text, element.size)) {
            found = found && !options->proxy_count; /* the addresses to its left may be forged */
        } else if (!address_is_private(&address) && !is_trusted(options, &address)) {
            *client = address;
            found = true;
        }
    }
    return found;
}

/* Whether c-ip is an address that the trusted proxies do not have, so that its x-forwarded-for may be
 * forged. */
static bool is_direct(const struct client_options *options, struct field c_ip)
{
    struct address address;
    return options->proxy_count && !field_is_absent(c_ip) &&
           address_read(&address, c_ip.text, c_ip.size) && !address_is_private(&address) &&
           !is_trusted(options, &address);
}

/* Writes an address, anonymized.  Returns the bytes written. */
static size_t put_address(const struct client_options *options, struct address address,
                          uint32_t time, char *out)
{
    anonymize(&address, options->anonymize, options->keys, time);
    return address_write(&address, out);
}

size_t client_put_c_ip(const struct client_options *options, struct field c_ip, uint32_t time,
                       char *out)
{
    struct address address;
    bool is_copied = options->anonymize == ANONYMIZE_NONE;
    if (is_copied && !client_has_colon(c_ip))
        return 0;
    if (!field_is_absent(c_ip) && address_read(&address, c_ip.text, c_ip.size))
        return put_address(options, address, time, out);
    if (!is_copied)
        *out = '-';
    return is_copied ? 0 : 1;
}

size_t client_put(const struct client_options *options, struct field c_ip, struct field forwarded,
                  uint32_t time, char *out)
{
    struct address address;
    if (options->is_forwarded && !field_is_absent(forwarded) && !is_direct(options, c_ip) &&
        find_forwarded(options, forwarded, &address))
        return put_address(options, address, time, out);
    size_t size = client_put_c_ip(options, c_ip, time, out);
    if (size || !field_is_absent(c_ip))
        return size ? size : decode_plain(c_ip.text, c_ip.size, out);
    *out = '-';
    return 1;
}

size_t client_anonymize_record(const struct client_options *options, char *record, size_t size,
                               uint32_t time)
{
    struct field client;
    char text[CLIENT_SIZE];
    if (options->anonymize == ANONYMIZE_NONE || !column_get(record, size, COLUMN_CLIENT, &client))
        return size;
    char *begin = record + (client.text - record), *rest = begin + client.size;
    size_t rest_size = (size_t)(record + size - rest);
    size_t written = client_put_c_ip(options, client, time, text);
    memmove(begin + written, rest, rest_size);
    memcpy(begin, text, written);
    return (size_t)(begin - record) + written + rest_size;
}
