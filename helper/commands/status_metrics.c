#include "commands/status_metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "files/replace_file.h"
#include "text/message.h"
#include "text/plain.h"

enum { FILE_MODE = 0644 }; /* node_exporter runs as another user */

struct metric {
    const char *name;
    const char *type;
    const char *help;
    /* Adds the samples of a site.  Called for sites that cannot be read only if is_of_all. */
    void (*add)(struct buffer *text, const struct metric *metric, const struct status_site *site);
    bool is_of_all;
};

/* Adds the name of a sample and its labels: the site, and LABEL="VALUE" unless LABEL is NULL. */
static void add_name(struct buffer *text, const struct metric *metric,
                     const struct status_site *site, const char *label, const char *value)
{
    buffer_printf(text, "%s{site=\"", metric->name);
    plain_add(text, site->name, "\"\\");
    if (label)
        buffer_printf(text, "\",%s=\"%s", label, value);
    buffer_add_text(text, "\"} ");
}

static void add_count(struct buffer *text, const struct metric *metric,
                      const struct status_site *site, uint64_t count)
{
    add_name(text, metric, site, NULL, NULL);
    buffer_printf(text, "%" PRIu64 "\n", count);
}

/* Adds a number of seconds; NUMBER may be a time before 1970. */
static void add_seconds(struct buffer *text, const struct metric *metric,
                        const struct status_site *site, int64_t seconds)
{
    add_name(text, metric, site, NULL, NULL);
    buffer_printf(text, "%" PRId64 "\n", seconds);
}

static void add_up(struct buffer *text, const struct metric *metric, const struct status_site *site)
{
    add_count(text, metric, site, !site->error.size);
}

static void add_lag(struct buffer *text, const struct metric *metric,
                    const struct status_site *site)
{
    if (site->status.newest)
        add_seconds(text, metric, site, status_site_lag(site));
}

static void add_newest(struct buffer *text, const struct metric *metric,
                       const struct status_site *site)
{
    if (site->status.newest)
        add_seconds(text, metric, site, site->status.newest);
}

static void add_success(struct buffer *text, const struct metric *metric,
                        const struct status_site *site)
{
    if (site->status.committed)
        add_seconds(text, metric, site, site->status.committed);
}

static void add_duration(struct buffer *text, const struct metric *metric,
                         const struct status_site *site)
{
    int64_t duration = site->status.duration_ms;
    if (duration < 0)
        return;
    add_name(text, metric, site, NULL, NULL);
    buffer_printf(text, "%" PRId64 ".%03" PRId64 "\n", duration / 1000, duration % 1000);
}

static void add_objects(struct buffer *text, const struct metric *metric,
                        const struct status_site *site)
{
    add_count(text, metric, site, site->status.objects);
}

static void add_bytes(struct buffer *text, const struct metric *metric,
                      const struct status_site *site)
{
    add_count(text, metric, site, site->status.bytes);
}

static void add_bad(struct buffer *text, const struct metric *metric,
                    const struct status_site *site)
{
    add_count(text, metric, site, site->status.bad);
}

static void add_records(struct buffer *text, const struct metric *metric,
                        const struct status_site *site)
{
    const uint64_t *number = site->status.figures.sum.number;
    add_name(text, metric, site, "outcome", figure_name(FIGURE_COUNTED));
    buffer_printf(text, "%" PRIu64 "\n", number[FIGURE_COUNTED]);
    for (unsigned i = FIGURE_FIRST_LEFT_OUT; i < FIGURES; i++) {
        add_name(text, metric, site, "outcome", figure_name(i));
        buffer_printf(text, "%" PRIu64 "\n", number[i]);
    }
}

static void add_unknown(struct buffer *text, const struct metric *metric,
                        const struct status_site *site)
{
    add_count(text, metric, site, site->status.figures.unknown);
}

static void add_quarantined(struct buffer *text, const struct metric *metric,
                            const struct status_site *site)
{
    add_count(text, metric, site, site->status.quarantined);
}

static void add_passed_over(struct buffer *text, const struct metric *metric,
                            const struct status_site *site)
{
    add_count(text, metric, site, site->status.passed_over);
}

static void add_open_age(struct buffer *text, const struct metric *metric,
                         const struct status_site *site)
{
    add_seconds(text, metric, site, *site->open.id ? status_age(site->open.begun, site->now) : 0);
}

