/* The objects of JSON logs, with their strings and numbers: every form of a value, objects that are cut off at
 * each byte, and texts that are not JSON. */
#include "log/json.h"

#include <stdlib.h>

#include "log/json_number.h"
#include "tap.h"

enum { SCRATCH_SIZE = 512 };

static struct json_object object;

/* Reads SIZE bytes of the text, in memory of just this size, with scratch memory of just SCRATCH_SIZE bytes. */
static enum json_result read_part(const char *text, size_t size)
{
    static char *kept, *scratch;
    free(kept);
    free(scratch);
    kept = malloc(size);
    scratch = malloc(SCRATCH_SIZE);
    if (!kept || !scratch)
        abort();
    memcpy(kept, text, size);
    const char *s = kept;
    enum json_result result = json_read_object(&object, &s, kept + size, scratch, SCRATCH_SIZE);
    if (result == JSON_READ && s != kept + size)
        printf("# %zu bytes are left of: %.*s\n", (size_t)(kept + size - s), (int)size, text);
    return result;
}

static enum json_result read_text(const char *text)
{
    return read_part(text, strlen(text));
}

/* ---- values ---- */

static void read_values(void)
{
    static const struct {
        const char *value, *want;
        enum json_kind kind;
    } cases[] = {
        {"\"\"", "", JSON_STRING},
        {"\"plain\"", "plain", JSON_STRING},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t.\"", "\"\\/\b\f\n\r\t.", JSON_STRING},
        {"\"\\u0041\\u00e4\\u00E4\\u20ac\"", "A\xc3\xa4\xc3\xa4\xe2\x82\xac", JSON_STRING},
        {"\"<\\ud83d\\ude00>\"", "<\xf0\x9f\x98\x80>", JSON_STRING},
        {"\"<\\udbff\\udfff>\"", "<\xf4\x8f\xbf\xbf>", JSON_STRING},
        /* halves of pairs */
        {"\"\\ud83d>\"", "\xef\xbf\xbd>", JSON_STRING},
        {"\"\\ud83d\\n>\"", "\xef\xbf\xbd\n>", JSON_STRING},
        {"\"\\ud83d\\u0041>\"", "\xef\xbf\xbd>", JSON_STRING},
        {"\"\\ude00\\u0041>\"",
         "\xef\xbf\xbd"
         "A>",
         JSON_STRING},
        {"200", "200", JSON_NUMBER},
        {"-1.5E+3", "-1.5E+3", JSON_NUMBER},
        {"true", "true", JSON_WORD},
        {"false", "false", JSON_WORD},
        {"null", "", JSON_NULL},
        {"NaN", "", JSON_NULL},
        {"Infinity", "Infinity", JSON_WORD},
        {"-Infinity", "-Infinity", JSON_NUMBER},
        {"[]", "", JSON_NESTED},
        {"{\"}\": [1, \"\\\"]\", {}]}", "", JSON_NESTED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        snprintf(text, sizeof text, "{\"first\" : %s ,\n\"last\":\"x\"}", cases[i].value);
        enum json_result result = read_text(text);
        const struct json_member *member = object.member;
        ok(result == JSON_READ && object.count == 2 && member->kind == cases[i].kind,
           "%s: the kind", cases[i].value);
        is_text(member->value.text, member->value.size, cases[i].want, "its text");
        is_text(member[1].value.text, member[1].value.size, "x", "the value after it");
    }
    ok(read_text("{}") == JSON_READ && !object.count, "an object without members");
    ok(read_text("{ \n}") == JSON_READ && !object.count, "the same with blanks");
}

/* ---- texts that are cut off, or are not JSON ---- */

static void read_cut(void)
{
    static const char text[] =
        "{\"a\":\"\\u0041\\ud83d\\ude00\\n\", \"b\": [\"\\\"\", {\"c\": 1}], "
        "\"\\u0064\":null, \"e\" : 1.5e3, \"f\":\"g\"}";
    size_t more = 0;
    for (size_t size = 1; size < sizeof text - 1; size++)
        more += read_part(text, size) == JSON_MORE;
    ok(more == sizeof text - 2, "an object is cut off after %zu of %zu bytes", more,
       sizeof text - 2);
    ok(read_text(text) == JSON_READ && object.count == 5, "it is read as a whole");
    is_text(object.member[2].name.text, object.member[2].name.size, "d", "a name with an escape");
}

