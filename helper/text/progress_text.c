#include "text/progress_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "text/by_number.h"

static const struct {
    const char *name; /* in JSON */
    const char *verb; /* on a terminal */
} stages[PROGRESS_STAGES] = {
    [PROGRESS_LIST] = {"list", "listing"},
    [PROGRESS_READ] = {"read", "reading"},
    [PROGRESS_SORT] = {"sort", "sorting"},
    [PROGRESS_WRITE] = {"write", "writing"},
    [PROGRESS_COUNT] = {"count", "AWStats is counting"},
    [PROGRESS_CLEAN_UP] = {"clean_up", "deleting or moving"},
    [PROGRESS_REPORT] = {"report", "writing the report"},
};

enum unit { OBJECTS, BYTES, RECORDS };

static enum unit unit_of(const struct progress_state *state)
{
    switch (state->stage) {
    case PROGRESS_READ:
        return BYTES;
    case PROGRESS_SORT:
    case PROGRESS_WRITE:
    case PROGRESS_COUNT:
        return RECORDS;
    default:
        return OBJECTS;
    }
}

uint64_t progress_done(const struct progress_state *state)
{
    switch (unit_of(state)) {
    case BYTES:
        return state->bytes;
    case RECORDS:
        return state->records;
    default:
        return state->objects;
    }
}

/* Returns the total in the unit of the rate; 0: not known. */
static uint64_t total_of(const struct progress_state *state)
{
    switch (unit_of(state)) {
    case BYTES:
        return state->bytes_total;
    case RECORDS:
        return state->records_total;
    default:
        return state->objects_total;
    }
}

/* Returns the seconds until the stage ends at its present rate, or -1 when that is not known. */
static double seconds_left(const struct progress_state *state)
{
    uint64_t done = progress_done(state), total = total_of(state);
    if (!total || state->rate <= 0)
        return -1;
    return done < total ? (double)(total - done) / state->rate : 0;
}

/* ---- a line for a terminal ------------------------------------------------------------------ */

/* Adds a text to OUT, as far as it fits. */
__attribute__((format(printf, 3, 4))) static void add(char out[PROGRESS_TEXT_SIZE], size_t *size,
                                                      const char *format, ...)
{
    va_list arguments;
    size_t room = PROGRESS_TEXT_SIZE - *size;
    va_start(arguments, format);
    int added = vsnprintf(out + *size, room, format, arguments);
    va_end(arguments);
    if (added > 0)
        *size += (size_t)added < room ? (size_t)added : room - 1;
}

/* Adds a number of bytes, as in 999 B, 1.2 kB, 12 MB. */
static void add_bytes(char out[PROGRESS_TEXT_SIZE], size_t *size, uint64_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    uint64_t tenths = 0, whole = bytes;
    size_t unit = 0;
    for (; whole >= 1000; unit++) {
        tenths = whole % 1000 / 100;
        whole /= 1000;
    }
    if (unit && whole < 10)
        add(out, size, "%" PRIu64 ".%" PRIu64 " %s", whole, tenths, units[unit]);
    else
        add(out, size, "%" PRIu64 " %s", whole, units[unit]);
}

/* Adds a duration, M:SS or H:MM:SS. */
static void add_time(char out[PROGRESS_TEXT_SIZE], size_t *size, double seconds)
{
    enum { HOURS_MAX = 9999 };
    uint64_t whole = seconds < HOURS_MAX * 3600.0 ? (uint64_t)seconds : HOURS_MAX * 3600;
    if (whole >= 3600)
        add(out, size, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, whole / 3600, whole / 60 % 60,
            whole % 60);
    else
        add(out, size, "%" PRIu64 ":%02" PRIu64, whole / 60, whole % 60);
}

/* Returns the name of the objects of a stage. */
static const char *name_objects(const struct progress_state *state, uint64_t count)
{
    return state->stage == PROGRESS_REPORT ? by_number(count, "page", "pages")
                                           : by_number(count, "object", "objects");
}

static void add_objects(char out[PROGRESS_TEXT_SIZE], size_t *size,
                        const struct progress_state *state)
{
    if (state->objects_total)
        add(out, size, ", %" PRIu64 " of %" PRIu64 " %s", state->objects, state->objects_total,
            name_objects(state, state->objects_total));
    else
        add(out, size, ", %" PRIu64 " %s", state->objects, name_objects(state, state->objects));
}

