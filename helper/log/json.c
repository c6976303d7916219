#include "log/json.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "normalized/ascii.h"

/* A text that is read up to S. */
struct reading {
    const char *s, *end;
    char *scratch, *scratch_end;
};

/* A step of reading: as enum json_result, in the order of how bad it is. */
typedef enum json_result step;

/* Moves to the next byte that is no white space. */
static inline step skip_white(struct reading *reading)
{
    while (reading->s < reading->end && ascii_is_white(*reading->s))
        reading->s++;
    return reading->s < reading->end ? JSON_READ : JSON_MORE;
}

/* Reads one byte, after blanks. */
static inline step expect(struct reading *reading, char byte)
{
    step result = skip_white(reading);
    if (result)
        return result;
    return *reading->s++ == byte ? JSON_READ : JSON_MALFORMED;
}

/* Returns the place of the next quotation mark, backslash or line feed; END when there is none. */
static inline const char *find_special(const char *s, const char *end)
{
#ifdef __SSE2__
    for (; end - s >= 16; s += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)s);
        __m128i found = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
        found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
        found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')));
        unsigned places = (unsigned)_mm_movemask_epi8(found);
        if (places)
            return s + __builtin_ctz(places);
    }
#endif
    while (s < end && *s != '"' && *s != '\\' && *s != '\n')
        s++;
    return s;
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    digit = (char)(digit | ('a' - 'A'));
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* Reads the four digits of \uXXXX. */
static step read_unit(struct reading *reading, uint32_t *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        if (reading->s == reading->end)
            return JSON_MORE;
        int value = hex_value(*reading->s++);
        if (value < 0)
            return JSON_MALFORMED;
        *unit = *unit << 4 | (uint32_t)value;
    }
    return JSON_READ;
}

static void put(struct reading *reading, uint32_t byte)
{
    *reading->scratch++ = (char)byte;
}

static void put_utf8(struct reading *reading, uint32_t code)
{
    if (code < 0x80) {
        put(reading, code);
        return;
    }
    if (code < 0x800) {
        put(reading, 0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            put(reading, 0xe0 | code >> 12);
        } else {
            put(reading, 0xf0 | code >> 18);
            put(reading, 0x80 | (code >> 12 & 0x3f));
        }
        put(reading, 0x80 | (code >> 6 & 0x3f));
    }
    put(reading, 0x80 | (code & 0x3f));
}

/* Reads \uXXXX, or two of them that make one character.  A half of such a pair alone becomes U+FFFD. */
static step read_unicode(struct reading *reading)
{
    enum { HIGH = 0xd800, LOW = 0xdc00, AFTER = 0xe000, REPLACEMENT = 0xfffd };
    uint32_t code, low;
    step result = read_unit(reading, &code);
    if (result)
        return result;
    if (code >= HIGH && code < LOW) {
        if (reading->end - reading->s < 2)
            return JSON_MORE;
        if (reading->s[0] != '\\' || reading->s[1] != 'u') {
            put_utf8(reading, REPLACEMENT);
            return JSON_READ;
        }
        reading->s += 2;
        if ((result = read_unit(reading, &low)))
            return result;
        if (low < LOW || low >= AFTER)
            code = REPLACEMENT;
        else
            code = 0x10000 + ((code - HIGH) << 10 | (low - LOW));
    } else if (code >= LOW && code < AFTER) {
        code = REPLACEMENT;
    }
    put_utf8(reading, code);
    return JSON_READ;
}

/* Reads what follows a backslash. */
static step read_escape(struct reading *reading)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (reading->s == reading->end)
        return JSON_MORE;
    char byte = *reading->s++;
    if (byte == 'u')
        return read_unicode(reading);
    const char *found = byte ? strchr(from, byte) : NULL;
    if (!found)
        return JSON_MALFORMED;
    put(reading, (unsigned char)to[found - from]);
    return JSON_READ;
}

/* Reads the rest of a string with escapes: BEGIN is its first byte, and S its first backslash. */
static step read_escaped(struct reading *reading, const char *begin, struct field *value)
{
    char *text = reading->scratch;
    for (;;) {
        size_t size = (size_t)(reading->s - begin);
        if (size + 4 > (size_t)(reading->scratch_end - reading->scratch))
            return JSON_MALFORMED;
        memcpy(reading->scratch, begin, size);
        reading->scratch += size;
        if (reading->s == reading->end)
            return JSON_MORE;
        char byte = *reading->s++;
        if (byte == '"')
            break;
        if (byte == '\n')
            return JSON_MALFORMED;
        step result = read_escape(reading);
        if (result)
            return result;
        begin = reading->s;
        reading->s = find_special(begin, reading->end);
    }
    *value = (struct field){text, (size_t)(reading->scratch - text)};
    return JSON_READ;
}

/* Reads a string after its first quotation mark. */
static inline step read_string(struct reading *reading, struct field *value)
{
    const char *begin = reading->s;
    reading->s = find_special(begin, reading->end);
    if (reading->s == reading->end)
        return JSON_MORE;
    if (*reading->s == '\\')
        return read_escaped(reading, begin, value);
    if (*reading->s++ == '\n')
        return JSON_MALFORMED;
    *value = (struct field){begin, (size_t)(reading->s - 1 - begin)};
    return JSON_READ;
}

