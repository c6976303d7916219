#include "historyfile/sections.h"

#include <stdlib.h>
#include <string.h>

#include "historyfile/visit.h"
#include "memory/allocate.h"

void history_sections_free(struct history_sections *sections)
{
    for (size_t i = 0; i < sections->count; i++) {
        struct history_merged *merged = sections->list[i];
        free(merged->name);
        free(merged->comments);
        free(merged->begin);
        if (merged->rows)
            history_rows_free(merged->rows);
        history_copies_free(merged->copies);
        free(merged);
    }
    free(sections->list);
    history_memory_free(&sections->memory);
    history_batches_free(&sections->batches);
}

/* Notes that a host is in two files, and adds the visit that has ended in one of them. */
static bool share_host(void *user, const struct history_row *row, const struct history_visit *ended,
                       struct buffer *error)
{
    struct history_sections *sections = user;
    history_batches_share(&sections->batches, row);
    return !ended->start || history_sections_end_visit(sections, ended, error);
}

/* Adds a section without comments. */
static struct history_merged *add_section(struct history_sections *sections,
                                          const struct history_text *text)
{
    bool has_hosts = !strcmp(text->name, "VISITOR");
    struct history_merged *merged = memory_allocate(1, sizeof *merged);
    merged->name = memory_copy_text(text->name);
    merged->begin = memory_copy_text(text->begin);
    merged->comments = memory_copy_text("");
    merged->section = text->section;
    merged->has_batches = !strcmp(text->name, "PLUGIN_cloudfront");
    /* Rows of PLUGIN_cloudfront are checked one by one, and visits that end add rows to SESSION and SIDER later. */
    bool notes_keys =
        !merged->has_batches && strcmp(text->name, "SESSION") && strcmp(text->name, "SIDER");
    if (text->section)
        merged->rows = history_rows_new(&sections->memory, text->section, notes_keys,
                                        has_hosts ? share_host : NULL, sections);
    sections->list =
        array_grow(sections->list, sections->count, &sections->capacity, sizeof(void *));
    return sections->list[sections->count++] = merged;
}

/* Whether the comments of TEXT say that more rows come first than the section's comments so far. */
static bool has_more_first(const struct history_merged *merged, const struct history_text *text)
{
    return merged->section && history_section_first(merged->section, text->comments) >
                                  history_section_first(merged->section, merged->comments);
}

struct history_merged *history_sections_get(struct history_sections *sections,
                                            const struct history_text *text, bool decides)
{
    struct history_merged *merged = NULL;
    for (size_t i = 0; !merged && i < sections->count; i++)
        if (!strcmp(sections->list[i]->name, text->name))
            merged = sections->list[i];
    if (!merged)
        merged = add_section(sections, text);
    if (!*merged->comments || (decides && has_more_first(merged, text))) {
        free(merged->comments);
        merged->comments = memory_copy_text(text->comments);
    }
    return merged;
}

/* Returns the section NAME, one that AWStats writes into each file. */
static struct history_merged *get_section(struct history_sections *sections, const char *name)
{
    struct buffer begin = {0};
    buffer_printf(&begin, "BEGIN_%s", name);
    const struct history_text text = {.section = history_section_find(name, strlen(name)),
                                      .name = name,
                                      .comments = "",
                                      .begin = begin.data};
    struct history_merged *merged = history_sections_get(sections, &text, false);
    buffer_free(&begin);
    return merged;
}

bool history_sections_end_visit(struct history_sections *sections,
                                const struct history_visit *visit, struct buffer *error)
{
    struct buffer line = {0};
    buffer_printf(&line, "%s 1", history_visit_range(visit));
    bool done =
        history_rows_add(get_section(sections, "SESSION")->rows, line.data, line.size, error);
    buffer_clear(&line);
    history_visit_page(visit, &line);
    buffer_add_text(&line, " 0 0 0 1");
    done =
        done && history_rows_add(get_section(sections, "SIDER")->rows, line.data, line.size, error);
    buffer_free(&line);
    return done;
}

static int by_place(const void *a, const void *b)
{
    const struct history_merged *one = *(struct history_merged *const *)a,
                                *other = *(struct history_merged *const *)b;
    if (!one->section || !other->section)
        return (one->section != NULL) - (other->section != NULL);
    size_t place = history_section_place(one->section),
           other_place = history_section_place(other->section);
    if (place != other_place)
        return place < other_place ? -1 : 1;
    /* EXTRA_10 comes behind EXTRA_9. */
    size_t size = strlen(one->name), other_size = strlen(other->name);
    return size != other_size ? (size < other_size ? -1 : 1) : strcmp(one->name, other->name);
}

void history_sections_sort(struct history_sections *sections)
{
    get_section(sections, "SESSION");
    get_section(sections, "SIDER");
    qsort(sections->list, sections->count, sizeof *sections->list, by_place);
}
