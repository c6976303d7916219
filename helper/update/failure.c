#include "update/failure.h"

#include <string.h>

#include "awstats/output.h"
#include "files/temporary.h"
#include "text/buffer.h"
#include "text/message.h"

void failure_print_memory(const char *site)
{
    message_error("[%s]: out of memory; free or add memory, and run the update again: no record is "
                  "lost or counted twice",
                  site);
}

/* Whether an error of perl or of the system means that memory has run out. */
static bool is_memory_error(const char *reason)
{
    static const char *const parts[] = {"ut of memory", "Cannot allocate memory",
                                        "failed to map segment"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(reason, parts[i]))
            return true;
    return false;
}

void failure_print_awstats(const char *site, const struct failure *failure)
{
    const char *counted =
        failure->is_counted ? "all records are counted, but awstats.pl has failed then: " : "";
    const char *out = failure->out, *error = failure->error;
    struct buffer reason = {0};
    awstats_output_add_reason(&reason, awstats_output_has_error(out) || !*error ? out : error);
    if (failure->lack)
        message_error(
            "[%s]: %sthe messages of awstats.pl cannot be stored in the folder %s: %s; free space "
            "there, or set TMPDIR to another folder, and run the update again",
            site, failure->is_counted ? counted : "awstats.pl has failed: ", temporary_directory(),
            strerrordesc_np(failure->lack));
    else if (is_memory_error(reason.data) && !failure->is_counted)
        failure_print_memory(site);
    else
        message_error("[%s]: %s%s", site, counted, reason.data);
    buffer_free(&reason);
}
