#include "shards/figures_sum.h"

#include <inttypes.h>
#include <stdlib.h>

#include "config/site_command.h"
#include "memory/allocate.h"
#include "text/by_number.h"
#include "text/message.h"
#include "text/number.h"
#include "update/figures_text.h"

enum { NAMES_SHOWN = 10 }; /* of each kind, as in the plugin's Figures.pm */

struct name {
    struct entry entry;
    uint64_t records;
};

void figures_sum_init(struct figures_sum *sum)
{
    *sum = (struct figures_sum){0};
    for (unsigned i = 0; i < FIGURE_NAMES; i++)
        table_init(&sum->names[i], sizeof(struct name), 0); /* a shard has few names */
}

void figures_sum_free(struct figures_sum *sum)
{
    for (unsigned i = 0; i < FIGURE_NAMES; i++)
        table_clear(&sum->names[i], NULL, NULL);
    buffer_free(&sum->text);
}

void figures_sum_add(struct figures_sum *sum, const char *text)
{
    struct figures figures;
    struct field name;
    uint64_t records;
    unsigned shard = sum->shards++;
    if (!figures_read(&figures, text))
        return;
    figures_add(&sum->figures, &figures);
    if (figures.number[FIGURE_FUTURE] && (!sum->earliest || figures.newest < sum->earliest)) {
        sum->earliest = figures.newest;
        sum->behind = shard;
    }
    for (unsigned i = 0; i < FIGURE_NAMES; i++) {
        while (figures_next_name(&figures.names[i], &name, &records)) {
            struct name *known = table_get(&sum->names[i], name.text, name.size);
            if (known)
                known->records += records;
        }
    }
}

/* The order of names: the most records first. */
static int compare(const void *left, const void *right)
{
    const struct name *a = *(const struct name *const *)left;
    const struct name *b = *(const struct name *const *)right;
    if (a->records != b->records)
        return a->records > b->records ? -1 : 1;
    return strcmp(a->entry.key, b->entry.key);
}

static void add_names(struct buffer *text, const struct table *table, enum figure_names kind)
{
    const struct name **names = memory_allocate(table->entries + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < table->slots; i++)
        if (table->slot[i])
            names[count++] = (const struct name *)table->slot[i];
    qsort(names, count, sizeof *names, compare);
    for (size_t i = 0; i < count && i < NAMES_SHOWN; i++) {
        if (i == 0)
            buffer_printf(text, " %s=", figure_names_name(kind));
        buffer_printf(text, "%s%s:%" PRIu64, i ? "," : "", names[i]->entry.key, names[i]->records);
    }
    free(names);
}

void figures_sum_end(struct figures_sum *sum)
{
    char numbers[FIGURES_TEXT_SIZE];
    figures_put(numbers, &sum->figures);
    buffer_add_text(&sum->text, numbers);
    for (unsigned i = 0; i < FIGURE_NAMES; i++)
        add_names(&sum->text, &sum->names[i], i);
    struct figures read;
    if (figures_read(&read, sum->text.data))
        memcpy(sum->figures.names, read.names, sizeof read.names);
}

/* Adds "N of M records are ...": why AWStats left out the records of FIGURE. */
static void add_clause(struct buffer *line, const struct figures *figures, enum figure figure)
{
    const uint64_t *number = figures->number;
    number_add(line, number[figure]);
    buffer_add_text(line, " of ");
    number_add(line, number[FIGURE_RECORDS]);
    buffer_printf(line, " %s %s %s", by_number(number[FIGURE_RECORDS], "record", "records"),
                  by_number(number[figure], "is", "are"), figures_reason(figure));
    figures_add_names(line, figures, figure);
}

void figures_sum_add_reasons(struct buffer *text, const struct figures_sum *sum)
{
    const char *before = "";
    for (unsigned i = FIGURE_FIRST_LEFT_OUT; i < FIGURES; i++) {
        if (!sum->figures.number[i])
            continue;
        buffer_add_text(text, before);
        add_clause(text, &sum->figures, i);
        before = "; ";
    }
}

void figures_sum_warn(const struct figures_sum *sum, const struct site *site)
{
    const struct figures *figures = &sum->figures;
    for (unsigned i = FIGURE_FIRST_LEFT_OUT; i < FIGURES; i++) {
        struct buffer line = {0};
        if (!figures->number[i])
            continue;
        add_clause(&line, figures, i);
        if (i != FIGURE_LISTS)
            buffer_add_text(&line, "; AWStats left them out");
        if (i == FIGURE_HOST) {
            buffer_add_text(&line, "; add hosts of yours to HostAliases, then run: ");
            site_command_add(&line, site, "recount", NULL, NULL);
        }
        message_warning("[%s]: %s", site->name, line.data);
        buffer_free(&line);
    }
}
