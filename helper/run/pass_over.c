/* The outcome of objects that cannot be read.  Objects that hold no requests are passed over. */
#include <string.h>

#include "source/key_hour.h"
#include "run/internal.h"
#include "text/by_number.h"
#include "text/message.h"

enum { NAMED_MAX = 100 }; /* passed-over objects that messages name */

bool run_pass_over(struct run *run, size_t source, size_t number, const char *error)
{
    const char *name = run->sources[source].names[number];
    if (run->batch)
        return false;
    if (run->counted)
        return true; /* the run that passed this object over first has named it */
    if (!strcmp(name, run->options.sources[source]) || !strcmp(name, SOURCE_STDIN))
        return false;
    pthread_mutex_lock(&run->lock);
    if (run->passed_over++ < NAMED_MAX)
        message_warning("%s: passed over, because it is no log to count: %s", name, error);
    pthread_mutex_unlock(&run->lock);
    return true;
}

/* Warns if the settings choose no object of the source, or no host of the records. */
static void warn_of_choice(const struct run *run)
{
    uint64_t left_out = 0;
    for (size_t i = 0; i < run->source_count; i++)
        left_out += run->sources[i].left_out;
    if (left_out && !run->object_count)
        message_warning("no object of %s is read: there %s %llu, but the settings (or options) "
                        "\"include\" and \"exclude\" choose none of them; correct these",
                        run->batch ? run->options.site->source : run->options.sources[0],
                        by_number(left_out, "is", "are"), (unsigned long long)left_out);
    bool is_told = run->batch && run->options.batch.end != BATCH_STAYS; /* by batch_check_hosts() */
    if (run->other_hosts > run->hosts_lacking && !run->has_hosts && !is_told)
        message_warning("no record is read: the records are of hosts that the setting (or option) "
                        "\"host\" does not name, such as %s; correct \"host\"",
                        run->other_host);
}

void run_warn_of_passed_over(const struct run *run)
{
    if (!run->counted && (!run->batch || !batch_has_counted(run->batch)))
        warn_of_choice(run);
    if (run->other_hosts)
        message_verbose(
            "records left out, because the setting \"host\" does not name their hosts: %llu",
            (unsigned long long)run->other_hosts);
    if (run->passed_over > NAMED_MAX)
        message_warning("%llu more %s passed over, too; keep other files out of the source, or "
                        "leave them out by the options --include and --exclude",
                        (unsigned long long)(run->passed_over - NAMED_MAX),
                        by_number(run->passed_over - NAMED_MAX, "object is", "objects are"));
}

/* Data of an unknown kind is a corrupt log if its name has an hour as CloudFront's names have.  The rest of the name
 * does not matter, since copies have other endings. */
enum batch_outcome run_unread_outcome(const struct reader *reader, const char *name)
{
    enum reader_reason reason = reader_reason(reader);
    int64_t hour;
    bool is_foreign =
        reason == READER_FOREIGN || (reason == READER_UNKNOWN && !key_hour(name, &hour));
    return is_foreign ? BATCH_FOREIGN : BATCH_UNREADABLE;
}

const char *run_advice(enum batch_outcome outcome)
{
    return outcome == BATCH_GONE || outcome == BATCH_CHANGED ? "; run this again"
           : outcome == BATCH_FOREIGN                        ? "; name CloudFront logs alone"
                                                             : "";
}
