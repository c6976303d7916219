#include "log/write_as.h"

#include <string.h>

#include "normalized/columns.h"
#include "text/percent.h"

/* The columns of legacy standard logs since December 2019, in their order (Amazon CloudFront Developer
 * Guide, "Standard log file fields"), and the column of the normalized log that has the value, or
 * COLUMN_NONE. */
#define CLOUDFRONT_COLUMNS(C)                                                                      \
    C("date", COLUMN_DATE)                                                                         \
    C("time", COLUMN_TIME)                                                                         \
    C("x-edge-location", COLUMN_EDGE_LOCATION)                                                     \
    C("sc-bytes", COLUMN_BYTES)                                                                    \
    C("c-ip", COLUMN_CLIENT)                                                                       \
    C("cs-method", COLUMN_METHOD)                                                                  \
    C("cs(Host)", COLUMN_HOST)                                                                     \
    C("cs-uri-stem", COLUMN_STEM)                                                                  \
    C("sc-status", COLUMN_STATUS)                                                                  \
    C("cs(Referer)", COLUMN_REFERER)                                                               \
    C("cs(User-Agent)", COLUMN_AGENT)                                                              \
    C("cs-uri-query", COLUMN_QUERY)                                                                \
    C("cs(Cookie)", COLUMN_NONE)                                                                   \
    C("x-edge-result-type", COLUMN_RESULT)                                                         \
    C("x-edge-request-id", COLUMN_REQUEST_ID)                                                      \
    C("x-host-header", COLUMN_HOST)                                                                \
    C("cs-protocol", COLUMN_PROTOCOL)                                                              \
    C("cs-bytes", COLUMN_NONE)                                                                     \
    C("time-taken", COLUMN_TIME_TAKEN)                                                             \
    C("x-forwarded-for", COLUMN_NONE)                                                              \
    C("ssl-protocol", COLUMN_TLS)                                                                  \
    C("ssl-cipher", COLUMN_CIPHER)                                                                 \
    C("x-edge-response-result-type", COLUMN_RESPONSE_RESULT)                                       \
    C("cs-protocol-version", COLUMN_PROTOCOL_VERSION)                                              \
    C("fle-status", COLUMN_NONE)                                                                   \
    C("fle-encrypted-fields", COLUMN_NONE)                                                         \
    C("c-port", COLUMN_NONE)                                                                       \
    C("time-to-first-byte", COLUMN_TIME_TO_FIRST_BYTE)                                             \
    C("x-edge-detailed-result-type", COLUMN_DETAILED_RESULT)                                       \
    C("sc-content-type", COLUMN_CONTENT_TYPE)                                                      \
    C("sc-content-len", COLUMN_CONTENT_LENGTH)                                                     \
    C("sc-range-start", COLUMN_NONE)                                                               \
    C("sc-range-end", COLUMN_NONE)

#define NAME(name, column)   " " name
#define SOURCE(name, column) column,
static const enum column cloudfront_sources[] = {CLOUDFRONT_COLUMNS(SOURCE)};

const char *write_as_header(enum write_as as)
{
    return as == WRITE_CLOUDFRONT ? "#Version: 1.0\n#Fields:" CLOUDFRONT_COLUMNS(NAME) "\n" : "";
}

/* Finds all values of a record, which has COLUMN_COUNT at most. */
static void split(const char *record, size_t size, struct field value[COLUMN_COUNT])
{
    const char *end = record + size - (size && record[size - 1] == '\n');
    for (int i = 0; i < COLUMN_COUNT; i++) {
        const char *tab = memchr(record, '\t', (size_t)(end - record));
        value[i] = (struct field){record, (size_t)((tab ? tab : end) - record)};
        record = tab ? tab + 1 : end;
    }
}

static bool is_escape(const char *s, const char *end)
{
    return end - s >= 3 && percent_digit[(unsigned char)s[1]] && percent_digit[(unsigned char)s[2]];
}

/* Whether CloudFront encodes a byte (same page of the Developer Guide). */
static bool is_encoded(unsigned char byte)
{
    return byte <= ' ' || byte >= 127 || strchr("<>\"#%{}|\\^~[]`'", byte);
}

/* Writes a value as CloudFront encodes the value, so that decoding gives the value back.
 *
 * In a URL, an escape is the client's own, and its % is encoded once more.  In a user agent, an escape stands for what
 * cannot be decoded, and stays.  In a host, an escape is CloudFront's, whose capitals the normalized log has not kept.
 * Any other column has its encoding still. */
