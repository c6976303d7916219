#include "historyfile/general.h"

#include <inttypes.h>
#include <string.h>

#include "historyfile/row.h"

enum { NUMBERS_MAX = 1 + HISTORY_UPDATE_NUMBERS };

/* Reads the numbers of a row, with spaces between and behind them.  Returns false for any other text. */
static bool read_numbers(const char *text, size_t size, uint64_t numbers[NUMBERS_MAX])
{
    size_t at = 0, count = 0;
    memset(numbers, 0, NUMBERS_MAX * sizeof *numbers);
    while (at < size) {
        if (text[at] == ' ') {
            at++;
            continue;
        }
        size_t digits = count < NUMBERS_MAX && (at == 0 || text[at - 1] == ' ')
                            ? history_number_read(text + at, size - at, &numbers[count++])
                            : 0;
        if (!digits)
            return false;
        at += digits;
    }
    return true;
}

static const char *const totals[HISTORY_TOTALS] = {
    [HISTORY_VISITS] = "TotalVisits",
    [HISTORY_UNIQUE] = "TotalUnique",
    [HISTORY_HOSTS_KNOWN] = "MonthHostsKnown",
    [HISTORY_HOSTS_UNKNOWN] = "MonthHostsUnknown",
};

bool history_general_read(struct history_general *general, const char *line, size_t size)
{
    uint64_t numbers[NUMBERS_MAX];
    char name[32];
    size_t key = history_key_size(line, size);
    if (key >= sizeof name || !read_numbers(line + key, size - key, numbers))
        return false;
    memcpy(name, line, key);
    name[key] = '\0';
    general->is_read = true;
    if (!strcmp(name, "LastLine")) {
        general->last_line = numbers[0];
        memcpy(general->log, numbers + 1, sizeof general->log);
    } else if (!strcmp(name, "FirstTime")) {
        general->first_time = numbers[0];
    } else if (!strcmp(name, "LastTime")) {
        general->last_time = numbers[0];
    } else if (!strcmp(name, "LastUpdate")) {
        general->last_update = numbers[0];
        memcpy(general->update, numbers + 1, sizeof general->update);
    } else {
        for (size_t i = 0; i < HISTORY_TOTALS; i++)
            if (!strcmp(name, totals[i]))
                return true;
        return false;
    }
    return true;
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t add_up(uint64_t a, uint64_t b)
{
    return a + b < HISTORY_NUMBER_MAX ? a + b : HISTORY_NUMBER_MAX;
}

uint64_t history_general_period_end(const char *date)
{
    enum { TIME_DIGITS = 14 };
    uint64_t end = 0;
    size_t digits = history_number_read(date, strspn(date, "0123456789"), &end);
    if (!digits || digits > TIME_DIGITS)
        return UINT64_MAX;
    end++;
    for (; digits < TIME_DIGITS; digits++)
        end *= 10;
    return end;
}

static uint64_t add_last_line(uint64_t a, uint64_t b, uint64_t period_end)
{
    uint64_t last = later(a, b), first = last == a ? b : a;
    return first >= period_end ? first : last;
}

void history_general_add(struct history_general *general, const struct history_general *more,
                         uint64_t period_end)
{
    if (!general->is_read) {
        *general = *more;
        return;
    }
    if (memcmp(general->log, more->log, sizeof general->log) != 0)
        memset(general->log, 0, sizeof general->log);
    general->last_line = add_last_line(general->last_line, more->last_line, period_end);
    if (more->first_time && (!general->first_time || more->first_time < general->first_time))
        general->first_time = more->first_time;
    general->last_time = later(general->last_time, more->last_time);
    general->last_update = later(general->last_update, more->last_update);
    for (size_t i = 0; i < HISTORY_UPDATE_NUMBERS; i++)
        general->update[i] = add_up(general->update[i], more->update[i]);
}

void history_general_see(struct history_general *general, uint64_t time, uint64_t period_end)
{
    if (general->last_line < period_end)
        general->last_line = later(general->last_line, time);
}

static void add_time(struct buffer *to, const char *name, uint64_t time)
{
    buffer_printf(to, "%s ", name);
    if (time)
        buffer_printf(to, "%" PRIu64, time);
}

static void add_numbers(struct buffer *to, const uint64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_printf(to, " %" PRIu64, numbers[i]);
    buffer_add(to, "\n", 1);
}

void history_general_write(const struct history_general *general, struct buffer *to,
                           size_t places[HISTORY_TOTALS])
{
    buffer_printf(to, "BEGIN_GENERAL 8\n");
    add_time(to, "LastLine", general->last_line);
    add_numbers(to, general->log, HISTORY_LOG_NUMBERS);
    add_time(to, "FirstTime", general->first_time);
    buffer_add(to, "\n", 1);
    add_time(to, "LastTime", general->last_time);
    buffer_add(to, "\n", 1);
    add_time(to, "LastUpdate", general->last_update);
    add_numbers(to, general->update, HISTORY_UPDATE_NUMBERS);
    for (size_t i = 0; i < HISTORY_TOTALS; i++) {
        buffer_printf(to, "%s ", totals[i]);
        places[i] = to->size;
        buffer_add_text(to, HISTORY_SPACES "\n");
    }
    buffer_add_text(to, "END_GENERAL\n");
}
