/* stream/view_record: the paths of views and of other events; whole records. */
#include "stream/view_record.h"

#include "columns_text.h"
#include "tap.h"

static struct field field(const char *text)
{
    return (struct field){text, strlen(text)};
}

static struct view make(enum view_kind kind, const char *url, const char *stream, const char *ext)
{
    struct view view = {.kind = kind, .time = 1291593224, .seconds = 143, .bytes = 8783724};
    for (int i = 0; i < EVENT_TEXT_COUNT; i++)
        view.text[i] = (struct field){"-", 1};
    view.text[EVENT_URL] = field(url);
    view.text[EVENT_STREAM] = field(stream);
    view.text[EVENT_FILE_EXT] = field(ext);
    return view;
}

/* Returns column COLUMN of the record, counted from 0. */
static struct field column_of(const char *record, size_t size, int column)
{
    const char *end = record + size - 1, *tab;
    while (column-- > 0)
        record = (const char *)memchr(record, '\t', (size_t)(end - record)) + 1;
    tab = memchr(record, '\t', (size_t)(end - record));
    return (struct field){record, (size_t)((tab ? tab : end) - record)};
}

static void is_path(enum view_kind kind, const char *url, const char *stream, const char *ext,
                    const char *want)
{
    char record[1024];
    struct view view = make(kind, url, stream, ext);
    size_t size = view_record_write(&view, record);
    struct field path = column_of(record, size, COLUMN_STEM);
    ok(size <= view_record_room(&view), "the record has room");
    is_text(path.text, path.size, want, want);
}

static void test_paths(void)
{
    is_path(VIEW_WHOLE, "rtmp://h/cfx/st", "a", "flv", "/cfx/st/a.flv");
    is_path(VIEW_WHOLE, "rtmp://h/cfx/st/", "a.flv", "flv", "/cfx/st/a.flv");
    is_path(VIEW_WHOLE, "rtmp://h/cfx/st", "mp4:dir/a", "mp4", "/cfx/st/dir/a.mp4");
    is_path(VIEW_WHOLE, "rtmp://h", "mp4:/a.MP4", "mp4", "/a.MP4");
    is_path(VIEW_WHOLE, "rtmp://h/", "a", "-", "/a");
    is_path(VIEW_WHOLE, "-", "a", "flv", "/a.flv");
    is_path(VIEW_WHOLE, "rtmp://h/cfx", "our%20team", "flv", "/cfx/our%20team.flv");
    is_path(VIEW_MORE, "rtmp://h/cfx/st", "a", "flv", "/cfx/st/a.flv/");
    is_path(VIEW_MORE, "rtmp://h/cfx/st", "-", "-", "/cfx/st/");
    is_path(VIEW_CONNECT, "rtmp://h/cfx/st", "-", "-", "/cfx/st/");
    is_path(VIEW_CONNECT, "rtmp://h/cfx/st//", "-", "-", "/cfx/st/");
    is_path(VIEW_CONNECT, "rtmp://h/", "-", "-", "/");
    is_path(VIEW_CONNECT, "rtmp://h", "-", "-", "/");
    is_path(VIEW_CONNECT, "-", "-", "-", "/");
}

static void test_records(void)
{
    char record[1024];
    size_t size;
    struct view view = make(VIEW_MORE, "rtmpe://s1.cloudfront.net/cfx/st", "a", "flv");
    view.text[EVENT_EDGE_LOCATION] = field("LHR5");
    view.text[EVENT_CLIENT] = field("192.0.2.1");
    view.text[EVENT_REFERRER] = field("http://example.com/player.swf");
    view.text[EVENT_AGENT] = field("WIN%2011,2,202,235");
    size = view_record_write(&view, record);
    is_text(record, size,
            "2010-12-05\t23:53:44\tLHR5\t8783724\t192.0.2.1\tGET\ts1.cloudfront.net"
            "\t/cfx/st/a.flv/\t200\thttp://example.com/player.swf\tWIN 11,2,202,235\t-\t-\trtmpe"
            "\t-\t-\t-\t-\t-\t-\tmore\t143\ta\tflv" COLUMNS_ABSENT_AFTER_FILE_EXT "\n",
            "more of a view");
    view = make(VIEW_CONNECT, "rtmp://s1.cloudfront.net/", "-", "-");
    size = view_record_write(&view, record);
    is_text(record, size,
            "2010-12-05\t23:53:44\t-\t8783724\t-\tGET\ts1.cloudfront.net\t/\t200\t-\t-\t-\t-\trtmp"
            "\t-\t-\t-\t-\t-\t-\tconnect" COLUMNS_ABSENT_AFTER_EVENT "\n",
            "a connection in which nothing was played");
}

int main(void)
{
    test_paths();
    test_records();
    return done_testing();
}
