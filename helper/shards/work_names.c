#include "shards/work_names.h"

#include <stdlib.h>
#include <string.h>

#include "shards/generation.h"

/* Returns the text behind a number below COUNT; NULL when NAME does not begin with such a number. */
static const char *skip_number(const char *name, unsigned count)
{
    size_t digits = strspn(name, "0123456789");
    bool is_number = digits && digits < 10 && (*name != '0' || digits == 1);
    return is_number && strtoul(name, NULL, 10) < count ? name + digits : NULL;
}

static const char *skip_try(const char *name)
{
    size_t digits = strspn(name, "0123456789abcdef");
    return digits == TASK_NAME_SIZE - 1 ? name + digits : NULL;
}

static const char *skip_history(const struct plan *plan, const char *name)
{
    return !strchr(name, '/') && is_history(plan, name) ? name + strlen(name) : NULL;
}

/* Whether NAME fits PATTERN, in which P stands for a part's number, S for a shard's, T for a try and H for the
 * name of a history file. */
static bool fits(const struct plan *plan, const char *pattern, const char *name)
{
    for (; name && *pattern; pattern++)
        switch (*pattern) {
        case 'P':
            name = skip_number(name, plan->parts);
            break;
        case 'S':
            name = skip_number(name, plan->shards);
            break;
        case 'T':
            name = skip_try(name);
            break;
        case 'H':
            name = skip_history(plan, name);
            break;
        default:
            name = *name == *pattern ? name + 1 : NULL;
        }
    return name && !*name;
}

bool work_name_is(const struct plan *plan, const char *name)
{
    static const char *const patterns[] = {
        "prepared",       "parts/P",          "before/S/H",   "before/S/result",
        "maps/P/T/S.zst", "results/maps/P/T", "shards/S/T/H", "results/shards/S/T"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        if (fits(plan, patterns[i], name))
            return true;
    return false;
}
