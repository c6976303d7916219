/* The second half of a run: header, merge, end. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "normalized/columns.h"
#include "normalized/frame.h"
#include "run/internal.h"
#include "text/by_number.h"
#include "text/message.h"
#include "text/output.h"
#include "text/progress.h"
#include "version.h"

/* Writes the lines before the records. */
static bool put_header(const struct run *run, struct output *output)
{
    char header[FRAME_HEADER_SIZE];
    if (run->options.as != WRITE_NORMALIZED) {
        const char *lines = write_as_header(run->options.as);
        return output_put(output, lines, strlen(lines));
    }
    if (!output_put(output, header, frame_put_header(header, VERSION)))
        return false;
    const struct batch *named = run->batch ? run->batch : run->counted;
    if (!named)
        return true;
    struct buffer lines = {0};
    char *config = realpath(run->options.config, NULL);
    struct frame_batch batch = {.id = batch_get(named)->id,
                                .site = run->options.site->name,
                                .configuration = config ? config : run->options.config,
                                .former = batch_former(named),
                                .history = batch_history(named),
                                .previous = batch_previous(named),
                                .files = run->batch ? batch_files(named) : NULL,
                                .replaces = batch_replaced(named)};
    frame_add_batch(&lines, &batch);
    bool done = output_put(output, lines.data, lines.size);
    free(config);
    buffer_free(&lines);
    return done;
}

/* Opens the request IDs of earlier batches, when the site counts each request once. */
static bool open_request_ids(struct run *run)
{
    char *before = NULL, *after = NULL;
    if (!run->options.site->unique)
        return true;
    if (run->batch && !batch_get_request_ids(run->batch, &before, &after))
        return false;
    run->request_ids = recent_ids_open(before, after, &run->error->text);
    free(before);
    free(after);
    return run->request_ids != NULL;
}

enum { STEP = 4096 }; /* records that the progress counts at a time */

/* Counts the record with this number, from 1, for the progress. */
static void show_record(uint64_t number)
{
    if (number % STEP == 0)
        progress_add_records(STEP);
}

/* Counts the records since the last step, for the progress. */
static void show_last_records(uint64_t count)
{
    progress_add_records(count % STEP);
}

/* Returns 1 to write the record, 0 if an earlier record has the same request ID, -1 after an error. */
static int is_wanted(struct run *run, uint32_t time, const char *record, size_t size)
{
    if (!run->request_ids)
        return 1;
    struct field id;
    if (column_get(record, size, COLUMN_REQUEST_ID, &id) && !field_is_absent(id))
        return recent_ids_add(run->request_ids, time, id.text, id.size);
    run->without_request_id++;
    return 1;
}

/* Writes a record in the format of the log.  LINE is memory for the record's text, which grows. */
static bool put_record(const struct run *run, struct output *output, struct buffer *line,
                       const char *record, size_t size)
{
    enum write_as as = run->options.as;
    if (as == WRITE_NORMALIZED)
        return output_put(output, record, size);
    buffer_clear(line);
    char *out = buffer_extend(line, write_as_room(size));
    return output_put(output, out, write_as_record(as, record, size, out));
}

static bool put_end(const struct run *run, struct output *output, const struct frame_end *end)
{
    char trailer[FRAME_END_SIZE];
    return run->options.as != WRITE_NORMALIZED ||
           output_put(output, trailer, frame_put_end(trailer, end));
}

static bool put_records(struct run *run, struct output *output, struct frame_end *end)
{
    struct buffer line = {0};
    bool done = true;
    const char *record;
    size_t size;
    uint32_t time;
    int more;
    while (done && (more = sort_next(run->records, &time, &record, &size)) > 0) {
        int wanted = is_wanted(run, time, record, size);
        done = wanted == 0 || (wanted > 0 && put_record(run, output, &line, record, size));
        end->records += wanted > 0;
        end->repeated += wanted == 0;
        show_record(end->records + end->repeated);
    }
    buffer_free(&line);
    if (!done)
        return false;
    if (more < 0)
        return run_fail_on_sort(run);
    show_last_records(end->records + end->repeated);
    return !run->request_ids || recent_ids_finish(run->request_ids);
}

/* Prints how many records the setting unique has left out, and how many have no request ID. */
static void tell_repeated(const struct run *run, const struct frame_end *end)
{
    if (end->repeated && run->request_ids)
        message_note("%llu %s left out as duplicates: earlier records have the same "
                     "x-edge-request-id; no action is needed",
                     (unsigned long long)end->repeated,
                     by_number(end->repeated, "record is", "records are"));
    if (run->without_request_id)
        message_warning("%llu %s no x-edge-request-id, so duplicates of such records are counted, "
                        "too; add this field to the distribution's logging settings in CloudFront",
                        (unsigned long long)run->without_request_id,
                        by_number(run->without_request_id, "record has", "records have"));
}

/* Writes the whole log, and commits the batch if options.batch.end is BATCH_COMMIT. */
static bool write_log(struct run *run, struct output *output)
{
    struct frame_end end = {.bad = run->bad, .quarantined = run->quarantined};
    if (!open_request_ids(run) || !put_header(run, output) || !put_records(run, output, &end) ||
        !put_end(run, output, &end) || !output_flush(output))
        return false;
    tell_repeated(run, &end);
    run->record_count = end.records;
    message_verbose("records: %llu; malformed lines left out: %llu; objects left out until they "
                    "can be read: %llu",
                    (unsigned long long)end.records, (unsigned long long)end.bad,
                    (unsigned long long)end.quarantined);
    return !run->batch || run->options.batch.end != BATCH_COMMIT ||
           (output_wait_for_reader(output) && batch_commit(run->batch));
}

bool run_visit(struct run *run, run_visitor *visit, void *user)
{
    const char *record;
    size_t size;
    uint32_t time;
    uint64_t records = 0;
    int more;
    if (!open_request_ids(run))
        return false;
    progress_begin(PROGRESS_WRITE, sort_count(run->records), 0);
    while ((more = sort_next(run->records, &time, &record, &size)) > 0) {
        int wanted = is_wanted(run, time, record, size);
        if (wanted < 0)
            return false;
        if (wanted)
            visit(user, record, size, time);
        show_record(++records);
    }
    show_last_records(records);
    return more == 0 || run_fail_on_sort(run);
}

static bool write_and_close(struct run *run, struct output *output)
{
    progress_begin(PROGRESS_WRITE, sort_count(run->records), 0);
    bool done = write_log(run, output);
    run_free_records(run); /* AWStats, which still counts the last records, may need the memory */
    if (!output_close(output) || !done)
        return false;
    if (run->batch && run->options.batch.end == BATCH_COMMIT)
        batch_clean_up(run->batch, NULL);
    return true;
}

bool run_write(struct run *run, int fd, const char *name)
{
    if (isatty(fd))
        progress_hide();
    return write_and_close(run, output_open(fd, name, &run->error->text));
}

bool run_write_sink(struct run *run, const struct output_sink *sink, const char *name)
{
    return write_and_close(run, output_open_sink(sink, name, &run->error->text));
}

bool run_commit(struct run *run, const struct batch_history *history)
{
    return batch_commit_counted(run->batch, history);
}

void run_clean_up(struct run *run, volatile uint64_t *waiting)
{
    batch_clean_up(run->batch, waiting);
}

bool run_commit_nothing(struct run *run)
{
    struct batch_history history = {.previous = batch_previous(run->batch), .figures = "records=0"};
    return (run->is_read || run_read(run)) && run_commit(run, &history);
}
