/* Fuzzes the plugin's feed: any bytes, and any bytes as records in a header and trailer that are
 * right.  The lines that come out must be the bytes that went in, and a stream is whole only with
 * as many records as its trailer says. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "feed/feed.h"
#include "normalized/frame.h"
#include "text/buffer.h"

static size_t count_records(const struct buffer *stream)
{
    size_t count = 0;
    bool is_start = true;

    for (size_t i = 0; i < stream->size; i++) {
        count += is_start && stream->data[i] != '#';
        is_start = stream->data[i] == '\n';
    }
    return count;
}

static void check(const struct buffer *stream)
{
    int fd = memfd_create("stream", 0);
    const char *line;
    size_t size, at = 0, records = 0;
    enum feed_result result;

    if (fd < 0 || write(fd, stream->data, stream->size) != (ssize_t)stream->size ||
        lseek(fd, 0, SEEK_SET))
        abort();
    struct feed *feed = feed_new(fd);
    while ((result = feed_line(feed, &line, &size)) == FEED_LINE) {
        if (!size || line[size - 1] != '\n' || size > stream->size - at ||
            memcmp(line, stream->data + at, size))
            abort();
        records += line[0] != '#';
        at += size;
        if (feed_records(feed) != records || feed_offset(feed) != at)
            abort();
    }
    if (result == FEED_END && (at != stream->size || records != count_records(stream)))
        abort();
    if (result == FEED_BROKEN && feed_line(feed, &line, &size) != FEED_BROKEN)
        abort();
    feed_free(feed);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer stream = {0};

    if (!size)
        return 0;
    if (data[0] & 1) {
        char header[FRAME_HEADER_SIZE];
        buffer_add(&stream, header, frame_put_header(header, "0"));
    }
    buffer_add(&stream, data + 1, size - 1);
    if (data[0] & 2) {
        char trailer[FRAME_END_SIZE];
        struct frame_end end = {.records = count_records(&stream) + (data[0] >> 7)};
        buffer_add(&stream, trailer, frame_put_end(trailer, &end));
    }
    if (stream.size)
        check(&stream);
    buffer_free(&stream);
    return 0;
}
