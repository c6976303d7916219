/* Messages about the objects that were read: malformed lines, missing columns. */
#include <inttypes.h>
#include <string.h>

#include "memory/allocate.h"
#include "run/internal.h"
#include "text/by_number.h"
#include "text/message.h"

enum { BAD_MAX = 10 }; /* objects with malformed lines that messages name */

/* How much of an object can be read. */
enum extent { EXTENT_ENOUGH, EXTENT_LITTLE, EXTENT_NOTHING };

/* Bad rows of a normalized log may be those of the logs that it was made from (inner_bad, inner_quarantined): then
 * the normalized log itself can be read. */
static enum extent find_extent(const struct reader_summary *summary)
{
    uint64_t good = summary->records + summary->hosts.left_out.records;
    if (!good && summary->bad && !summary->inner_bad && !summary->inner_quarantined)
        return EXTENT_NOTHING;
    return summary->bad > good ? EXTENT_LITTLE : EXTENT_ENOUGH;
}

/* Warns of the malformed lines of an object. */
static void warn_of_bad(const struct run *run, const char *name,
                        const struct reader_summary *summary, enum extent extent)
{
    const char *more = summary->bad > 1 ? "this and other malformed lines are"
                                        : "this malformed line is",
               *end = ", and the others are read";
    bool is_cleaned = run->batch && run->options.site->after != SITE_AFTER_KEEP;
    if (extent == EXTENT_NOTHING && run->batch)
        end = "; no line is left, so the object is passed over, and not read again until the "
              "setting \"fields\", \"delimiter\" or \"type\" changes";
    else if (extent == EXTENT_NOTHING)
        end = ", and no line is left";
    else if (extent == EXTENT_LITTLE && is_cleaned)
        end = ", and the others are read; they are the smaller part, so the object stays where it "
              "is, whatever the setting \"after\" is";
    message_warning("%s: line %" PRIu64 ": %s; %s left out%s", name, summary->first_bad_line,
                    summary->first_bad_error, more, end);
}

/* Adds the reason why no line of an object is left. */
static void add_reason(struct buffer *error, const struct reader_summary *summary)
{
    buffer_printf(error, "no line of it can be read; line %" PRIu64 ": %s", summary->first_bad_line,
                  summary->first_bad_error);
}

/* Passes the outcome of an object to the part. */
static void pass_outcome(const struct run_part *part, size_t number,
                         const struct reader_summary *summary, enum extent extent)
{
    struct buffer error = {0};
    if (extent != EXTENT_NOTHING) {
        part->read(part->user, number, summary, extent == EXTENT_LITTLE);
        return;
    }
    add_reason(&error, summary);
    part->left_out(part->user, number, BATCH_MALFORMED, error.data);
    buffer_free(&error);
}

/* Stores the outcome of an object in the batch. */
static void set_outcome(struct run *run, size_t number, const struct reader_summary *summary,
                        enum extent extent)
{
    struct buffer error = {0};
    if (extent != EXTENT_NOTHING) {
        batch_set_read(run->batch, number, &summary->digest, extent == EXTENT_LITTLE);
        return;
    }
    add_reason(&error, summary);
    batch_leave_out(run->batch, number, BATCH_MALFORMED, error.data);
    buffer_free(&error);
}

/* Adds the records that were left out because of their hosts.  Of the first object that lacks the column of the host, the
 * run keeps what a message needs. */
static void count_hosts(struct run *run, uint32_t object, const struct hosts *hosts)
{
    if (hosts->left_out.records && !run->other_hosts)
        memcpy(run->other_host, hosts->left_out.first, sizeof run->other_host);
    run->other_hosts += hosts->left_out.records;
    if (hosts->lacking.records && (!run->lacking.column || object < run->lacking_object)) {
        run->lacking = *hosts;
        run->lacking_object = object;
    }
}

