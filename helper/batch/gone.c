#include "batch/gone.h"

#include <inttypes.h>
#include <stdlib.h>

#include "config/sources.h"
#include "text/by_number.h"
#include "text/message.h"

enum { NAMED_MAX = 10 };

/* The words of the messages for each place: before and after the name of the source, and what to do. */
static const struct {
    const char *before, *after, *advice;
} words[SOURCE_PLACES] = {
    [SOURCE_LISTS_KEY] = {"gone from ", ", or replaced there", "put back what is gone"},
    [SOURCE_LEAVES_KEY_OUT] = {"left out of ", " by the settings \"include\" and \"exclude\" now",
                               "set \"include\" and \"exclude\" back"},
    [SOURCE_HAS_NO_KEY] = {"not from ", ", the source of the site now", "set \"source\" back"},
};

void gone_add(struct gone *gone, const struct source *source, const char *key)
{
    struct gone *of_place = &gone[source_find_place(source, key)];
    if (of_place->count++ < NAMED_MAX)
        buffer_printf(&of_place->named, "%s%s", of_place->named.size ? ", " : "", key);
}

/* Returns the first place with logs that must be there; SOURCE_PLACES: none. */
static size_t find_place(const struct gone *gone, bool may_leave_out)
{
    size_t i = 0;
    while (i < SOURCE_PLACES && (!gone[i].count || (may_leave_out && i == SOURCE_LEAVES_KEY_OUT)))
        i++;
    return i;
}

bool gone_has(const struct gone *gone, bool may_leave_out)
{
    return find_place(gone, may_leave_out) < SOURCE_PLACES;
}

bool gone_fail(const struct gone *gone, const struct site *site,
               const struct counted_choice *choice, struct batch_error *error)
{
    char *source = sources_show(site->source);
    size_t i = find_place(gone, choice->may_leave_out);
    bool has_option = i == SOURCE_LEAVES_KEY_OUT && choice->leave_out_option;
    batch_error_set(error, BATCH_ERROR,
                    "[%s]: %s, because %" PRIu64
                    " counted %s %s%s%s: %s%s; %s, or choose other months with --month%s%s",
                    site->name, choice->why, gone[i].count,
                    by_number(gone[i].count, "object is", "objects are"), words[i].before, source,
                    words[i].after, gone[i].named.data, gone[i].count > NAMED_MAX ? ", …" : "",
                    words[i].advice,
                    has_option ? "; to count the months without these objects, add " : "",
                    has_option ? choice->leave_out_option : "");
    free(source);
    return false;
}

void gone_warn(const struct gone *gone, const struct site *site)
{
    char *source = sources_show(site->source);
    for (size_t i = 0; i < SOURCE_PLACES; i++)
        if (gone[i].count)
            message_warning(
                "[%s]: %" PRIu64 " counted %s %s%s%s, so records of these days may be missing "
                "here: %s%s; %s to have them",
                site->name, gone[i].count,
                by_number(gone[i].count,
                          "object of these days, or of the days before and after, is",
                          "objects of these days, or of the days before and after, are"),
                words[i].before, source, words[i].after, gone[i].named.data,
                gone[i].count > NAMED_MAX ? ", …" : "", words[i].advice);
    free(source);
}

void gone_free(struct gone *gone)
{
    for (size_t i = 0; i < SOURCE_PLACES; i++)
        buffer_free(&gone[i].named);
}
