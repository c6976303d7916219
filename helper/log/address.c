#include "log/address.h"

#include <arpa/inet.h>
#include <string.h>

/* A part of a text. */
struct part {
    const char *begin, *end;
};

/* Takes MARK off the begin of the part, in any of these spellings; whether it was there. */
static bool take_before(struct part *part, const char *const *spellings)
{
    for (; *spellings; spellings++) {
        size_t size = strlen(*spellings);
        if ((size_t)(part->end - part->begin) >= size && !memcmp(part->begin, *spellings, size)) {
            part->begin += size;
            return true;
        }
    }
    return false;
}

static void take_behind(struct part *part, const char *const *spellings)
{
    for (; *spellings; spellings++) {
        size_t size = strlen(*spellings);
        if ((size_t)(part->end - part->begin) >= size &&
            !memcmp(part->end - size, *spellings, size)) {
            part->end -= size;
            return;
        }
    }
}

/* Ends the part before the "]"; whether there is one. */
static bool end_at_bracket(struct part *part)
{
    for (const char *s = part->begin; s < part->end; s++) {
        bool is_encoded = part->end - s >= 3 && s[0] == '%' && s[1] == '5' && (s[2] | 32) == 'd';
        if (*s == ']' || is_encoded) {
            part->end = s;
            return true;
        }
    }
    return false;
}

/* Writes the part to TEXT, without zeros in front of the numbers of an IPv4 address.  Returns false
 * when it is too long, or has a NUL. */
static bool copy(const struct part *part, bool is_v4, char text[64])
{
    bool number_begins = is_v4;
    size_t used = 0;
    for (const char *s = part->begin; s < part->end; s++) {
        bool is_zero_in_front =
            number_begins && *s == '0' && s + 1 < part->end && s[1] >= '0' && s[1] <= '9';
        if (is_zero_in_front)
            continue;
        number_begins = is_v4 && *s == '.';
        if (used == 63 || !*s)
            return false;
        text[used++] = *s;
    }
    text[used] = '\0';
    return true;
}

bool address_parse(struct address *address, const char *text)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    *address = (struct address){.is_v4 = true};
    if (inet_pton(AF_INET, text, address->bytes) == 1)
        return true;
    if (inet_pton(AF_INET6, text, address->bytes) != 1)
        return false;
    address->is_v4 = !memcmp(address->bytes, mapped, sizeof mapped);
    if (address->is_v4) {
        memmove(address->bytes, address->bytes + sizeof mapped, ADDRESS_V4_BYTES);
        memset(address->bytes + ADDRESS_V4_BYTES, 0, ADDRESS_BYTES - ADDRESS_V4_BYTES);
    }
    return true;
}

bool address_read(struct address *address, const char *s, size_t size)
{
    static const char *const quotes[] = {"\"", "%22", "\\x22", NULL};
    static const char *const brackets[] = {"[", "%5B", "%5b", NULL};
    struct part part = {s, s + size};
    char text[64];
    if (take_before(&part, quotes))
        take_behind(&part, quotes);
    if (take_before(&part, brackets)) {
        if (!end_at_bracket(&part))
            return false;
    } else {
        const char *colon = memchr(part.begin, ':', (size_t)(part.end - part.begin));
        if (colon && !memchr(colon + 1, ':', (size_t)(part.end - colon - 1)))
            part.end = colon;
    }
    bool is_v4 = !memchr(part.begin, ':', (size_t)(part.end - part.begin));
    return copy(&part, is_v4, text) && address_parse(address, text);
}

size_t address_write(const struct address *address, char *out)
{
    char text[ADDRESS_TEXT_SIZE] = "";
    inet_ntop(address->is_v4 ? AF_INET : AF_INET6, address->bytes, text, sizeof text);
    size_t size = strlen(text);
    memcpy(out, text, size);
    return size;
}

bool address_is_in(const struct address *address, const struct network *network)
{
    unsigned whole = network->bits / 8, rest = network->bits % 8;
    const unsigned char *a = address->bytes, *b = network->address.bytes;
    return address->is_v4 == network->address.is_v4 && !memcmp(a, b, whole) &&
           (!rest || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

bool address_is_private(const struct address *address)
{
    static const struct network networks[] = {
        {{true, {0}}, 8},         {{true, {10}}, 8},
        {{true, {100, 64}}, 10},  {{true, {127}}, 8},
        {{true, {169, 254}}, 16}, {{true, {172, 16}}, 12},
        {{true, {192, 168}}, 16}, {{false, {0}}, 127},
        {{false, {0xfc}}, 7},     {{false, {0xfe, 0x80}}, 10},
    };
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
        if (address_is_in(address, &networks[i]))
            return true;
    return false;
}
