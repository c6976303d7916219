#include "log/normalized_log.h"

#include <stdio.h>
#include <string.h>

#include "log/decode.h"
#include "log/normalize.h"
#include "normalized/bytes.h"
#include "normalized/clock.h"
#include "normalized/columns.h"
#include "version.h"

void normalized_log_begin(struct normalized_log *log)
{
    *log = (struct normalized_log){0};
}

static const char *begin_log(struct normalized_log *log, struct field version)
{
    size_t size = 0;
    if (log->state == NORMALIZED_OPEN)
        return "truncated: this output of awstats-cloudfront cat lacks its last line, #End; make "
               "it again";
    while (size < version.size && version.text[size] > ' ' && version.text[size] <= '~')
        size++;
    snprintf(log->version, sizeof log->version, "%.*s", (int)size, version.text);
    log->state = NORMALIZED_OPEN;
    log->records = 0;
    return NULL;
}

/* Ends a log: it must have as many records as its #End line says. */
static const char *end_log(struct normalized_log *log, struct field numbers)
{
    struct frame_end end;
    if (!frame_read_end(numbers, &end))
        return "the last line, #End, of this output of awstats-cloudfront cat is malformed; make "
               "it again";
    if (end.records != log->records)
        return "truncated: the last line, #End, of this output of awstats-cloudfront cat gives "
               "another number of records than there are; make it again";
    log->bad += end.bad;
    log->quarantined += end.quarantined;
    log->state = NORMALIZED_ENDED;
    return NULL;
}

const char *normalized_log_read_directive(struct normalized_log *log, const char *line, size_t size)
{
    struct field value;
    enum frame_line kind = frame_read_line(line, size, &value);
    if (kind == FRAME_SOFTWARE)
        return begin_log(log, value);
    if (log->state == NORMALIZED_NONE)
        return NULL;
    return kind == FRAME_END ? end_log(log, value) : NULL;
}

const char *normalized_log_read_header(struct normalized_log *log, const struct header *header)
{
    log->columns = header_normalized_columns(header);
    if (log->columns)
        return NULL;
    snprintf(log->error, sizeof log->error,
             "this log is output of awstats-cloudfront cat of version %s, and has columns that "
             "this version, %s, does not know; run awstats-cloudfront cat on CloudFront's original "
             "logs again",
             log->version, VERSION);
    return log->error;
}

/* ---- control characters ---- */

static inline bool control_test(unsigned char byte)
{
    return byte < ' ';
}

#ifdef __SSE2__
static inline __m128i control_find(__m128i bytes)
{
    return _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(' ' - 1)), bytes);
}
#endif

static const struct bytes_kind control = {.test = control_test,
#ifdef __SSE2__
                                          .find = control_find
#endif
};

/* Adds control characters to the number of TABs; false when one is no TAB. */
static inline bool add_tabs(void *user, const char *text, uint64_t found)
{
    size_t *tabs = user;
    for (; found; found &= found - 1) {
        if (*bytes_first(text, found) != '\t')
            return false;
        ++*tabs;
    }
    return true;
}

/* Whether a line has so many TABs, and no other control character. */
static bool has_tabs(const char *line, size_t size, size_t expected)
{
    size_t tabs = 0;
    return bytes_visit(line, size, control, add_tabs, &tabs) && tabs == expected;
}

/* ---- records ---- */

const char *normalized_log_read_row(struct normalized_log *log, const char *line, size_t size,
                                    uint32_t *time)
{
    const size_t time_at = CLOCK_DATE_SIZE + 1, rest = time_at + CLOCK_TIME_SIZE;
    uint32_t days, seconds;
    log->records++;
    if (size <= rest || !has_tabs(line, size, log->columns - 1) ||
        !clock_parse_date(line, CLOCK_DATE_SIZE, &days) ||
        !clock_parse_time(line + time_at, CLOCK_TIME_SIZE, &seconds))
        return "this log is output of awstats-cloudfront cat, but the line does not have the "
               "columns of such output";
    *time = days * 86400 + seconds;
    return normalize_check_record(line, size);
}

size_t normalized_log_put(const struct normalized_log *log, const char *line, size_t size,
                          char *out)
{
    size_t absent_size = 2 * (COLUMN_COUNT - log->columns);
    size = decode_record(line, size, out);
    memcpy(out + size, columns_absent, absent_size);
    out[size + absent_size] = '\n';
    return size + absent_size + 1;
}
