/* The beginning and the end of a run: where its objects come from. */
#include <stdlib.h>
#include <string.h>

#include "config/sources.h"
#include "memory/allocate.h"
#include "run/copies.h"
#include "run/internal.h"
#include "run/visitor_keys.h"
#include "source/duplicates.h"
#include "text/message.h"

/* Opens and lists the sources. */
static bool open_sources(struct run *run)
{
    const struct run_options *options = &run->options;
    struct buffer *error = &run->error->text;
    for (size_t i = 0; i < options->source_count; i++) {
        if (source_open(&run->sources[i], options->sources[i], options->site,
                        options->batch.transfers, error) < 0)
            return false;
        run->source_count++;
        run->first_object[i] = (uint32_t)run->object_count;
        run->object_count += run->sources[i].count;
        message_verbose("%s: objects: %zu", options->sources[i], run->sources[i].count);
    }
    if (!sources_are_apart(run->sources, run->source_count, error))
        return false;
    if (copies_find(run))
        run->digests = memory_allocate(run->object_count, sizeof *run->digests);
    return true;
}

/* Opens the site's source with its batch. */
static bool open_batch(struct run *run)
{
    const struct run_options *options = &run->options;
    run->source_count = 1;
    if (!batch_take(&run->batch, &run->sources[0], options->site, &options->batch, run->error))
        return false;
    run->object_count = run->sources[0].count;
    const struct ledger_batch *batch = batch_get(run->batch);
    if (options->batch.end != BATCH_COMMIT || !batch->prepared || batch->writes_open)
        return true;
    memcpy(run->error->id, batch->id, sizeof run->error->id);
    return batch_error_set(run->error, BATCH_OF_PLUGIN,
                           "an earlier AWStats update has not counted batch %s to its end; run the "
                           "AWStats update again, which counts the rest",
                           batch->id);
}

/* Opens the site's source with the objects of a part. */
static bool open_part(struct run *run)
{
    const struct run_options *options = &run->options;
    const struct site *site = options->site;
    struct source *source = &run->sources[0];
    run->source_count = 1;
    run->object_count = options->part->count;
    return source_connect(source, site->source, site, options->batch.transfers,
                          &run->error->text) == 0 &&
           source_expect(source, options->part->objects, options->part->count, &run->error->text) ==
               0;
}

/* Opens the site's source with its counted objects. */
static bool open_counted(struct run *run)
{
    const struct run_options *options = &run->options;
    run->source_count = 1;
    if (!batch_take_counted(&run->counted, &run->sources[0], options->site, &options->batch,
                            options->counted, run->error))
        return false;
    run->object_count = run->sources[0].count;
    char *shown = sources_show(options->site->source);
    message_verbose("%s: counted objects: %zu", shown, run->object_count);
    free(shown);
    return true;
}

bool run_open(struct run **result, const struct run_options *options, struct batch_error *error)
{
    struct run *run = memory_allocate(1, sizeof *run);
    size_t count =
        options->has_batch || options->counted || options->part ? 1 : options->source_count;
    *result = run;
    run->options = *options;
    run->error = error;
    pthread_mutex_init(&run->lock, NULL);
    run->sources = memory_allocate(count, sizeof *run->sources);
    run->first_object = memory_allocate(count, sizeof *run->first_object);
    return options->part        ? open_part(run)
           : options->counted   ? open_counted(run)
           : options->has_batch ? open_batch(run)
                                : open_sources(run);
}

const struct batch *run_batch(const struct run *run)
{
    return run->batch;
}

void run_stop(struct run *run)
{
    run->stop = true;
}

size_t run_object_count(const struct run *run)
{
    return run->object_count;
}

bool run_has_nothing_new(const struct run *run)
{
    return run->batch && batch_has_nothing_new(run->batch);
}

bool run_has_only_quarantined(const struct run *run)
{
    return run->batch && batch_has_only_quarantined(run->batch);
}

uint64_t run_sorted_records(const struct run *run)
{
    return sort_count(run->records);
}

uint64_t run_record_count(const struct run *run)
{
    return run->record_count;
}

const struct batch *run_counted(const struct run *run)
{
    return run->counted;
}

void run_free_records(struct run *run)
{
    sort_free(run->records);
    sort_free(run->events);
    run->records = run->events = NULL;
}

void run_close(struct run *run)
{
    if (!run)
        return;
    for (size_t i = 0; i < run->source_count; i++)
        source_close(&run->sources[i]);
    batch_free(run->batch);
    recent_ids_close(run->request_ids);
    day_keys_free(run->visitor_keys);
    batch_free(run->counted);
    run_free_records(run);
    buffer_free(&run->state.after);
    free(run->notes);
    free(run->is_copy);
    free(run->digests);
    free(run->sources);
    free(run->first_object);
    pthread_mutex_destroy(&run->lock);
    free(run);
}
