#include "history/text.h"

#include <string.h>

#include "history/white.h"
#include "normalized/ascii.h"

size_t history_text_number(char *to, uint64_t number)
{
    char digits[HISTORY_TEXT_NUMBER_SIZE], *start = digits + sizeof digits;
    do {
        *--start = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    size_t size = (size_t)(digits + sizeof digits - start);
    memcpy(to, start, size);
    return size;
}

static inline char *put_space(char *to, unsigned char byte)
{
    (void)byte;
    memcpy(to, "%20", 3);
    return to + 3;
}

size_t history_text_encode(char *to, const char *text, size_t size)
{
    return bytes_replace(to, text, size, white, put_space);
}

size_t history_text_page(char *to, const char *text, size_t size)
{
    size_t start = 0, written = 0;
    for (size_t i = 0; i + 2 < size; i++) {
        if (text[i] != ':' && text[i + 1] == '/' && text[i + 2] == '/') {
            written += history_text_encode(to + written, text + start, i + 2 - start);
            start = i + 3;
            i += 2;
        }
    }
    return written + history_text_encode(to + written, text + start, size - start);
}

size_t history_text_phrase(char *to, const char *text, size_t size)
{
    size_t written = 0, start = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] != ' ')
            continue;
        written += history_text_encode(to + written, text + start, i - start);
        while (i + 1 < size && text[i + 1] == ' ')
            i++;
        to[written++] = '+';
        start = i + 1;
    }
    return written + history_text_encode(to + written, text + start, size - start);
}

bool history_text_next_word(const char *text, size_t size, size_t *at, struct field *word)
{
    while (size > 0 && text[size - 1] == '+')
        size--;
    if (*at >= size)
        return false;
    const char *end = memchr(text + *at, '+', size - *at);
    const size_t length = end ? (size_t)(end - text) - *at : size - *at;
    *word = (struct field){text + *at, length};
    *at += length + 1;
    return true;
}

/* Whether a text of at least four bytes begins with "http", in upper or lower case, in any locale. */
static bool is_http(const char *text)
{
    for (size_t i = 0; i < 4; i++) {
        if ((text[i] | 0x20) != "http"[i])
            return false;
    }
    return true;
}

/* http://SITE/
 * https://SITE/        "http" in either case; perl's $ allows LF at the end of both
 * Whether a referrer, without such an LF, is a site's first page. */
static bool is_first_page(const char *text, size_t size)
{
    size_t colon = size > 4 && (text[4] == 's' || text[4] == 'S') ? 5 : 4;
    if (size <= colon + 4 || !is_http(text) || memcmp(text + colon, "://", 3) != 0)
        return false;
    const char *site = text + colon + 3;
    return memchr(site, '/', size - colon - 3) == text + size - 1;
}

size_t history_text_referer(char *to, const char *text, size_t size)
{
    size_t end = size > 0 && text[size - 1] == '\n' ? size - 1 : size;
    if (!is_first_page(text, end))
        return history_text_encode(to, text, size);
    memcpy(to, "http", 4);
    size_t written = 4 + history_text_encode(to + 4, text + 4, end - 5);
    return written + history_text_encode(to + written, text + end, size - end);
}

static bool is_hexadecimal(char c)
{
    return ascii_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* DIGITS.DIGITS.DIGITS.DIGITS, with LF after it or not */
static bool is_ipv4(const char *text, size_t size)
{
    size_t end = size > 0 && text[size - 1] == '\n' ? size - 1 : size, points = 0;
    for (size_t i = 0; i < end; i++) {
        if (text[i] == '.') {
            points++;
            if (i == 0 || text[i - 1] == '.' || i + 1 == end)
                return false;
        } else if (!ascii_is_digit(text[i])) {
            return false;
        }
    }
    return points == 3;
}

bool history_text_is_address(const char *text, size_t size)
{
    if (is_ipv4(text, size))
        return true;
    size_t i = 0;
    while (i < size && is_hexadecimal(text[i]))
        i++;
    return i < size && text[i] == ':';
}
