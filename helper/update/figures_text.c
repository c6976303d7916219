#include "update/figures_text.h"

#include <inttypes.h>

#include "text/percent.h"

static const char *const reasons[FIGURES] = {
    [FIGURE_HOST] = "for hosts that are neither SiteDomain nor in HostAliases",
    [FIGURE_METHOD] = "with methods that AWStats does not count",
    [FIGURE_FUTURE] = "dated more than a day ahead of this machine's clock",
    [FIGURE_LATE] = "much older than a record that comes before them in the log",
    [FIGURE_UNREADABLE] = "with a missing or malformed column; no action is needed",
    [FIGURE_LISTS] = "left out by the lists of the configuration (SkipHosts and the like)",
};

static const enum figure names_of[FIGURE_NAMES] = {
    [FIGURE_NAMES_HOSTS] = FIGURE_HOST,
    [FIGURE_NAMES_METHODS] = FIGURE_METHOD,
};

const char *figures_reason(enum figure figure)
{
    return reasons[figure];
}

void figures_add_name(struct buffer *text, struct field name)
{
    for (size_t i = 0; i < name.size; i++) {
        int byte = -1;
        if (name.text[i] == '%' && i + 2 < name.size)
            byte = percent_byte(name.text + i + 1);
        if (byte > ' ' && byte <= '~')
            i += 2;
        else
            byte = (unsigned char)name.text[i];
        buffer_add(text, &(char){(char)byte}, 1);
    }
}

static void add_list(struct buffer *text, struct field list, uint64_t others)
{
    struct field name;
    uint64_t records;
    const char *before = ": ";
    while (figures_next_name(&list, &name, &records)) {
        buffer_add_text(text, before);
        figures_add_name(text, name);
        buffer_printf(text, " %" PRIu64, records);
        others = records < others ? others - records : 0;
        before = ", ";
    }
    if (others && *before == ',')
        buffer_printf(text, ", others %" PRIu64, others);
}

void figures_add_names(struct buffer *text, const struct figures *figures, enum figure figure)
{
    for (unsigned i = 0; i < FIGURE_NAMES; i++)
        if (names_of[i] == figure)
            add_list(text, figures->names[i], figures->number[figure]);
}
