#include "shards/outcomes.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "files/read_file.h"
#include "memory/allocate.h"
#include "shards/escaped.h"

void outcomes_init(struct outcomes *outcomes, size_t count)
{
    *outcomes = (struct outcomes){.objects = memory_allocate(count + 1, sizeof *outcomes->objects),
                                  .count = count};
}

void outcomes_free(struct outcomes *outcomes)
{
    for (size_t i = 0; i < outcomes->count; i++)
        free(outcomes->objects[i].error);
    free(outcomes->objects);
    free(outcomes->other_host);
}

static void add_outcome(struct buffer *text, size_t number, const struct outcome *outcome)
{
    if (outcome->is_read) {
        buffer_printf(text, "read %zu %" PRIu64 " %" PRIu64 " %" PRIu32 " %d %" PRIu64 "\n", number,
                      outcome->digest.length, outcome->digest.high, outcome->digest.low,
                      outcome->stays, outcome->bad);
        return;
    }
    buffer_printf(text, "left %zu %d ", number, (int)outcome->why);
    escaped_add(text, outcome->error ? outcome->error : "");
    buffer_add_text(text, "\n");
}

bool outcomes_write(struct task *task, const struct outcomes *outcomes, const char *path)
{
    struct buffer text = {0};
    for (size_t i = 0; i < outcomes->count; i++)
        add_outcome(&text, i, &outcomes->objects[i]);
    buffer_printf(&text, "hosts %" PRIu64 " %d ", outcomes->other_hosts, outcomes->has_own);
    escaped_add(&text, outcomes->other_host ? outcomes->other_host : "");
    buffer_add_text(&text, "\nEND\n");
    bool done = task_write(task, path, &text);
    buffer_free(&text);
    return done;
}

/* Returns the last 32 bits of a digest.  Earlier versions have written 64 bits there, of which the first 32 count. */
static uint32_t take_low_half(char **text)
{
    const uint64_t number = escaped_take_number(text);
    return (uint32_t)(number > UINT32_MAX ? number >> 32 : number);
}

/* Reads the rest of an object's line, behind its first word. */
static bool parse_object(struct outcomes *outcomes, bool is_read, char **text)
{
    uint64_t number = escaped_take_number(text);
    if (number >= outcomes->count)
        return false;
    struct outcome *outcome = &outcomes->objects[number];
    outcome->is_read = is_read;
    if (is_read) {
        outcome->digest.length = escaped_take_number(text);
        outcome->digest.high = escaped_take_number(text);
        outcome->digest.low = take_low_half(text);
        outcome->stays = escaped_take_number(text);
        outcome->bad = escaped_take_number(text);
    } else {
        outcome->why = (enum batch_outcome)escaped_take_number(text);
        outcome->error = memory_copy_text(escaped_take(text));
    }
    return true;
}

static bool parse(struct outcomes *outcomes, char *text)
{
    size_t objects = 0;
    bool done = true;
    while (done && *text) {
        const char *word = escaped_take(&text);
        if (!strcmp(word, "END"))
            return !*text && objects == outcomes->count;
        if (!strcmp(word, "read") || !strcmp(word, "left")) {
            done = parse_object(outcomes, *word == 'r', &text);
            objects++;
        } else if (!strcmp(word, "hosts") && !outcomes->other_host) {
            outcomes->other_hosts = escaped_take_number(&text);
            outcomes->has_own = escaped_take_number(&text);
            outcomes->other_host = memory_copy_text(escaped_take(&text));
        } else {
            done = false;
        }
    }
    return false;
}

bool outcomes_read(struct task *task, struct outcomes *outcomes, unsigned number, size_t count)
{
    char *path = path_of("%s/maps/%u/result", task->folder, number);
    size_t size = 0;
    char *text = read_file(path, SSIZE_MAX - 1, &size);
    outcomes_init(outcomes, count);
    bool done = text && parse(outcomes, text);
    char *map = path_of("map --part=%u", number);
    if (!text && errno == ENOENT)
        task_fail_to_run(task, map, "part %u of %u is not read yet; run: ", number,
                         task->plan.parts);
    else if (!text)
        task_fail_file(task, path);
    else if (!done)
        task_fail_to_run(task, map, "%s is corrupt; remove its folder, and run: ", path);
    free(map);
    free(text);
    free(path);
    return done;
}
