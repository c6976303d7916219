#include "recount/loss.h"

#include <stdio.h>
#include <string.h>

#include "normalized/clock.h"

enum { DAY_S = 24 * 3600 };

struct amount {
    uint64_t hits, bytes;
};

static struct amount all_of(const struct history_sums *sums)
{
    return (struct amount){sums->all_hits, sums->all_bytes};
}

static void add(struct amount *sum, struct amount more)
{
    sum->hits += more.hits;
    sum->bytes += more.bytes;
}

static bool is_less(struct amount after, struct amount before)
{
    return after.hits < before.hits && after.bytes < before.bytes;
}

/* Returns the new hits and bytes of a day; 0 when it is in none of the months. */
static struct amount new_of_day(const struct recount_month *months, size_t count, uint32_t day)
{
    struct amount sum = {0};
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < months[i].new.day_count; k++)
            if (months[i].new.days[k].day == day)
                add(&sum, (struct amount){months[i].new.days[k].hits, months[i].new.days[k].bytes});
    return sum;
}

/* Returns the first day of a month. */
static uint32_t first_day(const struct recount_month *month)
{
    char date[CLOCK_DATE_SIZE + 1];
    uint32_t day = 0;
    snprintf(date, sizeof date, "%s-01", month->name);
    clock_parse_date(date, CLOCK_DATE_SIZE, &day);
    return day;
}

static bool is_lost(struct recount_loss *loss, const char *span, struct amount before,
                    struct amount after)
{
    if (!is_less(after, before))
        return false;
    *loss = (struct recount_loss){.before = before.hits, .after = after.hits};
    snprintf(loss->span, sizeof loss->span, "%s", span);
    return true;
}

/* Compares month I, with the day before and after the month, if these are days of other MONTHS. */
static bool month_is_lost(const struct recount_month *months, size_t count, size_t i,
                          struct recount_loss *loss)
{
    const struct recount_month *month = &months[i];
    struct amount after = all_of(&month->new);
    uint32_t first = first_day(month), next = i + 1 < count ? first_day(&months[i + 1]) : 0;
    add(&after, new_of_day(months, count, first - 1));
    if (next && next - first <= 31) /* else there is a month between, which is not counted */
        add(&after, new_of_day(months, count, next));
    return is_lost(loss, month->name, all_of(&month->old), after);
}

static bool day_is_lost(const struct recount_month *months, size_t count,
                        const struct history_day *day, struct recount_loss *loss)
{
    struct amount after = new_of_day(months, count, day->day);
    char date[CLOCK_DATE_SIZE + 1] = "", time[CLOCK_TIME_SIZE];
    add(&after, new_of_day(months, count, day->day - 1));
    add(&after, new_of_day(months, count, day->day + 1));
    clock_format(day->day * DAY_S, date, time);
    return is_lost(loss, date, (struct amount){day->hits, day->bytes}, after);
}

bool recount_find_loss(const struct recount_month *months, size_t count, struct recount_loss *loss)
{
    struct amount before = {0}, after = {0};
    for (size_t i = 0; i < count; i++) {
        if (month_is_lost(months, count, i, loss))
            return true;
        add(&before, all_of(&months[i].old));
        add(&after, all_of(&months[i].new));
    }
    if (is_lost(loss, "these months together", before, after))
        return true;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < months[i].old.day_count; k++)
            if (day_is_lost(months, count, &months[i].old.days[k], loss))
                return true;
    return false;
}