static void add_rate(char out[PROGRESS_TEXT_SIZE], size_t *size, const struct progress_state *state)
{
    enum unit unit = unit_of(state);
    if (state->rate < 1)
        return;
    add(out, size, ", ");
    if (unit == BYTES)
        add_bytes(out, size, (uint64_t)state->rate);
    else
        add(out, size, "%" PRIu64 " %s", (uint64_t)state->rate,
            unit == RECORDS ? "records" : name_objects(state, 0));
    add(out, size, "/s");
}

size_t progress_put_text(char out[PROGRESS_TEXT_SIZE], const struct progress_state *state,
                         size_t width)
{
    size_t size = 0;
    double left = seconds_left(state);
    bool has_records = unit_of(state) == RECORDS;
    add(out, &size, "%s", stages[state->stage].verb);
    if (state->parts)
        add(out, &size, ", %zu of %zu sites done", state->parts_ended, state->parts);
    if (!has_records || state->parts)
        add_objects(out, &size, state);
    if (state->stage == PROGRESS_READ && (state->bytes || state->bytes_total)) {
        add(out, &size, ", ");
        add_bytes(out, &size, state->bytes);
        if (state->bytes_total) {
            add(out, &size, " of ");
            add_bytes(out, &size, state->bytes_total);
        }
    }
    if (state->records_total)
        add(out, &size, ", %" PRIu64 " of %" PRIu64 " %s", state->records, state->records_total,
            by_number(state->records_total, "record", "records"));
    else if (has_records || state->records)
        add(out, &size, ", %" PRIu64 " %s", state->records,
            by_number(state->records, "record", "records"));
    add_rate(out, &size, state);
    if (left >= 0) {
        add(out, &size, ", ");
        add_time(out, &size, left);
        add(out, &size, " left");
    }
    if (size > width) {
        size = width;
        out[size] = '\0';
    }
    return size;
}

/* ---- JSON ----------------------------------------------------------------------------------- */

/* Adds a number with one decimal and a point, whatever the locale; null for a negative number. */
static void add_decimal(char out[PROGRESS_TEXT_SIZE], size_t *size, const char *name, double value)
{
    uint64_t tenths = value >= 0 && value < 1e17 ? (uint64_t)(value * 10) : 0;
    if (value < 0)
        add(out, size, ", \"%s\": null", name);
    else
        add(out, size, ", \"%s\": %" PRIu64 ".%" PRIu64, name, tenths / 10, tenths % 10);
}

/* Adds a total; null when it is not known. */
static void add_total(char out[PROGRESS_TEXT_SIZE], size_t *size, const char *name, uint64_t total)
{
    if (total)
        add(out, size, ", \"%s\": %" PRIu64, name, total);
    else
        add(out, size, ", \"%s\": null", name);
}

size_t progress_put_json(char out[PROGRESS_TEXT_SIZE], const struct progress_state *state)
{
    static const char *const units[] = {
        [OBJECTS] = "objects", [BYTES] = "bytes", [RECORDS] = "records"};
    size_t size = 0;
    add(out, &size, "{\"schema\": %d, \"stage\": \"%s\"", PROGRESS_SCHEMA,
        stages[state->stage].name);
    add(out, &size, ", \"objects\": %" PRIu64, state->objects);
    add_total(out, &size, "objects_total", state->objects_total);
    add(out, &size, ", \"bytes\": %" PRIu64, state->bytes);
    add_total(out, &size, "bytes_total", state->bytes_total);
    add(out, &size, ", \"records\": %" PRIu64, state->records);
    add_total(out, &size, "records_total", state->records_total);
    add_decimal(out, &size, "seconds", state->seconds);
    add_decimal(out, &size, "rate", state->rate);
    add(out, &size, ", \"rate_unit\": \"%s\"", units[unit_of(state)]);
    add_decimal(out, &size, "seconds_left", seconds_left(state));
    add(out, &size, ", \"sites\": %zu, \"sites_done\": %zu", state->parts, state->parts_ended);
    add(out, &size, ", \"done\": %s}\n", state->is_last ? "true" : "false");
    return size;
}
