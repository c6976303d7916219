#include "stream/assemble.h"

#include "log/event.h"
#include "stream/record.h"
#include "stream/views.h"

struct assembly {
    struct sort_writer *records;
    uint64_t views;
};

static bool put_view(void *context, const struct view *view)
{
    struct assembly *assembly = context;
    char *out = sort_room(assembly->records, record_room(view));
    if (!out)
        return false;
    size_t size = record_write(view, out);
    sort_add(assembly->records, view->time, SORT_NO_OBJECT | view->connection_hash, size);
    assembly->views++;
    return true;
}

bool assemble_views(struct sort *events, struct sort_writer *records,
                    struct assemble_counts *counts)
{
    struct assembly assembly = {.records = records};
    struct views *views = views_new(put_view, &assembly);
    struct event event;
    const char *text;
    size_t size;
    int more = -1;
    bool done = views != NULL;
    while (done && (more = sort_next(events, &event.time, &text, &size)) > 0) {
        event_read(&event, text, size);
        if (!sort_is_dropped(events, event.object))
            done = views_add(views, &event);
    }
    done = done && more == 0 && views_close(views);
    if (done)
        *counts = (struct assemble_counts){assembly.views, views_count(views).falling};
    views_free(views);
    return done;
}
