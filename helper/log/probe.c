#include "log/probe.h"

#include <inttypes.h>
#include <stdlib.h>

#include "log/reader.h"
#include "files/temporary.h"
#include "text/by_number.h"

enum { ARENA_SIZE = 5 * 1024 * 1024, FAN_IN = 16 };

struct probe {
    struct sort *records, *events;
    struct reader *reader;
    bool failed; /* the reader wants no more */
    bool is_empty;
};

struct probe *probe_new(const struct reader_options *options)
{
    struct sort_options sort_options = {temporary_directory(), ARENA_SIZE, FAN_IN, 0};
    struct probe *probe = calloc(1, sizeof *probe);
    if (!probe)
        return NULL;
    probe->records = sort_new(&sort_options);
    probe->events = sort_new(&sort_options);
    struct sort_writer *records = probe->records ? sort_writer_new(probe->records) : NULL;
    struct sort_writer *events = probe->events ? sort_writer_new(probe->events) : NULL;
    probe->reader = records && events ? reader_new(records, events, options) : NULL;
    if (probe->reader)
        return probe;
    probe_free(probe);
    return NULL;
}

void probe_free(struct probe *probe)
{
    if (!probe)
        return;
    reader_free(probe->reader);
    sort_free(probe->records);
    sort_free(probe->events);
    free(probe);
}

void probe_begin(struct probe *probe)
{
    probe->failed = false;
    probe->is_empty = true;
    reader_begin(probe->reader, 0);
}

void probe_add(struct probe *probe, const void *data, size_t size)
{
    if (size)
        probe->is_empty = false;
    if (!probe->failed)
        probe->failed = !reader_feed(probe->reader, data, size);
}

enum probe_result probe_end(struct probe *probe, bool is_whole, struct buffer *out)
{
    struct reader_summary summary;
    struct reader_header header;
    if (!probe->failed && is_whole)
        probe->failed = !reader_end(probe->reader, &summary);
    const struct reader_summary *read = reader_so_far(probe->reader);
    bool has_bad_alone =
        !probe->failed && read->bad && !read->records && !read->hosts.left_out.records;
    if (probe->failed)
        buffer_add_text(out, reader_error(probe->reader));
    else if (has_bad_alone)
        buffer_printf(out, "no line of it can be read; line %" PRIu64 ": %s", read->first_bad_line,
                      read->first_bad_error);
    else if (reader_get_header(probe->reader, &header))
        buffer_printf(out, "%s, %zu %s",
                      header.is_normalized  ? "normalized"
                      : header.is_streaming ? "streaming"
                                            : "download",
                      header.field_count, by_number(header.field_count, "field", "fields"));
    else if (probe->is_empty)
        buffer_add_text(out, "the log is empty, so there is nothing in it to check");
    else if (is_whole)
        buffer_add_text(out, "it holds no records");
    else
        buffer_add_text(out,
                        "not a CloudFront log: its first lines are neither a #Fields header nor "
                        "requests");
    if (probe->failed)
        return reader_reason(probe->reader) == READER_UNREADABLE ? PROBE_UNREADABLE : PROBE_FOREIGN;
    if (has_bad_alone)
        return PROBE_UNREADABLE;
    return is_whole || reader_get_header(probe->reader, &header) ? PROBE_READ : PROBE_UNREADABLE;
}

unsigned probe_missing(const struct probe *probe)
{
    struct reader_header header;
    return reader_get_header(probe->reader, &header) ? header.missing : 0;
}
