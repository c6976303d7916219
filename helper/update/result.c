#include "update/result.h"

#include <string.h>

#include "text/buffer.h"
#include "text/message.h"
#include "text/number.h"

enum { PERIODS_MAX = 3 }; /* of more periods, only the first and the last one are named */

/* Adds a period, YYYY, YYYYMM, YYYYMMDD or YYYYMMDDHH, as 2026-10-31. */
static void add_period(struct buffer *line, const char *period, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (i >= 4 && i % 2 == 0)
            buffer_add_text(line, i == 8 ? " " : "-");
        buffer_add(line, period + i, 1);
    }
}

/* Adds the periods, or the first and the last of many. */
static void add_periods(struct buffer *line, const char *periods)
{
    size_t count = 0;
    for (const char *p = periods; *p; p += strspn(p, " ")) {
        count++;
        p += strcspn(p, " ");
    }
    for (size_t i = 0; i < count; i++) {
        size_t size = strcspn(periods, " ");
        if (count <= PERIODS_MAX || i == 0 || i == count - 1) {
            buffer_add_text(line, i == 0 ? ": " : count <= PERIODS_MAX ? ", " : " to ");
            add_period(line, periods, size);
        }
        periods += size + (periods[size] == ' ');
    }
}

void result_print(const char *site, const struct result *result)
{
    struct buffer line = {0};
    uint64_t counted = result->figures.number[FIGURE_COUNTED];
    uint64_t records = result->figures.number[FIGURE_RECORDS];
    /* Perl had another reason to start, or a batch without objects was open. */
    if (!result->objects) {
        message_result("[%s]: no new logs to count", site);
        return;
    }
    buffer_printf(&line, "[%s]: ", site);
    number_add(&line, counted);
    if (counted != records) {
        buffer_add_text(&line, " of ");
        number_add(&line, records);
    }
    buffer_printf(&line, " record%s of ", records == 1 ? "" : "s");
    number_add(&line, result->objects);
    buffer_printf(&line, " log%s %s in %.1f s", result->objects == 1 ? "" : "s",
                  result->dry_run ? "would be counted" : "counted", result->seconds);
    add_periods(&line, result->periods);
    message_result("%s", line.data);
    buffer_free(&line);
}
