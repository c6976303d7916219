#include "log/decode.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "normalized/ascii.h"
#include "normalized/bytes.h"

/* The kinds of value in which a byte cannot be copied as it is, as bits. */
enum { URL = 1, AGENT = 2, PLAIN = 4 };

static const uint8_t special[256] = {
    [0 ... 31] = URL | AGENT | PLAIN,    [' '] = URL | PLAIN,
    ['"'] = URL | AGENT | PLAIN,         ['%'] = URL | AGENT,
    ['<'] = URL | AGENT | PLAIN,         ['>'] = URL | AGENT | PLAIN,
    [127 ... 255] = URL | AGENT | PLAIN,
};

/* The value of a hexadecimal digit plus one, 0 for any other byte. */
static const uint8_t hex_digit[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
    ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

static bool is_hex_pair(const unsigned char *s, const unsigned char *end)
{
    return end - s >= 2 && hex_digit[s[0]] && hex_digit[s[1]];
}

static unsigned char hex_pair(const unsigned char *s)
{
    return (unsigned char)((hex_digit[s[0]] - 1) << 4 | (hex_digit[s[1]] - 1));
}

static unsigned char *encode(unsigned char byte, unsigned char *out)
{
    static const char digits[] = "0123456789ABCDEF";
    *out++ = '%';
    *out++ = (unsigned char)digits[byte >> 4];
    *out++ = (unsigned char)digits[byte & 15];
    return out;
}

/* ---- copying the bytes in between, 16 at a time where the processor can ---- */

#ifdef __SSE2__

/* Finds < and >, which differ by one bit. */
static inline __m128i find_angles(__m128i bytes)
{
    const __m128i angle = _mm_or_si128(bytes, _mm_set1_epi8('<' ^ '>'));
    return _mm_cmpeq_epi8(angle, _mm_set1_epi8('<' | '>'));
}

/* Returns where in 16 bytes the special ones of this KIND of value are, as above: a bit for each
 * byte, the lowest for the first. */
static inline unsigned special_bytes(__m128i bytes, int kind)
{
    /* Signed bytes: those from 128 on are below zero. */
    __m128i found = _mm_cmplt_epi8(bytes, _mm_set1_epi8(kind == AGENT ? ' ' : ' ' + 1));
    found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(127)));
    found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
    found = _mm_or_si128(found, find_angles(bytes));
    if (kind != PLAIN)
        found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('%')));
    return (unsigned)_mm_movemask_epi8(found);
}

/* Copies 4 to 15 bytes, unless there are special ones among them. */
static inline bool copy_rest(const unsigned char *s, size_t size, int kind, unsigned char *out)
{
    uint64_t first = 0, last = 0;
    size_t step = size >= 8 ? 8 : 4; /* two steps overlap */
    if (step == 8) {
        memcpy(&first, s, 8);
        memcpy(&last, s + size - 8, 8);
    } else {
        memcpy(&first, s, 4);
        memcpy(&last, s + size - 4, 4);
        first |= first << 32;
        last |= last << 32;
    }
    if (special_bytes(_mm_set_epi64x((long long)last, (long long)first), kind))
        return false;
    if (step == 8) {
        memcpy(out, &first, 8);
        memcpy(out + size - 8, &last, 8);
    } else {
        memcpy(out, &first, 4);
        memcpy(out + size - 4, &last, 4);
    }
    return true;
}

#endif

/* Copies the bytes before the first special byte; returns the place of the special byte.  Writes up to 15 bytes
 * more, where *OUT still has room, so *OUT must not be in front of S in the same text. */
__attribute__((always_inline)) static inline const unsigned char *
copy_usual(const unsigned char *s, const unsigned char *end, int kind, unsigned char **out)
{
    unsigned char *o = *out;
#ifdef __SSE2__
    while (end - s >= 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)s);
        _mm_storeu_si128((__m128i *)(void *)o, bytes);
        unsigned found = special_bytes(bytes, kind);
        size_t usual = found ? (size_t)__builtin_ctz(found) : 16;
        s += usual;
        o += usual;
        if (found) {
            *out = o;
            return s;
        }
    }
    if (end - s >= 4 && copy_rest(s, (size_t)(end - s), kind, o)) {
        *out = o + (end - s);
        return end;
    }
#endif
    while (s < end && !(special[*s] & kind))
        *o++ = *s++;
    *out = o;
    return s;
}

