#include "historyfile/section.h"

#include <stdio.h>
#include <string.h>

#define ANY                 HISTORY_ANY, 0, 0
#define BY_KEY              HISTORY_BY_KEY, 0, 0
#define FIRST(column, rows) HISTORY_FIRST, column, rows
#define COLUMN(...)                                                                                \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define ADD(name)            COLUMN(HISTORY_ADD, name, false)
#define ADD_VISITS(name)     COLUMN(HISTORY_ADD, name, true)
#define LATEST(name)         COLUMN(HISTORY_LATEST, name, true)
#define LATEST_OR_NONE(name) COLUMN(HISTORY_LATEST_OR_NONE, name, true)
#define VISIT(name)          COLUMN(HISTORY_VISIT, name, true)
#define TEXT(name)           COLUMN(HISTORY_TEXT, name, true)
#define REST(name)           COLUMN(HISTORY_REST, name, true)

static const struct history_section sections[] = {
#define SECTION(name, order, ...) {name, order, {__VA_ARGS__}},
#include "historyfile/sections.def"
#undef SECTION
};

const struct history_section *history_section_find(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        size_t length = strlen(sections[i].name);
        bool is_prefix = sections[i].name[length - 1] == '_';
        if ((is_prefix ? size > length : size == length) &&
            memcmp(sections[i].name, name, length) == 0)
            return &sections[i];
    }
    return NULL;
}

size_t history_section_place(const struct history_section *section)
{
    return (size_t)(section - sections);
}

bool history_section_has_visits(const struct history_section *section)
{
    for (size_t i = 0; section->columns[i].values; i++)
        if (section->columns[i].values == HISTORY_VISIT)
            return true;
    return false;
}

size_t history_section_first(const struct history_section *section, const char *comments)
{
    if (section->order == HISTORY_BY_KEY)
        return HISTORY_FIRST_MAX;
    if (section->order == HISTORY_ANY || section->first)
        return section->first;
    size_t rows = 0;
    const char *text = strstr(comments, "# The ");
    if (!text || sscanf(text, "# The %9zu first ", &rows) != 1)
        return 0;
    return rows < HISTORY_FIRST_MAX ? rows : HISTORY_FIRST_MAX;
}