/* Skips a string after its first quotation mark. */
static step skip_string(struct reading *reading)
{
    for (;;) {
        reading->s = find_special(reading->s, reading->end);
        if (reading->s == reading->end)
            return JSON_MORE;
        char byte = *reading->s++;
        if (byte == '"')
            return JSON_READ;
        if (byte == '\n')
            return JSON_MALFORMED;
        if (reading->s == reading->end)
            return JSON_MORE;
        reading->s++;
    }
}

/* Skips an object or an array: only strings and brackets matter. */
static step skip_nested(struct reading *reading)
{
    char closing[JSON_DEPTH_MAX];
    size_t depth = 0;
    while (reading->s < reading->end) {
        char byte = *reading->s++;
        step result;
        if (byte == '"' && (result = skip_string(reading)))
            return result;
        if (byte == '{' || byte == '[') {
            if (depth == JSON_DEPTH_MAX)
                return JSON_MALFORMED;
            closing[depth++] = byte == '{' ? '}' : ']';
        } else if (byte == '}' || byte == ']') {
            if (closing[--depth] != byte)
                return JSON_MALFORMED;
            if (!depth)
                return JSON_READ;
        }
    }
    return JSON_MORE;
}

static bool is_word(struct field word, const char *text)
{
    return word.size == strlen(text) && !memcmp(word.text, text, word.size);
}

/* Reads a number, or true, false or null.  Python's json module also writes NaN, which stands for an absent value as in
 * tables that Python writes, and Infinity, which is no number that CloudFront writes. */
static step read_word(struct reading *reading, struct json_member *member)
{
    const char *begin = reading->s;
    while (reading->s < reading->end &&
           (ascii_is_letter_or_digit(*reading->s) || *reading->s == '.' || *reading->s == '-' ||
            *reading->s == '+'))
        reading->s++;
    if (reading->s == reading->end)
        return JSON_MORE;
    struct field word = {begin, (size_t)(reading->s - begin)};
    if (!word.size)
        return JSON_MALFORMED;
    if (*begin == '-' || (*begin >= '0' && *begin <= '9'))
        member->kind = JSON_NUMBER;
    else if (is_word(word, "null") || is_word(word, "NaN"))
        member->kind = JSON_NULL;
    else if (is_word(word, "true") || is_word(word, "false") || is_word(word, "Infinity"))
        member->kind = JSON_WORD;
    else
        return JSON_MALFORMED;
    member->value = member->kind == JSON_NULL ? (struct field){"", 0} : word;
    return JSON_READ;
}

static inline step read_value(struct reading *reading, struct json_member *member)
{
    step result = skip_white(reading);
    if (result)
        return result;
    switch (*reading->s) {
    case '"':
        reading->s++;
        member->kind = JSON_STRING;
        return read_string(reading, &member->value);
    case '{':
    case '[':
        member->kind = JSON_NESTED;
        member->value = (struct field){"", 0};
        return skip_nested(reading);
    default:
        return read_word(reading, member);
    }
}

/* Reads the object's next member after the quotation mark of its name. */
static step read_member(struct reading *reading, struct json_object *object)
{
    struct json_member *member = &object->member[object->count];
    const struct json_name *name = &object->expected[object->count];
    step result = read_string(reading, &member->name);
    if (result || (result = expect(reading, ':')))
        return result;
    member->is_expected = object->count < object->expected_count &&
                          member->name.size == name->size &&
                          !memcmp(member->name.text, name->text, name->size);
    return read_value(reading, member);
}

/* Reads members at S as most logs have them: the name that is expected, a string without escapes, and at
 * most one space after the colon and the comma.  Stops before the first one that is not so.  Returns the
 * place after the last comma. */
static const char *read_usual(struct json_object *object, const char *s, const char *end)
{
    enum { AROUND = 8 }; /* bytes around name and value */
    for (; object->count < object->expected_count; object->count++) {
        const struct json_name *name = &object->expected[object->count];
        if ((size_t)(end - s) < name->size + AROUND || *s != '"' ||
            memcmp(s + 1, name->text, name->size) != 0)
            break;
        const char *value = s + 1 + name->size;
        if (value[0] != '"' || value[1] != ':')
            break;
        value += value[2] == ' ' ? 3 : 2;
        if (*value++ != '"')
            break;
        const char *mark = find_special(value, end);
        if (end - mark < 3 || *mark != '"' || mark[1] != ',')
            break;
        object->member[object->count] = (struct json_member){
            {s + 1, name->size}, true, {value, (size_t)(mark - value)}, JSON_STRING};
        s = mark + (mark[2] == ' ' ? 3 : 2);
    }
    return s;
}

static step read_members(struct reading *reading, struct json_object *object)
{
    for (;;) {
        reading->s = read_usual(object, reading->s, reading->end);
        if (object->count == JSON_MEMBERS_MAX)
            return JSON_MALFORMED;
        step result = expect(reading, '"');
        if (result || (result = read_member(reading, object)) || (result = skip_white(reading)))
            return result;
        object->count++;
        char byte = *reading->s++;
        if (byte == '}')
            return JSON_READ;
        if (byte != ',')
            return JSON_MALFORMED;
        reading->s += reading->s < reading->end && *reading->s == ' ';
    }
}

enum json_result json_read_object(struct json_object *object, const char **text, const char *end,
                                  char *scratch, size_t scratch_size)
{
    struct reading reading = {*text + 1, end, scratch, scratch + scratch_size};
    object->count = 0;
    step result = skip_white(&reading);
    if (!result && *reading.s == '}')
        reading.s++;
    else if (!result)
        result = read_members(&reading, object);
    if (!result)
        *text = reading.s;
    return result;
}
