#include "report/report.h"

#include "awstats/environment.h"
#include "config/options.h"
#include "text/message.h"
#include "update/find.h"
#include "update/update.h"

static void tell(const struct site *site, const struct report_options *options,
                 const struct report_result *result)
{
    if (!result->has_icons)
        message_warning("[%s]: the pages of the report have no icons: AWStats' folder icon was not "
                        "found; copy it to %s/icon",
                        site->name, options->folder);
    if (!result->months)
        message_verbose("[%s]: the report has all months already: %s", site->name,
                        result->index.data);
    else
        message_result("[%s]: %zu pages of %zu month%s written: %s", site->name, result->pages,
                       result->months, result->months == 1 ? "" : "s", result->index.data);
}

int update_report(const struct site *site, const struct update_awstats *found, const char *plugin,
                  const char *folder, size_t processes)
{
    struct buffer error = {0};
    struct report_result result = {0};
    struct report_options options = {.folder = folder,
                                     .site = site->name,
                                     .awstats = &found->awstats,
                                     .config = &found->config,
                                     .dirdata = found->dirdata,
                                     .plugin = plugin,
                                     .processes = processes};
    awstats_environment_set(found->config.name);
    bool done = report_make(&options, &result, &error);
    if (done)
        tell(site, &options, &result);
    else
        message_error("[%s]: the update has counted all records, but its report is not complete: "
                      "%s; the next update makes the missing pages",
                      site->name, error.data);
    buffer_free(&result.index);
    buffer_free(&error);
    return done ? EXIT_DONE : EXIT_FAILED;
}