static void read_malformed(void)
{
    static const char *const texts[] = {
        "{1}",           "{\"a\"}",        "{\"a\":}",
        "{\"a\":nul }",  "{\"a\":nulL }",  "{\"a\":True }",
        "{\"a\":tru }",  "{\"a\":fals }",  "{\"a\":\"\\x\"}",
        "{\"a\":1 2}",   "{\"a\":1,}",     "{\"a\":\"\\u00g0\"}",
        "{\"a\":\"\n\"", "{\"a\":\"\\t\n", "{\"a\":\"\\ud83d\\u00g0\"}",
        "{\"a\":[\"\n",  "{\"a\":[1}",     "{\"a\":{\"b\":1]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ok(read_text(texts[i]) == JSON_MALFORMED, "malformed: %s", texts[i]);
}

static void read_large(void)
{
    static char text[16 * JSON_MEMBERS_MAX];
    for (int members = JSON_MEMBERS_MAX; members <= JSON_MEMBERS_MAX + 1; members++) {
        char *s = text;
        for (int i = 0; i < members; i++)
            s += sprintf(s, "%c\"m%d\":1", i ? ',' : '{', i);
        strcpy(s, "}");
        ok(read_text(text) == (members > JSON_MEMBERS_MAX ? JSON_MALFORMED : JSON_READ),
           "%d members", members);
    }
    for (int depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        char *s = text + sprintf(text, "{\"a\":");
        memset(s, '[', (size_t)depth);
        memset(s + depth, ']', (size_t)depth);
        strcpy(s + 2 * depth, "}");
        ok(read_text(text) == (depth > JSON_DEPTH_MAX ? JSON_MALFORMED : JSON_READ),
           "brackets %d deep", depth);
    }
    /* A string with an escape needs its own size and that of one character. */
    for (int size = SCRATCH_SIZE - 5; size <= SCRATCH_SIZE - 4; size++) {
        char *s = text + sprintf(text, "{\"a\":\"\\n");
        memset(s, 'x', (size_t)size);
        strcpy(s + size, "\"}");
        ok(read_text(text) == (size > SCRATCH_SIZE - 5 ? JSON_MALFORMED : JSON_READ),
           "%d bytes after an escape", size);
    }
}

/* ---- numbers ---- */

static void read_numbers(void)
{
    static const struct {
        const char *number, *want;
    } cases[] = {
        {"0", "0"},
        {"200", "200"},
        {"1000.0", "1000"},
        {"0.001", "0.001"},
        {".0", ".0"},
        {"1e3", "1000"},
        {"1E+3", "1000"},
        {"12e0", "12"},
        {"12e", "12e"},
        {"1.773144E9", "1773144000"},
        {"1.773144000123E9", "1773144000.123"},
        {"2.50e1", "25"},
        {"0.1e1", "1"},
        {"00.5e1", "5"},
        {"5e-3", "0.005"},
        {"125e-2", "1.25"},
        {"0e0", "0"},
        {"0.0E0", "0"},
        {"1e37", "10000000000000000000000000000000000000"},
        /* too long */
        {"1e38", "1e38"},
        {"1e-39", "1e-39"},
        {"1e999", "1e999"},
        {"12345678901234567890123456789012345678901e1",
         "12345678901234567890123456789012345678901e1"},
        {"1234567890123456789012345678901234567890e1",
         "1234567890123456789012345678901234567890e1"},
        {"1.2345678901234567890123456789012345678e1", "12.345678901234567890123456789012345678"},
        {"1.23456789012345678901234567890123456789e1",
         "1.23456789012345678901234567890123456789e1"},
        /* other forms */
        {"-1e3", "-1e3"},
        {"1.2.3e1", "1.2.3e1"},
        {"1e+", "1e+"},
        {"1e-", "1e-"},
        {"1e1.5", "1e1.5"},
        {"e3", "e3"},
        {".e3", ".e3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *out = malloc(JSON_NUMBER_MAX);
        if (!out)
            abort();
        struct field number = {cases[i].number, strlen(cases[i].number)};
        struct field plain = json_number_plain(number, out);
        is_text(plain.text, plain.size, cases[i].want, cases[i].number);
        free(out);
    }
}

int main(void)
{
    read_values();
    read_cut();
    read_malformed();
    read_large();
    read_numbers();
    return done_testing();
}
