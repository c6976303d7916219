#include "log/format.h"

#include <stdio.h>

#include "log/foreign.h"
#include "log/headerless.h"
#include "log/json_log.h"
#include "log/missing.h"
#include "log/parquet_log.h"
#include "log/visitor_text.h"
#include "log/w3c.h"

/* The last two accept almost anything, so the others come first. */
static const struct format *const formats[] = {
    &w3c_format, &parquet_format, &foreign_format, &json_format, &headerless_format,
};

enum { FORMAT_COUNT = sizeof formats / sizeof *formats };

const struct format *format_find(const struct log *log, const char *head, size_t size)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        bool may_begin = formats[i] != &json_format || !json_is_row(log, head);
        if (may_begin && formats[i]->begins && formats[i]->begins(head, size))
            return formats[i];
    }
    return NULL;
}

const struct format *format_find_line(const struct log *log, const char *line, size_t size)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (formats[i]->has_line && formats[i]->has_line(log, line, size))
            return formats[i];
    return NULL;
}

bool log_has_visitor_row(const struct log *log, const char *line, size_t size)
{
    if (log->normalized.state != NORMALIZED_NONE)
        return false;
    if (log->is_described)
        return visitor_text_is_row(&log->header, &log->delimiter, line, size);
    const struct log_kept *kept = &log->kept;
    if (kept->is_kept && visitor_text_is_row(&kept->header, &kept->delimiter, line, size))
        return true;
    const struct delimiter *delimiter =
        log->layout.is_known ? &log->delimiter : &log->given_delimiter;
    return log->given.is_given && visitor_text_is_row(&log->given.header, delimiter, line, size);
}

void log_keep_header(struct log *log)
{
    if (!log->is_described || !log->delimiter.size || log->has_backslashes)
        return;
    log->kept = (struct log_kept){true, log->is_real_time, log->header, log->delimiter};
}

void log_begin_part(struct log *log)
{
    log->format = NULL;
    log->is_described = log->is_unclear = log->is_real_time = false;
    log->is_declared = log->is_unknown = log->has_others_before = log->is_version_last = false;
    log->has_names = log->has_backslashes = false;
    log->delimiter.size = log->names_delimiter.size = 0;
    log->layout = (struct layout_state){0};
    json_rows_begin(&log->json, log->missing);
    log->fields.are_plain = false;
}

bool log_prepare(struct log *log, const struct normalize_meaning *meaning)
{
    log->is_unknown = false;
    log->is_streaming = header_is_streaming(&log->header);
    if (log->is_streaming && log->kinds == READER_DOWNLOAD) {
        log->error =
            "a streaming (RTMP) log, but the setting \"type\" is download; set type = auto";
        return false;
    }
    bool is_normalized = log->normalized.state == NORMALIZED_OPEN;
    if (!log->is_streaming && !is_normalized && log->kinds == READER_STREAMING) {
        log->error = "a download log, but the setting \"type\" is streaming; set type = auto";
        return false;
    }
    unsigned missing = missing_find(&log->header, &log->options);
    log->missing_host = missing_host(&log->header, meaning, &log->options);
    if (is_normalized) { /* client and host were chosen when the log was normalized */
        missing &= ~(1u << MISSING_FORWARDED_FOR);
        log->missing_host = NULL;
    }
    log->missing |= missing;
    normalize_prepare(&log->normalize, &log->header, meaning, &log->options);
    log->has_header = true;
    return true;
}

enum line_kind log_refuse(struct log *log, const char *error)
{
    log->error = error;
    return LINE_REFUSED;
}

enum line_kind log_refuse_unknown(struct log *log, const char *error)
{
    log->is_unknown = !log->is_declared;
    return log_refuse(log, error);
}

enum line_kind log_reject(struct log *log, const char *error)
{
    log->error = error;
    return LINE_BAD;
}

enum line_kind log_pass_over(struct log *log, const char *name)
{
    snprintf(log->error_text, sizeof log->error_text, "%s, not a CloudFront log", name);
    log->error = log->error_text;
    log->is_foreign = true;
    return LINE_FOREIGN;
}
