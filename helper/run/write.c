/* The second half of a run: header, merge, end. */
#include <stdlib.h>

#include "normalized/frame.h"
#include "run/internal.h"
#include "text/message.h"
#include "text/output.h"
#include "version.h"

/* Writes the lines before the records. */
static bool put_header(const struct run *run, struct output *output)
{
    char header[FRAME_HEADER_SIZE];
    if (!output_put(output, header, frame_put_header(header, VERSION)))
        return false;
    if (!run->batch && run->object_count == 1)
        return output_put(output, run->batch_lines.data, run->batch_lines.size);
    if (!run->batch)
        return true;
    struct buffer lines = {0};
    char *config = realpath(run->options.config, NULL);
    struct frame_batch batch = {.id = batch_get(run->batch)->id,
                                .site = run->options.site->name,
                                .configuration = config ? config : run->options.config,
                                .previous = batch_previous(run->batch),
                                .replaces = batch_replaced(run->batch)};
    frame_add_batch(&lines, &batch);
    bool done = output_put(output, lines.data, lines.size);
    free(config);
    buffer_free(&lines);
    return done;
}

static bool put_records(struct run *run, struct output *output, uint64_t *count)
{
    const char *record;
    size_t size;
    uint32_t time;
    int more;
    while ((more = sort_next(run->records, &time, &record, &size)) > 0) {
        if (!output_put(output, record, size))
            return false;
        ++*count;
    }
    return more == 0 || run_fail_on_sort(run);
}

/* Writes the whole log, and commits the batch, unless that is left to others. */
static bool write_log(struct run *run, struct output *output)
{
    char trailer[FRAME_END_SIZE];
    struct frame_end end = {.bad = run->bad, .quarantined = run->quarantined};
    if (!put_header(run, output) || !put_records(run, output, &end.records) ||
        !output_put(output, trailer, frame_put_end(trailer, &end)) || !output_flush(output))
        return false;
    message_verbose("%llu records, %llu bad rows, %llu quarantined objects",
                    (unsigned long long)end.records, (unsigned long long)end.bad,
                    (unsigned long long)end.quarantined);
    return !run->batch || run->options.batch.commits_later ||
           (output_wait_for_reader(output) && batch_commit(run->batch));
}

bool run_write(struct run *run, int fd, const char *name)
{
    struct output *output = output_open(fd, name, &run->error->text);
    bool done = write_log(run, output);
    if (!output_close(output) || !done)
        return false;
    if (run->batch && !run->options.batch.commits_later)
        batch_clean_up(run->batch);
    return true;
}
