/* log/decode: the rules one by one, and their invariants on random bytes. */
#include <stdlib.h>

#include "log/decode.h"
#include "log/decoded_values.h"
#include "tap.h"

/* Decodes a copy that ends where its memory ends, into just the room that is promised. */
static size_t decode(decoder *function, const char *value, size_t size, char **out)
{
    char *copy = malloc(size ? size : 1);
    *out = malloc(size ? 3 * size : 1);
    memcpy(copy, value, size);
    size_t used = function(copy, size, *out);
    free(copy);
    return used;
}

static void check(decoder *function, const char *kind, const char *value, const char *want)
{
    char *out, name[256];
    size_t size = decode(function, value, strlen(value), &out);
    snprintf(name, sizeof name, "%s: %s", kind, value);
    is_text(out, size, want, name);
    free(out);
}

static const char *const urls[][2] = {
    {"/index.html", "/index.html"},
    {"/a%2520b", "/a%20b"}, /* the client's own escape comes back */
    {"/a%20b", "/a%20b"},   /* a raw space of the client's may not */
    {"/100%25", "/100%25"}, /* not an escape: nothing to come back */
    {"/100%25.html", "/100%25.html"},
    {"/%25zz", "/%25zz"},
    {"/%25", "/%25"},
    {"/%252", "/%252"},
    {"/%7Euser/it%27s", "/~user/it's"},
    {"/%7euser", "/~user"},
    {"/%2523anchor", "/%23anchor"}, /* may become %23, and must not become # */
    {"/%23anchor", "/%23anchor"},
    {"/%25252f", "/%252f"}, /* one layer only */
    {"/caf%C3%A9", "/caf%C3%A9"},
    {"/caf\xc3\xa9", "/caf%C3%A9"},
    {"/a b\x01", "/a%20b%01"},
    {"q=%2522x%2522&y=%3Cz%3E", "q=%22x%22&y=%3Cz%3E"},
    {"/<b onclick=\"x\">", "/%3Cb%20onclick=%22x%22%3E"},
    {"/12345678<12345678>=?\"", "/12345678%3C12345678%3E=?%22"},
    {"/%2", "/%2"},
    {"/%", "/%"},
};

static const char *const agents[][2] = {
    {"Mozilla/5.0%20(Windows%20NT%206.1)", "Mozilla/5.0 (Windows NT 6.1)"},
    {"Mozilla/5.0%2520(Windows%2520NT%25206.1)", "Mozilla/5.0 (Windows NT 6.1)"},
    {"a%2520b%20c", "a b c"}, /* both in one value */
    {"a%252520b", "a%20b"},   /* not a third time */
    {"100%25", "100%"},
    {"%25zz%zz%", "%zz%zz%"},
    {"a%09b%0D%0Ac%00d%7Fe", "a%09b%0D%0Ac%00d%7Fe"},
    {"a%2509b%250d%250a", "a%09b%0D%0A"},
    {"a\x01z", "a%01z"},
    {"%3Cscript%3E%22x%22", "%3Cscript%3E%22x%22"},
    {"<b>\"", "%3Cb%3E%22"},
    {"caf%C3%A9", "caf\xc3\xa9"},
    {"caf%25C3%25A9", "caf\xc3\xa9"},
    {"caf%E9", "caf%E9"}, /* Latin-1 is not UTF-8 */
    {"caf\xe9!", "caf%E9!"},
    {"%C3", "%C3"},
    {"%C2%85x%C2%A0", "%C2%85x\xc2\xa0"}, /* a C1 control, and no control */
    {"%E2%80%AEgpj", "%E2%80%AEgpj"},     /* what follows would be shown from right to left */
    {"%D8%9C%E2%81%A9", "%D8%9C%E2%81%A9"},
    {"%E2%80%90%E2%81%AA", "\xe2\x80\x90\xe2\x81\xaa"},
    {"%ED%A0%80", "%ED%A0%80"}, /* a surrogate */
    {"%C0%AF", "%C0%AF"},       /* an overlong slash */
    {"%F0%9F%98%80", "\xf0\x9f\x98\x80"},
    {"%F4%90%80%80", "%F4%90%80%80"}, /* above U+10FFFF */
    {"%27%7E%5B%5D%5E%60", "'~[]^`"},
};

static const char *const plains[][2] = {
    {"text/html;%20charset=utf-8", "text/html;%20charset=utf-8"},
    {"a b", "a%20b"},
    {"a\x1f\x7f", "a%1F%7F"},
    {"M\xc3\xbcnchen\xff", "M\xc3\xbcnchen%FF"},
    {"<script>\"'&", "%3Cscript%3E%22'&"},
    {"12345678=<=?>?\"!#", "12345678=%3C=?%3E?%22!#"},
};

