/* plugin/history/text: texts for history files, compared with a simple rewriting step by step.  The functions
 * never write more bytes than the header allows. */
#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "history/text.h"
#include "tap.h"

enum { TEXTS = 200000, TEXT_ROOM = 24, WRITTEN_ROOM = TEXT_ROOM * HISTORY_TEXT_GROWTH };

typedef size_t write_text(char *to, const char *text, size_t size);

/* Writes a text to memory of exactly the size that the header promises to be enough. */
static char *written(write_text *write, const char *text, size_t size, size_t *length)
{
    size_t room = size * HISTORY_TEXT_GROWTH;
    char *copy = malloc(size ? size : 1), *to = malloc(room ? room : 1);
    memcpy(copy, text, size);
    *length = write(to, copy, size);
    free(copy);
    return to;
}

static void gives(write_text *write, const char *text, const char *want)
{
    size_t length;
    char *to = written(write, text, strlen(text), &length);
    is_text(to, length, want, text);
    free(to);
}

/* s/\s/%20/g */
static size_t encode_plainly(char *to, const char *text, size_t size)
{
    size_t length = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] && strchr(" \t\n\v\f\r", text[i]))
            length += (size_t)sprintf(to + length, "%%20");
        else
            to[length++] = text[i];
    }
    return length;
}

/* s/([^:])\/\//$1\//g, then encoded: matches do not overlap */
static size_t page_plainly(char *to, const char *text, size_t size)
{
    char page[TEXT_ROOM];
    size_t length = 0;
    for (size_t i = 0; i < size;) {
        page[length++] = text[i];
        if (size - i >= 3 && text[i] != ':' && memcmp(text + i + 1, "//", 2) == 0) {
            page[length++] = '/';
            i += 3;
        } else {
            i++;
        }
    }
    return encode_plainly(to, page, length);
}

/* s/^http(s|):\/\/([^\/]+)\/$/http$1:\/\/$2/i, then encoded */
static size_t referer_plainly(char *to, const char *text, size_t size)
{
    char page[TEXT_ROOM + 1] = "";
    memcpy(page, text, size);
    size_t end = size > 0 && text[size - 1] == '\n' ? size - 1 : size;
    size_t colon = size > 4 && tolower((unsigned char)text[4]) == 's' ? 5 : 4;
    bool is_first =
        size > colon && strncasecmp(page, "http", 4) == 0 && strncmp(page + colon, "://", 3) == 0;
    for (size_t i = colon + 3; is_first && i + 1 < end; i++)
        is_first = text[i] != '/';
    if (is_first && end > colon + 4 && text[end - 1] == '/') {
        memmove(page + end - 1, page + end, size - end);
        memcpy(page, "http", 4);
        size--;
    }
    return encode_plainly(to, page, size);
}

static void agrees(const char *name, write_text *write, write_text *plainly)
{
    static const char *const parts[] = {"http", "https", "HTTP", "://", "/",  "//",   ":", " ",
                                        "\n",   "\t",    "a",    "S",   "\0", "\xff", ".", "%20"};
    size_t wrong = 0, changed = 0;
    for (unsigned i = 0; i < TEXTS; i++) {
        char text[TEXT_ROOM], want[WRITTEN_ROOM + 4];
        size_t size = 0, length;
        for (int left = rand() % 7; left > 0; left--) {
            const char *part = parts[rand() % (int)(sizeof parts / sizeof parts[0])];
            size_t more = *part ? strlen(part) : 1;
            if (size + more <= TEXT_ROOM) {
                memcpy(text + size, part, more);
                size += more;
            }
        }
        char *got = written(write, text, size, &length);
        size_t want_length = plainly(want, text, size);
        wrong += length != want_length || memcmp(got, want, length) != 0;
        changed += want_length != size;
        free(got);
    }
    ok(wrong == 0, "%s: %d texts as rewritten plainly", name, TEXTS);
    ok(changed > TEXTS / 100, "%s: many of them change", name);
}

static void is_address(const char *text, bool want)
{
    ok(history_text_is_address(text, strlen(text)) == want, "%s: %s", text,
       want ? "an address" : "a name");
}

/* The words of a phrase, each with "|" after it. */
static void words(const char *phrase, const char *want)
{
    char got[64];
    size_t size = 0, at = 0;
    struct field word;
    while (history_text_next_word(phrase, strlen(phrase), &at, &word))
        size += (size_t)sprintf(got + size, "%.*s|", (int)word.size, word.text);
    is_text(got, size, want, phrase);
}

int main(void)
{
    static const uint64_t numbers[] = {0,         1, 9, 10, 99, 100, 1234567890, UINT64_MAX - 1,
                                       UINT64_MAX};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char got[HISTORY_TEXT_NUMBER_SIZE], want[32];
        snprintf(want, sizeof want, "%llu", (unsigned long long)numbers[i]);
        is_text(got, history_text_number(got, numbers[i]), want, "a number");
    }
    gives(history_text_encode, "", "");
    gives(history_text_encode, "/a b\tc\n", "/a%20b%20c%20");
    gives(history_text_page, "/a//b", "/a/b");
    gives(history_text_page, "//a", "//a");
    gives(history_text_page, "/a////b", "/a///b");
    gives(history_text_page, "/http://x//y z", "/http://x/y%20z");
    gives(history_text_page, "a//", "a/");
    gives(history_text_referer, "http://site/", "http://site");
    gives(history_text_referer, "HTTPS://site:80/", "httpS://site:80");
    gives(history_text_referer, "http://site/\n", "http://site%20");
    gives(history_text_referer, "http://site/page/", "http://site/page/");
    gives(history_text_referer, "http:///", "http:///");
    gives(history_text_referer, "ftp://site/", "ftp://site/");
    gives(history_text_phrase, "red  shoes+ and \tmore ", "red+shoes++and+%20more+");
    words("red+shoes", "red|shoes|");
    words("+red++shoes++", "|red||shoes|");
    words("+++", "");
    words("", "");
    words("red", "red|");
    agrees("keys", history_text_encode, encode_plainly);
    agrees("pages", history_text_page, page_plainly);
    agrees("referring pages", history_text_referer, referer_plainly);
    is_address("192.0.2.1", true);
    is_address("192.0.2.1\n", true);
    is_address("192.0.2", false);
    is_address("192.0..1", false);
    is_address(".0.2.1", false);
    is_address("192.0.2.", false);
    is_address("192.0.2.1.5", false);
    is_address("1.2.3.4x", false);
    is_address("2001:db8::1", true);
    is_address("::1", true);
    is_address("face:b00c", true);
    is_address("host.example.com", false);
    is_address("zoo:80", false);
    is_address("", false);
    return done_testing();
}
