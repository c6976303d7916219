#include "commands/check_hosts.h"

#include <stdlib.h>
#include <string.h>

#include "files/temporary.h"
#include "log/reader.h"
#include "memory/allocate.h"
#include "normalized/columns.h"
#include "sort/sort.h"
#include "stream/assemble.h"
#include "text/pattern_list.h"

enum { ARENA_SIZE = 4 * 1024 * 1024, FAN_IN = 16 };

/* Whether the site reads the records of a host.  Counts the records of other hosts. */
static bool is_of_site(struct check_hosts *hosts, const struct site *site, struct field host)
{
    if (!site->hosts)
        return true;
    char *name = memory_copy_bytes(host.text, host.size);
    bool is = pattern_list_fits(site->hosts, name);
    hosts->others += !is;
    if (is || hosts->other)
        free(name);
    else
        hosts->other = name;
    return is;
}

static void add_record(struct check_hosts *hosts, const struct site *site, const char *record,
                       size_t size)
{
    struct field host, method;
    if (!column_get(record, size, COLUMN_HOST, &host) || !is_of_site(hosts, site, host))
        return;
    struct check_host *entry = table_get(&hosts->table, host.text, host.size);
    if (!entry)
        memory_exhausted();
    entry->records++;
    hosts->records++;
    hosts->patch += column_get(record, size, COLUMN_METHOD, &method) && method.size == 5 &&
                    !memcmp(method.text, "PATCH", 5);
}

void check_hosts_add(struct check_hosts *hosts, const struct site *site, const void *data,
                     size_t size)
{
    const struct sort_options sort_options = {temporary_directory(), ARENA_SIZE, FAN_IN, 0};
    struct reader_options options = site_reader_options(site);
    struct sort *records = sort_new(&sort_options), *events = sort_new(&sort_options);
    struct sort_writer *record_writer = records ? sort_writer_new(records) : NULL;
    struct sort_writer *event_writer = events ? sort_writer_new(events) : NULL;
    struct sort_writer *view_writer = records ? sort_writer_new(records) : NULL;
    struct assemble_counts counts;
    options.hosts = NULL; /* is_of_site() counts the records of other hosts */
    struct reader *reader = record_writer && event_writer && view_writer
                                ? reader_new(record_writer, event_writer, &options)
                                : NULL;
    if (!reader)
        memory_exhausted();
    if (!hosts->table.entry_size)
        table_init(&hosts->table, sizeof(struct check_host), 0);
    const char *record;
    uint32_t time;
    size_t record_size;
    reader_begin(reader, 0);
    if (reader_feed(reader, data, size) && sort_finish(events) &&
        assemble_views(events, view_writer, NULL, &counts) && sort_finish(records))
        while (sort_next(records, &time, &record, &record_size) > 0)
            add_record(hosts, site, record, record_size);
    reader_free(reader);
    sort_free(records);
    sort_free(events);
}

void check_hosts_free(struct check_hosts *hosts)
{
    if (hosts->table.entry_size)
        table_clear(&hosts->table, NULL, NULL);
    free(hosts->other);
    *hosts = (struct check_hosts){.records = 0};
}
