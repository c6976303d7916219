#include "log/address.h"

#include <arpa/inet.h>
#include <string.h>

enum { GROUPS = ADDRESS_BYTES / 2 };

/* A part of a text. */
struct part {
    const char *begin, *end;
};

/* Removes MARK, in any of these spellings, from the start of the part.  Returns whether the part had MARK. */
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

/* Ends the part before its "]".  Returns whether the part has one. */
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

/* Returns the value of a hexadecimal digit, 16 for any other byte. */
static unsigned digit_of(char byte)
{
    const unsigned decimal = (unsigned char)byte - (unsigned)'0',
                   letter = (unsigned char)(byte | 32) - (unsigned)'a';
    return decimal < 10 ? decimal : letter < 6 ? 10 + letter : 16;
}

/* Reads a group of an IPv6 address; returns the place after it, NULL when there is none. */
static const char *read_group(const char *s, const char *end, unsigned *group)
{
    const char *begin = s;
    unsigned digit;
    for (*group = 0; s < end && (digit = digit_of(*s)) < 16; s++)
        *group = *group << 4 | digit;
    return s > begin && s - begin <= 4 ? s : NULL;
}

/* Reads an IPv6 address of groups with colons between, the usual form.  inet_pton() takes three times as long.
 * Returns false for any other text, which may still be an address, and for an address that begins with a group of
 * zeros: an IPv4 address may be in it. */
static bool read_groups(struct address *address, const char *s, size_t size)
{
    unsigned group[GROUPS] = {0}, count = 0, before = GROUPS; /* so many groups are before "::" */
    const char *end = s + size;
    for (;; s++) { /* behind a colon */
        if (count == GROUPS || !(s = read_group(s, end, &group[count])))
            return false;
        count++;
        if (s == end)
            break;
        if (*s != ':')
            return false;
        if (end - s >= 2 && s[1] == ':') {
            if (before < GROUPS || count == GROUPS)
                return false;
            before = count;
            if (++s == end - 1)
                break;
        }
    }
    if (!group[0] || (count < GROUPS && before == GROUPS) || (count == GROUPS && before < GROUPS))
        return false;
    *address = (struct address){.is_v4 = false};
    for (unsigned i = 0; i < count; i++) {
        unsigned place = i < before ? i : i + GROUPS - count;
        address->bytes[2 * place] = (unsigned char)(group[i] >> 8);
        address->bytes[2 * place + 1] = (unsigned char)group[i];
    }
    return true;
}

bool address_read(struct address *address, const char *s, size_t size)
{
    static const char *const quotes[] = {"\"", "%22", "\\x22", NULL};
    static const char *const brackets[] = {"[", "%5B", "%5b", NULL};
    struct part part = {s, s + size};
    char text[64];
    if (read_groups(address, s, size))
        return true;
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

/* The groups of an IPv6 address that "::" stands for; none when there are fewer than two zeros in turn. */
struct zeros {
    unsigned begin, end;
};

static struct zeros find_zeros(const unsigned group[GROUPS])
{
    struct zeros most = {0, 1};
    for (unsigned i = 0, begin = 0; i < GROUPS; i++) {
        if (group[i])
            begin = i + 1;
        else if (i + 1 - begin > most.end - most.begin)
            most = (struct zeros){begin, i + 1};
    }
    return most.end - most.begin > 1 ? most : (struct zeros){GROUPS, GROUPS};
}

static char *put_group(char *out, unsigned group)
{
    static const char digits[] = "0123456789abcdef";
    int shift = group > 0xfff ? 12 : group > 0xff ? 8 : group > 0xf ? 4 : 0;
    for (; shift >= 0; shift -= 4)
        *out++ = digits[group >> shift & 0xf];
    return out;
}

/* Writes groups with the zeros left out; returns the bytes written.  inet_ntop() takes ten times as long. */
static size_t put_groups(const unsigned group[GROUPS], struct zeros zeros, char *out)
{
    char *end = out;
    for (unsigned i = 0; i < GROUPS; i++) {
        if (i == zeros.begin) {
            *end++ = ':';
            i = zeros.end - 1;
            if (zeros.end == GROUPS)
                *end++ = ':';
            continue;
        }
        if (i)
            *end++ = ':';
        end = put_group(end, group[i]);
    }
    return (size_t)(end - out);
}

/* Writes an address by inet_ntop().  Returns the bytes written. */
static size_t put_usual(const struct address *address, char *out)
{
    char text[ADDRESS_TEXT_SIZE] = "";
    inet_ntop(address->is_v4 ? AF_INET : AF_INET6, address->bytes, text, sizeof text);
    size_t size = strlen(text);
    memcpy(out, text, size);
    return size;
}

size_t address_write(const struct address *address, char *out)
{
    unsigned group[GROUPS];
    for (unsigned i = 0; i < GROUPS; i++)
        group[i] = address->bytes[2 * i] * 256U + address->bytes[2 * i + 1];
    const struct zeros zeros = find_zeros(group);
    /* An address that begins with zeros may have an IPv4 address in it. */
    return address->is_v4 || zeros.begin == 0 ? put_usual(address, out)
                                              : put_groups(group, zeros, out);
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