void run_count_object(struct run *run, size_t source, size_t number,
                      const struct reader_summary *summary)
{
    uint32_t object = run->first_object[source] + (uint32_t)number;
    enum extent extent = find_extent(summary);
    uint64_t bad = summary->bad + summary->inner_bad;
    const struct run_part *part = run->options.part;
    if (run->batch)
        set_outcome(run, number, summary, extent);
    else if (part)
        pass_outcome(part, number, summary, extent);
    if (run->digests)
        run->digests[object] = summary->digest;
    pthread_mutex_lock(&run->lock);
    run->notes[object] =
        (struct object_notes){.bad = bad,
                              .missing = extent == EXTENT_NOTHING ? 0 : summary->missing,
                              .hosts_lacking = summary->hosts.lacking.records};
    if (summary->bad && run->bad_objects++ < BAD_MAX)
        warn_of_bad(run, run->sources[source].names[number], summary, extent);
    run->bad += bad;
    count_hosts(run, object, &summary->hosts);
    run->has_hosts |= summary->records > 0;
    run->quarantined += summary->inner_quarantined;
    pthread_mutex_unlock(&run->lock);
}

void run_drop_copy(void *user, size_t object)
{
    struct run *run = user;
    if (!sort_drop(run->records, (uint32_t)object) || !sort_drop(run->events, (uint32_t)object))
        memory_exhausted();
    run->bad -= run->notes[object].bad;
    run->notes[object] = (struct object_notes){0};
}

void run_warn_of_more_bad(const struct run *run)
{
    if (run->bad_objects > BAD_MAX)
        message_warning("%llu more %s malformed lines, which are left out, too; the "
                        "other lines are read",
                        (unsigned long long)(run->bad_objects - BAD_MAX),
                        by_number(run->bad_objects - BAD_MAX, "object has", "objects have"));
}

/* Returns the name of an object of the run. */
static const char *name_of(const struct run *run, size_t object)
{
    size_t source = run->source_count - 1;
    while (run->first_object[source] > object)
        source--;
    return run->sources[source].names[object - run->first_object[source]];
}

/* Adds "LOG has", or "N logs, the first of them LOG, have". */
static void add_logs(struct buffer *text, const struct run *run, size_t objects, size_t first)
{
    if (objects == 1)
        buffer_printf(text, "%s has", name_of(run, first));
    else
        buffer_printf(text, "%zu logs, the first of them %s, have", objects, name_of(run, first));
}

void run_warn_of_lacking_hosts(struct run *run)
{
    uint64_t records = 0;
    size_t objects = 0, first = 0;
    struct buffer logs = {0};
    for (size_t object = run->object_count; object-- > 0;)
        if (run->notes[object].hosts_lacking) {
            records += run->notes[object].hosts_lacking;
            objects++;
            first = object;
        }
    if (!objects)
        return;
    run->hosts_lacking = records;
    add_logs(&logs, run, objects, first);
    const char *column = run->lacking.column, *are = by_number(records, "record is", "records are");
    if (column == missing_column(MISSING_HOST))
        message_warning("%s no column %s: %llu %s left out, because the setting (or option) "
                        "\"host\" needs this column; %s",
                        logs.data, column, (unsigned long long)records, are,
                        missing_advice(run->options.site->fields));
    else
        message_warning("%s no column %s: %llu %s left out, because the setting (or option) "
                        "\"host\" does not name the host in its place, such as %s; add this name "
                        "to \"host\" if these records are the site's",
                        logs.data, column, (unsigned long long)records, are,
                        run->lacking.lacking.first);
    buffer_free(&logs);
}

void run_warn_of_missing(const struct run *run)
{
    for (int i = 0; i < MISSING_COUNT; i++) {
        size_t objects = 0, first = 0;
        struct buffer logs = {0};
        for (size_t object = run->object_count; object-- > 0;)
            if (run->notes[object].missing >> i & 1) {
                objects++;
                first = object;
            }
        if (!objects || (i == MISSING_HOST && run->hosts_lacking))
            continue; /* run_warn_of_lacking_hosts() has warned */
        add_logs(&logs, run, objects, first);
        message_warning("%s no column %s: %s; %s", logs.data, missing_column((enum missing)i),
                        missing_effect((enum missing)i), missing_advice(run->options.site->fields));
        buffer_free(&logs);
    }
}
