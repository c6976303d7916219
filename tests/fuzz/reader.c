/* Fuzzes the reader, and the views of what it reads: any bytes, in pieces of a size that the first
 * byte gives.  What comes out must be lines of COLUMN_COUNT values without control bytes, and the
 * normalized log made of it must come through unchanged. */
#include <stdlib.h>
#include <string.h>

#include "normalized/columns.h"
#include "normalized/frame.h"
#include "log/reader.h"
#include "stream/assemble.h"
#include "text/buffer.h"

static bool read_records(const uint8_t *data, size_t size, size_t piece, struct buffer *records,
                         uint64_t *count)
{
    struct sort_options options = {"/tmp", 8 << 20, 8};
    struct reader_options reader_options = {
        .normalize.client = {.is_forwarded = piece & 1,
                             .anonymize = piece & 2 ? ANONYMIZE_IP : ANONYMIZE_NONE}};
    struct sort *sort = sort_new(&options);
    struct sort *events = sort_new(&options);
    struct sort_writer *writer = sort_writer_new(sort);
    struct reader *reader = reader_new(writer, sort_writer_new(events), &reader_options);
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

static void check(const struct buffer *records)
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer records = {0}, log = {0}, again = {0};
    uint64_t count, count_again;
    if (size < 1)
        return 0;
    if (read_records(data + 1, size - 1, (size_t)data[0] + 1, &records, &count)) {
        char header[FRAME_HEADER_SIZE], trailer[FRAME_END_SIZE];
        struct frame_end end = {.records = count};
        check(&records);
        buffer_add(&log, header, frame_put_header(header, "0"));
        buffer_add(&log, records.data, records.size);
        buffer_add(&log, trailer, frame_put_end(trailer, &end));
        if (!read_records((const uint8_t *)log.data, log.size, 4096, &again, &count_again) ||
            count_again != count || again.size != records.size ||
            (again.size && memcmp(again.data, records.data, again.size)))
            abort();
    }
    buffer_free(&records);
    buffer_free(&log);
    buffer_free(&again);
    return 0;
}
