/* Fuzzes the client that an X-Forwarded-For value names, and its anonymizing, by the settings of the first
 * byte.  What is written is "-", or an address in its shortest form that no network excludes, and
 * anonymizing it once more changes nothing. */
#include <stdlib.h>
#include <string.h>

#include "log/client.h"

static size_t put(const struct client_options *options, const char *text, size_t size,
                  bool is_forwarded, char out[CLIENT_SIZE])
{
    const struct field none = {"-", 1}, value = {text, size};
    return client_put(options, is_forwarded ? none : value, is_forwarded ? value : none, 86400,
                      out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct network proxies[] = {{{true, {198, 51, 100}}, 24},
                                             {{false, {0x20, 0x01, 0x0d, 0xb8}}, 33}};
    static struct day_keys *keys;
    if (!keys && !(keys = day_keys_new()))
        abort();
    if (!size)
        return 0;
    const struct client_options options = {.is_forwarded = true,
                                           .proxies = proxies,
                                           .proxy_count = data[0] & 1 ? 2 : 0,
                                           .anonymize = (enum anonymize)((data[0] >> 1) % 3),
                                           .keys = keys};
    char *text = malloc(size), out[CLIENT_SIZE], again[CLIENT_SIZE + 1];
    memcpy(text, data + 1, size - 1);
    size_t used = put(&options, text, size - 1, true, out);
    free(text);
    if (used == 1 && *out == '-')
        return 0;
    struct address address;
    memcpy(again, out, used);
    again[used] = '\0';
    if (!address_parse(&address, again) || address_write(&address, again) != used ||
        memcmp(again, out, used) != 0)
        abort();
    if (options.anonymize == ANONYMIZE_NONE &&
        (address_is_private(&address) ||
         (options.proxy_count && address_is_in(&address, &proxies[0]))))
        abort();
    struct client_options c_ip = options;
    c_ip.is_forwarded = false;
    if (options.anonymize != ANONYMIZE_NONE &&
        (put(&c_ip, out, used, false, again) != used || memcmp(again, out, used) != 0))
        abort();
    return 0;
}
