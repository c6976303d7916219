#include "stream/view_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "normalized/clock.h"
#include "normalized/columns.h"
#include "log/decode.h"

/* The parts of rtmp://host/application; a missing part is empty. */
struct stream_url {
    struct field scheme, host, path; /* path: without the slashes around it */
};

static struct stream_url parse_url(struct field text)
{
    struct stream_url url = {{"", 0}, {"", 0}, {"", 0}};
    const char *s = text.text, *end = s + text.size;
    const char *mark = memmem(s, text.size, "://", 3);
    if (field_is_absent(text))
        return url;
    if (mark) {
        url.scheme = (struct field){s, (size_t)(mark - s)};
        s = mark + 3;
        const char *slash = memchr(s, '/', (size_t)(end - s));
        url.host = (struct field){s, (size_t)((slash ? slash : end) - s)};
        s = slash ? slash : end;
    }
    while (s < end && *s == '/')
        s++;
    while (s < end && end[-1] == '/')
        end--;
    url.path = (struct field){s, (size_t)(end - s)};
    return url;
}

/* Returns the stream's name without the type that players write before it, as in mp4:name. */
static struct field bare_name(struct field name)
{
    static const char *const types[] = {"mp4:", "flv:", "mp3:", "f4v:", "id3:", "raw:"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (name.size > 4 && !strncasecmp(name.text, types[i], 4))
            name = (struct field){name.text + 4, name.size - 4};
    while (name.size > 1 && *name.text == '/')
        name = (struct field){name.text + 1, name.size - 1};
    return name;
}

static bool has_extension(struct field name, struct field ext)
{
    return name.size > ext.size + 1 && name.text[name.size - ext.size - 1] == '.' &&
           !strncasecmp(name.text + name.size - ext.size, ext.text, ext.size);
}

static char *put_stem(const struct view *view, const struct stream_url *url, char *out)
{
    struct field stream = view->text[EVENT_STREAM], ext = view->text[EVENT_FILE_EXT];
    *out++ = '/';
    out += decode_url(url->path.text, url->path.size, out);
    if (!field_is_absent(stream)) {
        stream = bare_name(stream);
        if (url->path.size)
            *out++ = '/';
        out += decode_url(stream.text, stream.size, out);
        if (!field_is_absent(ext) && !has_extension(stream, ext)) {
            *out++ = '.';
            out += decode_url(ext.text, ext.size, out);
        }
    }
    if (view->kind != VIEW_WHOLE && out[-1] != '/')
        *out++ = '/';
    return out;
}

static struct field either(struct field first, struct field second)
{
    return field_is_absent(first) ? second : first;
}

static char *put_text(struct field field, size_t (*decode)(const char *, size_t, char *), char *out)
{
    if (!field_is_absent(field))
        return out + decode(field.text, field.size, out);
    *out = '-';
    return out + 1;
}

static char *put_number(uint64_t number, char *out)
{
    return out + sprintf(out, "%" PRIu64, number);
}

static char *put_column(const struct view *view, const struct stream_url *url, enum column column,
                        char *out)
{
    static const char *const names[] = {
        [VIEW_WHOLE] = "view", [VIEW_CONNECT] = "connect", [VIEW_MORE] = "more"};
    const struct field *text = view->text;
    switch (column) {
    case COLUMN_EDGE_LOCATION:
        return put_text(text[EVENT_EDGE_LOCATION], decode_plain, out);
    case COLUMN_BYTES:
        return put_number(view->bytes, out);
    case COLUMN_CLIENT:
        return put_text(text[EVENT_CLIENT], decode_plain, out);
    case COLUMN_METHOD:
        return put_text((struct field){"GET", 3}, decode_plain, out);
    case COLUMN_HOST:
        return put_text(url->host, decode_host, out);
    case COLUMN_STEM:
        return put_stem(view, url, out);
    case COLUMN_STATUS:
        return put_number(200, out);
    case COLUMN_REFERER:
        return put_text(either(text[EVENT_PAGE], text[EVENT_REFERRER]), decode_url, out);
    case COLUMN_AGENT:
        return put_text(text[EVENT_AGENT], decode_agent, out);
    case COLUMN_QUERY:
        return put_text(either(text[EVENT_STREAM_QUERY], text[EVENT_QUERY]), decode_url, out);
    case COLUMN_PROTOCOL:
        return put_text(url->scheme, decode_plain, out);
    case COLUMN_EVENT:
        return put_text((struct field){names[view->kind], strlen(names[view->kind])}, decode_plain,
                        out);
    case COLUMN_DURATION:
        if (view->kind != VIEW_CONNECT)
            return put_number(view->seconds, out);
        return put_text((struct field){"-", 1}, decode_plain, out);
    case COLUMN_STREAM_NAME:
        return put_text(text[EVENT_STREAM], decode_plain, out);
    case COLUMN_FILE_EXT:
        return put_text(text[EVENT_FILE_EXT], decode_plain, out);
    default:
        return put_text((struct field){"-", 1}, decode_plain, out);
    }
}

size_t view_record_room(const struct view *view)
{
    size_t size = 0;
    for (int i = 0; i < EVENT_TEXT_COUNT; i++)
        size += view->text[i].size;
    /* Each text may be written twice, each byte as three.  The numbers take less than 128 bytes. */
    return 6 * size + 3 * COLUMN_COUNT + 128;
}

size_t view_record_write(const struct view *view, char *out)
{
    struct stream_url url = parse_url(view->text[EVENT_URL]);
    char *o = out + CLOCK_DATE_SIZE + 1 + CLOCK_TIME_SIZE;
    clock_format(view->time, out, out + CLOCK_DATE_SIZE + 1);
    out[CLOCK_DATE_SIZE] = '\t';
    for (int column = COLUMN_TIME + 1; column < COLUMN_COUNT; column++) {
        *o++ = '\t';
        o = put_column(view, &url, (enum column)column, o);
    }
    *o++ = '\n';
    return (size_t)(o - out);
}
