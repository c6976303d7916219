#include "stream/assemble.h"

#include "log/event.h"
#include "stream/view_record.h"
#include "stream/views.h"

struct assembly {
    struct sort_writer *records;
    uint64_t views;
};

static bool put_view(void *context, const struct view *view)
{
    struct assembly *assembly = context;
    char *out = sort_room(assembly->records, view_record_room(view));
    if (!out)
        return false;
    size_t size = view_record_write(view, out);
    sort_add(assembly->records, view->time, SORT_NO_OBJECT | view->connection_hash, size);
    assembly->views++;
    return true;
}

/* Ends the log: writes the open views, or saves them for the next log. */
static bool finish(struct views *views, struct assemble_state *state)
{
    if (!state)
        return views_close(views);
    if (!(state->writes_open ? views_write_open(views) : views_settle(views)))
        return false;
    struct views_counts counts = views_count(views);
    if (counts.connections + counts.remembered)
        views_save(views, &state->after);
    return true;
}

bool assemble_views(struct sort *events, struct sort_writer *records, struct assemble_state *state,
                    struct assemble_counts *counts)
{
    struct assembly assembly = {.records = records};
    struct views *views = views_new(put_view, &assembly);
    struct event event;
    const char *text;
    size_t size;
    int more = -1;
    bool done = !state || !state->before || views_load(views, state->before, state->before_size);
    while (done && (more = sort_next(events, &event.time, &text, &size)) > 0) {
        event_read(&event, text, size);
        if (!sort_is_dropped(events, event.object))
            done = views_add(views, &event);
    }
    done = done && more == 0 && finish(views, state);
    if (done) {
        struct views_counts left = views_count(views);
        *counts = (struct assemble_counts){left.connections, assembly.views, left.falling};
    }
    views_free(views);
    return done;
}