size_t decode_url(const char *value, size_t size, char *out)
{
    const unsigned char *s = (const unsigned char *)value, *end = s + size;
    unsigned char *o = (unsigned char *)out;
    while ((s = copy_usual(s, end, URL, &o)) < end) {
        if (*s != '%') {
            o = encode(*s++, o);
        } else if (end - s >= 5 && s[1] == '2' && s[2] == '5' && is_hex_pair(s + 3, end)) {
            *o++ = '%';
            *o++ = s[3];
            *o++ = s[4];
            s += 5;
        } else if (end - s >= 3 && s[1] == '7' && (s[2] | 0x20) == 'e') {
            *o++ = '~';
            s += 3;
        } else if (end - s >= 3 && s[1] == '2' && s[2] == '7') {
            *o++ = '\'';
            s += 3;
        } else {
            *o++ = *s++;
        }
    }
    return (size_t)(o - (unsigned char *)out);
}

/* Returns whether the 2 or 3 bytes at S are a character that changes the direction of the text around it
 * (Bidi_Control of Unicode), so that a page would show another text than there is. */
static bool is_direction(const unsigned char *s)
{
    if (s[0] == 0xd8)
        return s[1] == 0x9c;
    if (s[0] != 0xe2 || (s[1] != 0x80 && s[1] != 0x81))
        return false;
    return s[1] == 0x80 ? s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xaa && s[2] <= 0xae)
                        : s[2] >= 0xa6 && s[2] <= 0xa9;
}

/* Returns the size of the character at S, 2 to 4 bytes; 0 when it is not UTF-8 (RFC 3629), is a C1
 * control, changes the direction of text, or is a single byte. */
static size_t utf8_size(const unsigned char *s, const unsigned char *end)
{
    size_t left = (size_t)(end - s);
    unsigned char lowest = 0x80, highest = 0xbf;
    size_t size;
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0;
    if (s[0] < 0xe0) {
        size = 2;
        if (s[0] == 0xc2)
            lowest = 0xa0;
    } else if (s[0] < 0xf0) {
        size = 3;
        if (s[0] == 0xe0)
            lowest = 0xa0;
        if (s[0] == 0xed)
            highest = 0x9f;
    } else {
        size = 4;
        if (s[0] == 0xf0)
            lowest = 0x90;
        if (s[0] == 0xf4)
            highest = 0x8f;
    }
    if (left < size || s[1] < lowest || s[1] > highest)
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    return is_direction(s) ? 0 : size;
}

/* Copies text, and encodes what is special in this KIND of value, except percent signs and whole
 * UTF-8 characters.  OUT may be in front of S in the same text. */
static size_t escape(const unsigned char *s, const unsigned char *end, int kind, unsigned char *out)
{
    unsigned char *o = out;
    while (s < end) {
        size_t size = !(special[*s] & kind) || *s == '%' ? 1 : utf8_size(s, end);
        if (size == 1) {
            *o++ = *s++;
        } else if (size) {
            memmove(o, s, size);
            o += size;
            s += size;
        } else {
            o = encode(*s++, o);
        }
    }
    return (size_t)(o - out);
}

size_t decode_agent(const char *value, size_t size, char *out)
{
    const unsigned char *s = (const unsigned char *)value, *end = s + size;
    unsigned char *begin = (unsigned char *)out, *o = begin;
    bool is_usual = true; /* no decoded byte has to be encoded again */
    while ((s = copy_usual(s, end, AGENT, &o)) < end) {
        unsigned char byte = *s;
        if (byte == '%' && end - s >= 5 && s[1] == '2' && s[2] == '5' && is_hex_pair(s + 3, end)) {
            byte = hex_pair(s + 3);
            s += 5;
        } else if (byte == '%' && is_hex_pair(s + 1, end)) {
            byte = hex_pair(s + 1);
            s += 3;
        } else {
            s++;
        }
        *o++ = byte;
        is_usual = is_usual && (byte == '%' || !(special[byte] & AGENT));
    }
    size_t decoded_size = (size_t)(o - begin);
    if (is_usual)
        return decoded_size;
    /* escape() reads from the far end of the room, and writes at most three bytes for one, so it never overwrites a
     * byte before it has read the byte. */
    unsigned char *decoded = begin + 3 * size - decoded_size;
    memmove(decoded, begin, decoded_size);
    return escape(decoded, decoded + decoded_size, AGENT, begin);
}

size_t decode_plain(const char *value, size_t size, char *out)
{
    const unsigned char *s = (const unsigned char *)value, *end = s + size;
    unsigned char *o = (unsigned char *)out;
    s = copy_usual(s, end, PLAIN, &o);
    if (s < end)
        o += escape(s, end, PLAIN, o);
    return (size_t)(o - (unsigned char *)out);
}