static void add_open_views(struct buffer *text, const struct metric *metric,
                           const struct status_site *site)
{
    add_count(text, metric, site, site->status.open_views);
}

static void add_clean_up(struct buffer *text, const struct metric *metric,
                         const struct status_site *site)
{
    add_count(text, metric, site, site->status.to_clean_up);
}

static void add_clean_up_failed(struct buffer *text, const struct metric *metric,
                                const struct status_site *site)
{
    add_count(text, metric, site, site->status.clean_up_failed);
}

#define PREFIX "awstats_cloudfront_"

/* The metrics.  The manual has the same list. */
static const struct metric metrics[] = {
    {PREFIX "up", "gauge", "Whether the ledger file of the site can be read (1) or not (0).",
     add_up, true},
    {PREFIX "lag_seconds", "gauge",
     "Age of the newest counted object when this file was written; missing before the first one.",
     add_lag, false},
    {PREFIX "newest_object_timestamp_seconds", "gauge",
     "End of the hour of the newest counted object; missing before the first one.", add_newest,
     false},
    {PREFIX "last_success_timestamp_seconds", "gauge",
     "Time of the last counted update, with or without new objects; missing before the first one.",
     add_success, false},
    {PREFIX "last_update_duration_seconds", "gauge",
     "Duration of the last counted update, from its start to its end; missing when it is unknown.",
     add_duration, false},
    {PREFIX "objects_total", "counter", "Objects that were counted.", add_objects, false},
    {PREFIX "bytes_total", "counter",
     "Bytes of the counted objects, as they are stored (compressed).", add_bytes, false},
    {PREFIX "records_total", "counter",
     "Records that AWStats has counted, or left out for the reason that the label outcome names.",
     add_records, false},
    {PREFIX "unknown_batches_total", "counter",
     "Batches whose records are not in awstats_cloudfront_records_total, because AWStats counted "
     "them without the plugin.",
     add_unknown, false},
    {PREFIX "bad_rows_total", "counter", "Malformed lines of logs, which were left out.", add_bad,
     false},
    {PREFIX "quarantined_objects", "gauge", "Objects left out until they can be read.",
     add_quarantined, false},
    {PREFIX "passed_over_objects", "gauge",
     "Objects passed over, because no request in them can be read.", add_passed_over, false},
    {PREFIX "open_batch_age_seconds", "gauge",
     "Age of the batch that was begun and is not counted yet; 0 when there is none.", add_open_age,
     false},
    {PREFIX "open_views", "gauge", "Streaming views that go on, and are counted at their end.",
     add_open_views, false},
    {PREFIX "clean_up_objects", "gauge", "Counted objects that are still to be deleted or moved.",
     add_clean_up, false},
    {PREFIX "clean_up_failed_objects", "gauge",
     "Counted objects that could not be deleted or moved so far.", add_clean_up_failed, false},
};

/* Adds all samples of a metric.  Prometheus requires that they stand together. */
static void add_metric(struct buffer *text, const struct metric *metric,
                       const struct status_site *sites, size_t count)
{
    buffer_printf(text, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
                  metric->type);
    for (size_t i = 0; i < count; i++)
        if (metric->is_of_all || !sites[i].error.size)
            metric->add(text, metric, &sites[i]);
}

/* Returns the advice for an errno of the file. */
static const char *advice(int number)
{
    if (number == ENOSPC || number == EDQUOT)
        return "free space there";
    return number == EACCES || number == EPERM || number == EROFS
               ? "make the folder of this file writable for this user, or choose another --metrics "
                 "FILE"
               : "choose another --metrics FILE";
}

bool status_write_metrics(const char *file, const struct status_site *sites, size_t count)
{
    struct buffer text = {0};
    bool done = true;
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
        add_metric(&text, &metrics[i], sites, count);
    if (!strcmp(file, "-")) {
        fwrite(text.data, 1, text.size, stdout); /* main() reports an error */
    } else if (replace_file(file, FILE_MODE, text.data, text.size) < 0) {
        message_error("%s: the metrics cannot be written: %s; %s", file, strerrordesc_np(errno),
                      advice(errno));
        done = false;
    }
    buffer_free(&text);
    return done;
}
