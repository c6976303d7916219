#include "log/parquet_log.h"

#include <stdio.h>
#include <string.h>

#include "log/number.h"
#include "log/real_time.h"
#include "parquet/parquet.h"

/* A file of a few bytes can stand for any number of equal rows.  So the bytes of all rows have the bound of the unpacked
 * pages, and each row counts as ROW_BYTES_MIN at least.  The size of the file bounds the number of rows: no log is so
 * repetitive, not even one of a few columns. */
enum { ROW_BYTES_MIN = 64, ROWS_A_BYTE = 64 };

/* In standard logs cs(Host) is the distribution, and x-host-header what the viewer asked for. */
static const struct normalize_meaning standard_meaning = {.viewer_host = INPUT_HOST_HEADER,
                                                          .distribution_host = COLUMN_HOST};

static bool refuse(struct log *log, const char *error)
{
    snprintf(log->error_text, sizeof log->error_text, "%s", error);
    log->error = log->error_text;
    return false;
}

/* Takes the columns of a real-time log, whose path has the query. */
static bool prepare_real_time(struct log *log)
{
    real_time_add_query(&log->header);
    log->missing = 0;
    return log_prepare(log, &real_time_meaning);
}

/* Describes the file's columns, and chooses those that are used.  Stores whether they are a real-time log's. */
static bool read_columns(struct log *log, struct parquet *parquet, bool *is_real_time)
{
    static const char *const errors[] = {
        [HEADER_TWICE] = "two columns of this Parquet file are for the same field; have the "
                         "program that made this file write it again with one of them",
        [HEADER_WITHOUT_TIME] =
            "this Parquet file has neither the columns date and time nor timestamp, so it is no "
            "log of requests; keep other files out of the source, or add date and time to the "
            "distribution's logging settings in CloudFront",
    };
    size_t count = parquet_count(parquet);
    enum header_error error = HEADER_GOOD;
    header_begin(&log->header);
    for (size_t i = 0; i < count && error == HEADER_GOOD; i++) {
        struct field name = parquet_name(parquet, i);
        error = header_add(&log->header, name.text, name.size);
    }
    if (error == HEADER_GOOD)
        error = header_end(&log->header);
    bool is_known = error == HEADER_GOOD || error == HEADER_WITHOUT_TIME;
    if (error == HEADER_FOREIGN || (is_known && !header_has_request(&log->header))) {
        const char *kind = log->header.foreign;
        log_pass_over(log, kind ? kind : "a Parquet file without requests");
        return false;
    }
    if (error != HEADER_GOOD)
        return refuse(log, errors[error]);
    log->fields.count = count;
    for (size_t i = 0; i < count; i++)
        log->fields.field[i] = (struct field){"-", 1};
    if (header_is_streaming(&log->header))
        return refuse(log, "a Parquet file of streaming (RTMP) events, which CloudFront never "
                           "wrote; put the original logs in its place");
    for (int i = 0; i < INPUT_COUNT; i++)
        if (log->header.position[i] >= 0 &&
            !parquet_choose(parquet, (size_t)log->header.position[i]))
            return refuse(log, parquet_error(parquet));
    *is_real_time = real_time_has_names(&log->header);
    return *is_real_time ? prepare_real_time(log) : log_prepare(log, &standard_meaning);
}

/* Leaves out spaces around the values, as in other formats, and makes 000 of the status 0.  Returns the bytes of
 * all of them. */
static size_t trim(struct log *log)
{
    size_t size = 0;
    for (int i = 0; i < INPUT_COUNT; i++) {
        if (log->header.position[i] < 0 || (size_t)log->header.position[i] >= log->fields.count)
            continue;
        struct field *field = &log->fields.field[log->header.position[i]];
        fields_trim(field);
        if (i == COLUMN_STATUS)
            *field = number_pad_status(*field);
        size += field->size;
    }
    return size;
}

/* Reads the rows of a file of FILE_SIZE bytes. */
static bool read_rows(struct log *log, struct parquet *parquet, size_t file_size, bool is_real_time,
                      log_take_row *row, void *user)
{
    uint64_t bytes = 0, rows_left = (uint64_t)file_size * ROWS_A_BYTE;
    const size_t count = log->header.field_count;
    int more;
    while ((more = parquet_next(parquet, log->fields.field)) > 0) {
        log->fields.count = count;
        size_t size = trim(log);
        if (!is_real_time && real_time_has_row(&log->header, &log->fields)) {
            is_real_time = true;
            if (!prepare_real_time(log))
                return false;
        }
        if (is_real_time)
            real_time_cut_stem(&log->fields, &log->header);
        bytes += size > ROW_BYTES_MIN ? size : ROW_BYTES_MIN;
        if (!rows_left--)
            return refuse(log, "this Parquet file claims more than 64 rows for each of its bytes, "
                               "as no log does; put a good copy in its place");
        if (bytes > log->max_inflated)
            return refuse(log, "the rows of this Parquet file have more bytes than the setting "
                               "\"max-inflated\" allows; raise it if this is a log, else delete "
                               "the object");
        if (!row(user, size))
            return false;
    }
    return more == 0 || refuse(log, parquet_error(parquet));
}

static bool read_whole(struct log *log, const unsigned char *data, size_t size, log_take_row *row,
                       void *user)
{
    struct parquet *parquet = parquet_new();
    if (!parquet)
        return refuse(log, "there is not enough memory for this Parquet file");
    parquet_set_unpacked_max(parquet, log->max_inflated);
    bool done = parquet_open(parquet, data, size) || refuse(log, parquet_error(parquet));
    bool is_real_time = false;
    done = done && read_columns(log, parquet, &is_real_time) &&
           read_rows(log, parquet, size, is_real_time, row, user);
    parquet_free(parquet);
    return done;
}

/* Behind Parquet's magic are the numbers of a page's header.  A text is no Parquet file, even if a visitor wrote
 * the letters of the magic into the first value of a log. */
static bool begins(const char *head, size_t size)
{
    enum { MAGIC_SIZE = 4 };
    bool is_text = size > MAGIC_SIZE;
    for (size_t i = 0; i < size; i++)
        is_text = is_text && ((unsigned char)head[i] >= ' ' || head[i] == '\t' || head[i] == '\n');
    return parquet_begins(head, size) && !is_text;
}

const struct format parquet_format = {
    .unit = LINES_WHOLE, .begins = begins, .read_whole = read_whole};