static const char *const hosts[][2] = {
    {"www.example.com", "www.example.com"},
    {"WWW.Example.COM", "www.example.com"},
    {"www.example.com:443", "www.example.com"},
    {"www.example.com:", "www.example.com"},
    {"www.example.com.", "www.example.com"},
    {"www.example.com.:8080", "www.example.com"},
    {"www.example.com..", "www.example.com."}, /* not a name any more */
    {"192.0.2.1:80", "192.0.2.1"},
    {"[2001:DB8::1]:443", "[2001:db8::1]"},
    {"%5B2001:DB8::1%5D:443", "[2001:db8::1]"},
    {"%5b::1%5d", "[::1]"},
    {"::1", "[::1]"},
    {"::", "[::]"},
    {"[1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18:19:20]",
     "[1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18:19:20]"},
    {"2001:db8::1:443", "[2001:db8::1:443]"}, /* where a port would begin is not clear */
    {"[2001:DB8:0:0:0:0:0:1]", "[2001:db8::1]"},
    {"[::FFFF:102:304]:80", "[::ffff:1.2.3.4]"},
    {"1:2:3:4:5:6:7:8", "[1:2:3:4:5:6:7:8]"},
    {"1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8:9"},
    {"[::1", "[::1"},
    {"[fe80::1%25eth0]", "[fe80::1%25eth0]"},
    {"[]", "[]"},
    {"[:]", "[:]"},
    {"www.example.com:http", "www.example.com:http"},
    {"a:80:80", "a:80:80"},
    {":443", "-"},
    {".", "-"},
    {"-", "-"},
    {"443", "443"},
    {"<B>\".example", "%3cb%3e%22.example"},
    {"B\xc3\x9c"
     "CHER.example",
     "b\xc3\x9c"
     "cher.example"},
};

static bool is_clean(const char *s, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)s[i] < ' ' || s[i] == 0x7f || s[i] == '"' || s[i] == '<' || s[i] == '>')
            return false;
    return true;
}

static void test_random(decoder *function, const char *kind)
{
    static const char pieces[][5] = {"%",   "25",   "%25",  "20",  "%0A", "%C3",  "%A9", "a",
                                     "\n",  "\x80", "\xe2", "%E2", "%82", "\x82", "%AC", "<",
                                     "%3C", "7E",   "\x7f", ">",   "\"",  ":",    "%5D"};
    unsigned long long state = 88172645463325252ull;
    int unclean = 0, too_long = 0;
    for (int round = 0; round < 200000; round++) {
        char value[64], *out;
        size_t size = 0;
        for (unsigned long long n = next_random(&state) % 12; n > 0; n--) {
            const char *piece = pieces[next_random(&state) % (sizeof pieces / sizeof *pieces)];
            memcpy(value + size, piece, strlen(piece));
            size += strlen(piece);
        }
        if (!size)
            continue;
        size_t used = decode(function, value, size, &out);
        unclean += !is_clean(out, used);
        too_long += used > 3 * size;
        free(out);
    }
    ok(!unclean, "%s: no control byte, quotation mark or angle bracket comes out of random values",
       kind);
    ok(!too_long, "%s: never more than three bytes for one", kind);
}

/* Records of many sizes, with few bytes to encode: each is copied as a loop over its bytes copies it. */
static void test_records(void)
{
    static const char bytes[] = "abc\t -%\xff\"<>=!#?";
    unsigned long long state = 3;
    unsigned wrong = 0;
    for (unsigned round = 0; round < 50000; round++) {
        char record[200], want[3 * sizeof record], *out;
        const size_t size = 1 + (size_t)(next_random(&state) >> 16) % sizeof record;
        size_t end = 0;
        for (size_t i = 0; i < size; i++) {
            const size_t kinds = next_random(&state) >> 16 & 15 ? 8 : sizeof bytes - 1;
            record[i] = bytes[(size_t)(next_random(&state) >> 16) % kinds];
            const bool is_copied = !strchr("\"<>", record[i]);
            end += (size_t)sprintf(want + end, is_copied ? "%c" : "%%%02X", record[i]);
        }
        const size_t used = decode(decode_record, record, size, &out);
        wrong += used != end || memcmp(out, want, end) != 0;
        free(out);
    }
    ok(!wrong, "random records are copied, but for quotation marks and angle brackets: %u wrong",
       wrong);
}

int main(void)
{
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        check(decode_url, "URL", urls[i][0], urls[i][1]);
    for (size_t i = 0; i < sizeof agents / sizeof *agents; i++)
        check(decode_agent, "agent", agents[i][0], agents[i][1]);
    for (size_t i = 0; i < sizeof plains / sizeof *plains; i++)
        check(decode_plain, "plain", plains[i][0], plains[i][1]);
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        check(decode_host, "host", hosts[i][0], hosts[i][1]);
    check(decode_record, "record", "a\t<b>\"\t\xff%3C", "a\t%3Cb%3E%22\t\xff%3C");
    test_records();
    test_random(decode_url, "URL");
    test_random(decode_agent, "agent");
    test_random(decode_plain, "plain");
    test_random(decode_host, "host");
    return done_testing();
}
