/* What fuzz targets that read logs share. */
#ifndef FUZZ_RECORDS_H
#define FUZZ_RECORDS_H

#include <stdlib.h>
#include <string.h>

#include "normalized/columns.h"
#include "normalized/frame.h"
#include "log/reader.h"
#include "stream/assemble.h"
#include "text/buffer.h"

/* Reads an object in pieces of PIECE bytes: adds its records, of views, too, and counts them.  The sorts have
 * little memory, for each byte of which the sanitizers take time. */
static inline bool read_records(const struct reader_options *options, const uint8_t *data,
                                size_t size, size_t piece, struct buffer *records, uint64_t *count)
{
    struct sort_options sort_options = {"/tmp", 1 << 19, 8, 0};
    struct sort *sort = sort_new(&sort_options);
    struct sort *events = sort_new(&sort_options);
    struct sort_writer *writer = sort_writer_new(sort);
    struct reader *reader = reader_new(writer, sort_writer_new(events), options);
    struct assemble_counts counts;
    struct reader_summary summary;
    bool good = true;
    reader_begin(reader, 0);
    for (size_t at = 0; good && at < size; at += piece)
        good = reader_feed(reader, data + at, size - at < piece ? size - at : piece);
    good = good && reader_end(reader, &summary);
    const char *record;
    size_t record_size;
    uint32_t time;
    *count = 0;
    if (good && sort_finish(events) && assemble_views(events, writer, NULL, &counts) &&
        sort_finish(sort))
        while (sort_next(sort, &time, &record, &record_size) > 0) {
            buffer_add(records, record, record_size);
            ++*count;
        }
    reader_free(reader);
    sort_free(sort);
    sort_free(events);
    return good;
}

/* Checks that records are lines of COLUMN_COUNT values without control bytes. */
static inline void check_records(const struct buffer *records)
{
    size_t tabs = 0, value = 0;
    for (size_t i = 0; i < records->size; i++) {
        unsigned char byte = (unsigned char)records->data[i];
        if (byte == '\t' || byte == '\n') {
            if (!value || (byte == '\n' && tabs != COLUMN_COUNT - 1))
                abort();
            tabs = byte == '\n' ? 0 : tabs + 1;
            value = 0;
        } else if (byte < ' ' || byte == 0x7f) {
            abort();
        } else {
            value++;
        }
    }
}

/* Reads an object in two ways, and checks what comes of it: the same records from pieces of any size, and
 * the normalized log made of them comes through unchanged. */
static inline void check_log(const struct reader_options *options, const uint8_t *data, size_t size,
                             size_t piece)
{
    static const struct reader_options none;
    struct buffer records = {0}, log = {0}, again = {0}, whole = {0};
    uint64_t count, count_again;
    bool good = read_records(options, data, size, piece, &records, &count);
    bool good_again = read_records(options, data, size, size + 1, &whole, &count_again);
    if (good != good_again ||
        (good && (count != count_again || records.size != whole.size ||
                  (whole.size && memcmp(records.data, whole.data, whole.size)))))
        abort();
    if (good) {
        char header[FRAME_HEADER_SIZE], trailer[FRAME_END_SIZE];
        struct frame_end end = {.records = count};
        check_records(&records);
        buffer_add(&log, header, frame_put_header(header, "0"));
        buffer_add(&log, records.data, records.size);
        buffer_add(&log, trailer, frame_put_end(trailer, &end));
        if (!read_records(&none, (const uint8_t *)log.data, log.size, 4096, &again, &count_again) ||
            count_again != count || again.size != records.size ||
            (again.size && memcmp(again.data, records.data, again.size)))
            abort();
    }
    buffer_free(&records);
    buffer_free(&log);
    buffer_free(&again);
    buffer_free(&whole);
}

#endif
