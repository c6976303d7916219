#include "shards/formats.h"

#include <stdlib.h>
#include <string.h>

#include "awstats/history.h"
#include "config/site_command.h"
#include "shards/generation.h"
#include "source/key_hour.h"
#include "text/time.h"

struct formats {
    struct task *task;
    const struct source_object *objects;
    size_t count;
    bool is_xml; /* the file that was visited last, the newest so far */
    char *path;  /* of the file that stands in the way, or may do so */
};

/* Whether the name of an object has an hour of this period, YYYYMM or the like. */
static bool has_object_of(const struct formats *formats, const char *period)
{
    for (size_t i = 0; i < formats->count; i++) {
        char text[TIME_TEXT_SIZE];
        int64_t hour;
        if (!key_hour(formats->objects[i].key, &hour))
            continue;
        time_format(text, "%Y%m%d%H", hour);
        if (!strncmp(text, period, strlen(period)))
            return true;
    }
    return false;
}

/* Returns false at the first XML file to which the objects add. */
static bool check_file(void *user, const char *name)
{
    struct formats *formats = user;
    char period[AWSTATS_PERIOD_SIZE];
    free(formats->path);
    formats->path = path_of("%s/%s", formats->task->plan.dirdata, name);
    formats->is_xml = awstats_history_is_xml(formats->path);
    awstats_history_period(period, history_date(name));
    return !formats->is_xml || !has_object_of(formats, period);
}

bool formats_allow_plan(struct task *task, const struct source_object *objects, size_t count)
{
    struct formats formats = {.task = task, .objects = objects, .count = count};
    bool done = visit_histories(task, task->plan.dirdata, check_file, &formats);
    if (formats.is_xml) {
        char *update = site_command(&task->site, "update");
        done = task_fail(task,
                         "%s is in AWStats' XML format, to which shards cannot add; count these "
                         "logs by an update, which writes the file as text, and plan the next "
                         "logs: %s",
                         formats.path, update);
        free(update);
    }
    free(formats.path);
    return done;
}

bool formats_allow_merge(struct task *task, const char *name)
{
    char *base = path_of("%s/base/%s", task->plan.generation, name);
    bool is_xml = awstats_history_is_xml(base);
    if (is_xml) {
        char *abandon = site_command(&task->site, "plan --abandon");
        char *update = site_command(&task->site, "update");
        task_fail(task,
                  "%s/%s is in AWStats' XML format, to which shards cannot add; give the plan up, "
                  "and count its logs by an update, which writes the file as text: %s; then: %s",
                  task->plan.dirdata, name, abandon, update);
        free(abandon);
        free(update);
    }
    free(base);
    return !is_xml;
}
