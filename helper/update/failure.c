#include "update/failure.h"

#include <string.h>

#include "awstats/output.h"
#include "text/buffer.h"
#include "text/message.h"

void failure_print_memory(const char *site)
{
    message_error("[%s]: out of memory; free or add memory, and run the update again: no record is "
                  "lost or counted twice",
                  site);
}

/* Whether an error of perl, or of the system, comes from a lack of memory. */
static bool is_memory_error(const char *reason)
{
    static const char *const parts[] = {"ut of memory", "Cannot allocate memory",
                                        "failed to map segment"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(reason, parts[i]))
            return true;
    return false;
}

void failure_print_awstats(const char *site, const char *out, const char *error)
{
    struct buffer reason = {0};
    awstats_output_add_reason(&reason, awstats_output_has_error(out) || !*error ? out : error);
    if (is_memory_error(reason.data))
        failure_print_memory(site);
    else
        message_error("[%s]: %s", site, reason.data);
    buffer_free(&reason);
}
