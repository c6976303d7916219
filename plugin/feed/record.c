#include "feed/record.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

bool field_is(const struct field *field, const char *text)
{
    return field->size == strlen(text) && memcmp(field->text, text, field->size) == 0;
}

/* Reads COUNT digits; false when there is another byte among them. */
static bool digits(const char *text, size_t count, uint64_t *value)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned digit = (unsigned char)text[i] - (unsigned)'0';
        if (digit > 9)
            return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return true;
}

bool date_exists(unsigned year, unsigned month, unsigned day)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return year >= 1000 && month >= 1 && month <= 12 && day >= 1 &&
           day <= days[month - 1] + (month == 2 && leap ? 1U : 0U);
}

/* Whether each of 8 bytes of TEXT is what LOW has there, or a digit where LOW has '0'; ROOM tells
 * which: it has 127 less the greatest digit, or 127 where there is none.
 *
 * A byte that differs from '0' in bits worth D is the digit D, and then D + ROOM is below 128. */
static bool is_like(const char *text, const char *low, const char *room)
{
    uint64_t word, low_word, room_word;
    memcpy(&word, text, 8);
    memcpy(&low_word, low, 8);
    memcpy(&room_word, room, 8);
    uint64_t difference = word ^ low_word;
    return ((difference | (difference + room_word)) & 0x8080808080808080) == 0;
}

/* Of two digits. */
static unsigned number(const char *text)
{
    return (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
}

static bool is_date(const struct field *field)
{
    const char *text = field->text;
    uint64_t day;
    return field->size == strlen("YYYY-MM-DD") &&
           is_like(text, "0000-00-", "\x76\x76\x76\x76\x7f\x7e\x76\x7f") &&
           digits(text + 8, 2, &day) &&
           date_exists(number(text) * 100 + number(text + 2), number(text + 5), (unsigned)day);
}

static bool is_time(const struct field *field, unsigned *minute, unsigned *second)
{
    const char *text = field->text;
    if (field->size != strlen("hh:mm:ss") ||
        !is_like(text, "00:00:00", "\x7d\x76\x7f\x7a\x76\x7f\x7a\x76") || number(text) > 23)
        return false;
    *minute = number(text + 3);
    *second = number(text + 6);
    return true;
}

#ifdef __SSE2__
enum { STEP = 16 };

/* Where in STEP bytes TABs are: a bit for each byte, the lowest for the first. */
static unsigned tabs_in(const char *text)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)text);
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t')));
}
#else
enum { STEP = 1 };

static unsigned tabs_in(const char *text)
{
    return *text == '\t';
}
#endif

/* Finds the TABs of a line.  False when there are not as many as between columns. */
static bool find_tabs(const char *line, const char *end, const char **tab)
{
    unsigned found = 0;
    for (; end - line >= STEP; line += STEP) {
        for (unsigned tabs = tabs_in(line); tabs; tabs &= tabs - 1) {
            if (found == COLUMN_COUNT - 1)
                return false;
            tab[found++] = line + __builtin_ctz(tabs);
        }
    }
    for (; line < end; line++) {
        if (*line != '\t')
            continue;
        if (found == COLUMN_COUNT - 1)
            return false;
        tab[found++] = line;
    }
    return found == COLUMN_COUNT - 1;
}

static bool split_columns(struct record *record, const char *line, const char *end)
{
    const char *tab[COLUMN_COUNT];
    if (!find_tabs(line, end, tab))
        return false;
    tab[COLUMN_COUNT - 1] = end;
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        if (tab[i] == line)
            return false;
        record->field[i] = (struct field){line, (size_t)(tab[i] - line)};
        line = tab[i] + 1;
    }
    return end[-1] != '\r';
}

bool record_split(struct record *record, const char *line, size_t size)
{
    const struct field *field = record->field;
    uint64_t status;
    if (size == 0 || line[size - 1] != '\n' || !split_columns(record, line, line + size - 1) ||
        field[COLUMN_STATUS].size != 3 || !digits(field[COLUMN_STATUS].text, 3, &status) ||
        field[COLUMN_BYTES].size > 15 ||
        !digits(field[COLUMN_BYTES].text, field[COLUMN_BYTES].size, &record->bytes) ||
        !is_date(&field[COLUMN_DATE]) ||
        !is_time(&field[COLUMN_TIME], &record->minute, &record->second))
        return false;
    record->status = (unsigned)status;
    return true;
}