/* Returns the size of a host without its port.  A colon begins a port if it is the only one, or
 * follows the bracket of an IPv6 address. */
static size_t size_without_port(const char *host, size_t size)
{
    size_t end = size;
    while (end > 0 && ascii_is_digit(host[end - 1]))
        end--;
    if (end == 0 || host[end - 1] != ':')
        return size;
    end--;
    bool follows_bracket =
        (end >= 1 && host[end - 1] == ']') || (end >= 3 && !strncasecmp(host + end - 3, "%5D", 3));
    return follows_bracket || !memchr(host, ':', end) ? end : size;
}

/* Writes an IPv6 address in its shortest form.  A text that only looks like an address stays. */
static size_t write_address(char *host, size_t size)
{
    bool has_brackets = size > 2 && host[0] == '[' && host[size - 1] == ']';
    size_t bare_size = has_brackets ? size - 2 : size;
    char bare[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (bare_size >= sizeof bare)
        return size;
    memcpy(bare, host + has_brackets, bare_size);
    bare[bare_size] = '\0';
    if (inet_pton(AF_INET6, bare, &address) != 1)
        return size;
    inet_ntop(AF_INET6, &address, bare, sizeof bare);
    bare_size = strlen(bare);
    host[0] = '[';
    memcpy(host + 1, bare, bare_size);
    host[bare_size + 1] = ']';
    return bare_size + 2;
}

/* Copies a host in lower case, if it has letters, digits, and - . _ only. */
static bool copy_usual_host(const char *host, size_t size, char *out)
{
    static const char lower[256] = {
        ['-'] = '-', ['.'] = '.', ['_'] = '_', ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3',
        ['4'] = '4', ['5'] = '5', ['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9', ['A'] = 'a',
        ['B'] = 'b', ['C'] = 'c', ['D'] = 'd', ['E'] = 'e', ['F'] = 'f', ['G'] = 'g', ['H'] = 'h',
        ['I'] = 'i', ['J'] = 'j', ['K'] = 'k', ['L'] = 'l', ['M'] = 'm', ['N'] = 'n', ['O'] = 'o',
        ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r', ['S'] = 's', ['T'] = 't', ['U'] = 'u', ['V'] = 'v',
        ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y', ['Z'] = 'z', ['a'] = 'a', ['b'] = 'b', ['c'] = 'c',
        ['d'] = 'd', ['e'] = 'e', ['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['i'] = 'i', ['j'] = 'j',
        ['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n', ['o'] = 'o', ['p'] = 'p', ['q'] = 'q',
        ['r'] = 'r', ['s'] = 's', ['t'] = 't', ['u'] = 'u', ['v'] = 'v', ['w'] = 'w', ['x'] = 'x',
        ['y'] = 'y', ['z'] = 'z',
    };
    for (size_t i = 0; i < size; i++)
        if (!(out[i] = lower[(unsigned char)host[i]]))
            return false;
    return true;
}

size_t decode_host(const char *host, size_t size, char *out)
{
    size = size_without_port(host, size);
    if (size > 0 && host[size - 1] == '.')
        size--;
    if (size == 0) {
        *out = '-';
        return 1;
    }
    if (copy_usual_host(host, size, out))
        return size;
    size_t from = 0, to = 0, end = decode_plain(host, size, out);
    bool is_address = false;
    while (from < end) {
        char c = out[from];
        bool is_bracket = c == '%' && end - from >= 3 && out[from + 1] == '5' &&
                          ((out[from + 2] | 0x20) == 'b' || (out[from + 2] | 0x20) == 'd');
        if (is_bracket)
            c = (out[from + 2] | 0x20) == 'b' ? '[' : ']';
        else if (c >= 'A' && c <= 'Z')
            c |= 0x20;
        is_address |= c == ':';
        from += is_bracket ? 3 : 1;
        out[to++] = c;
    }
    return is_address ? write_address(out, to) : to;
}

/* ---- a record ---- */

static inline bool markup_test(unsigned char byte)
{
    return byte == '"' || byte == '<' || byte == '>';
}

#ifdef __SSE2__
static inline __m128i markup_find(__m128i bytes)
{
    return _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), find_angles(bytes));
}
#endif

static const struct bytes_kind markup = {.test = markup_test,
#ifdef __SSE2__
                                         .find = markup_find
#endif
};

static inline char *encode_markup(char *out, unsigned char byte)
{
    return (char *)encode(byte, (unsigned char *)out);
}

size_t decode_record(const char *record, size_t size, char *out)
{
    return bytes_replace(out, record, size, markup, encode_markup);
}