static char *put_encoded(enum column column, struct field value, char *out)
{
    const enum column_text text = column_text(column);
    const char *s = value.text, *end = s + value.size;
    if (text == COLUMN_TEXT_PLAIN)
        return mempcpy(out, value.text, value.size);
    for (; s < end; s++) {
        bool stays = *s == '%' && is_escape(s, end) == (text != COLUMN_TEXT_URL);
        if (stays && text == COLUMN_TEXT_HOST) {
            out = percent_put(out, (unsigned char)percent_byte(s + 1));
            s += 2;
        } else if (is_encoded((unsigned char)*s) && !stays) {
            out = percent_put(out, (unsigned char)*s);
        } else {
            *out++ = *s;
        }
    }
    return out;
}

/* Stands for the version of HTTP when the log does not tell it: programs such as GoAccess reject a
 * record without one.  Logs have had the column since CloudFront first took another version. */
static const struct field usual_version = {"HTTP/1.1", 8};

static char *put_cloudfront(const struct field *value, char *out)
{
    for (size_t i = 0; i < sizeof cloudfront_sources / sizeof *cloudfront_sources; i++) {
        enum column column = cloudfront_sources[i];
        if (i)
            *out++ = '\t';
        if (column != COLUMN_NONE && value[column].size)
            out = put_encoded(column, value[column], out);
        else
            *out++ = '-';
    }
    return out;
}

/* Writes a value that stands between quotes, as Apache httpd does (its mod_log_config). */
static char *put_quoted(struct field value, char *out)
{
    for (size_t i = 0; i < value.size; i++) {
        if (value.text[i] == '"' || value.text[i] == '\\')
            *out++ = '\\';
        *out++ = value.text[i];
    }
    return out;
}

/* YYYY-MM-DD  ->  DD/Mon/YYYY */
static char *put_date(struct field date, char *out)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    unsigned month =
        date.size == 10 ? (unsigned)(date.text[5] - '0') * 10 + (unsigned)(date.text[6] - '0') : 0;
    if (month < 1 || month > 12)
        return mempcpy(out, date.text, date.size);
    out = mempcpy(out, date.text + 8, 2);
    *out++ = '/';
    out = mempcpy(out, months + 3 * (month - 1), 3);
    *out++ = '/';
    return mempcpy(out, date.text, 4);
}

/* CLIENT - - [DATE:TIME +0000] "METHOD PATH?QUERY VERSION" STATUS BYTES "REFERER" "AGENT" */
static char *put_combined(const struct field *value, char *out)
{
    out = mempcpy(out, value[COLUMN_CLIENT].text, value[COLUMN_CLIENT].size);
    out = stpcpy(out, " - - [");
    out = put_date(value[COLUMN_DATE], out);
    *out++ = ':';
    out = mempcpy(out, value[COLUMN_TIME].text, value[COLUMN_TIME].size);
    out = stpcpy(out, " +0000] \"");
    out = put_quoted(value[COLUMN_METHOD], out);
    *out++ = ' ';
    out = put_quoted(value[COLUMN_STEM], out);
    if (!field_is_absent(value[COLUMN_QUERY])) {
        *out++ = '?';
        out = put_quoted(value[COLUMN_QUERY], out);
    }
    *out++ = ' ';
    out = put_quoted(value[COLUMN_PROTOCOL_VERSION], out);
    out = stpcpy(out, "\" ");
    out = mempcpy(out, value[COLUMN_STATUS].text, value[COLUMN_STATUS].size);
    *out++ = ' ';
    out = mempcpy(out, value[COLUMN_BYTES].text, value[COLUMN_BYTES].size);
    out = stpcpy(out, " \"");
    out = put_quoted(value[COLUMN_REFERER], out);
    out = stpcpy(out, "\" \"");
    out = put_quoted(value[COLUMN_AGENT], out);
    *out++ = '"';
    return out;
}

size_t write_as_record(enum write_as as, const char *record, size_t size, char *out)
{
    struct field value[COLUMN_COUNT];
    split(record, size, value);
    if (field_is_absent(value[COLUMN_PROTOCOL_VERSION]))
        value[COLUMN_PROTOCOL_VERSION] = usual_version;
    char *end = as == WRITE_CLOUDFRONT ? put_cloudfront(value, out) : put_combined(value, out);
    *end++ = '\n';
    return (size_t)(end - out);
}
