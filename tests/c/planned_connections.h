/* Connections for tests of stream/views: their events, and the views that these events must make. */
#ifndef PLANNED_CONNECTIONS_H
#define PLANNED_CONNECTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "log/event.h"
#include "tap.h"

enum { CONNECTIONS = 3000, VIEWS_MAX = 8, EVENTS_MAX = 400000, START = 1300000000 };

static unsigned long long state = 20101231;

static unsigned below(unsigned n)
{
    return (unsigned)(next_random(&state) % n);
}

/* One view, as planned or as written. */
struct result {
    unsigned connection, stream; /* stream 0: a connect */
    uint32_t seconds;
    uint64_t bytes;
};

struct made {
    uint32_t time, hash, order; /* order: at random, for what the log does not order */
    unsigned connection, stream;
    enum event_kind kind;
    uint64_t total;
};

static struct made *events;
static size_t event_count;
static struct result truth[CONNECTIONS * VIEWS_MAX];
static size_t truth_count;
static uint64_t highest[CONNECTIONS];

static char names[CONNECTIONS][40];

static void make_text(const struct made *made, struct event *event, char stream[20])
{
    for (int i = 0; i < EVENT_TEXT_COUNT; i++)
        event->text[i] = (struct field){"-", 1};
    event->text[EVENT_CONNECTION] =
        (struct field){names[made->connection], strlen(names[made->connection])};
    if (made->stream) {
        snprintf(stream, 20, "stream%u", made->stream);
        event->text[EVENT_STREAM] = (struct field){stream, strlen(stream)};
        event->text[EVENT_FILE_EXT] = (struct field){"mp4", 3};
    }
    event->connection_hash = event_hash(event->text[EVENT_CONNECTION]);
    event->kind = made->kind;
    event->total = made->total;
    event->time = made->time;
}

/* A connection that is being planned. */
struct plan {
    unsigned connection, stream;
    uint32_t time;
    uint64_t total;
    bool playing;
    struct result view;
};

static void add_event(struct plan *plan, enum event_kind kind, unsigned stream, unsigned gap,
                      uint64_t bytes)
{
    plan->time += gap;
    plan->total += bytes;
    plan->view.bytes += bytes;
    if (plan->playing)
        plan->view.seconds += gap;
    struct made *made = &events[event_count++];
    *made = (struct made){.time = plan->time,
                          .connection = plan->connection,
                          .stream = stream,
                          .kind = kind,
                          .total = plan->total};
    struct event event;
    char text[20];
    make_text(made, &event, text);
    made->hash = event.connection_hash;
    if (below(30) == 0) { /* an event twice */
        events[event_count] = *made;
        event_count++;
    }
}

/* Returns the seconds to the next event.  Often 0: then the bytes of the event determine the order. */
static unsigned some_gap(void)
{
    return below(3) ? below(600) : 0;
}

static uint64_t some_bytes(unsigned gap)
{
    return gap && below(4) == 0 ? 0 : 1 + below(5000000);
}

static void add_some(struct plan *plan, enum event_kind kind)
{
    unsigned gap = some_gap();
    bool has_stream = kind != EVENT_CONNECT && kind != EVENT_DISCONNECT;
    add_event(plan, kind, has_stream ? plan->stream : 0, gap, some_bytes(gap));
}

static void end_view(struct plan *plan)
{
    plan->view.connection = plan->connection;
    plan->view.stream = plan->stream;
    truth[truth_count++] = plan->view;
    plan->view = (struct result){0};
}

/* Plans the events of one view, up to the play event of the next view. */
static void plan_view(struct plan *plan)
{
    plan->playing = true;
    for (unsigned n = below(5); n > 0; n--)
        switch (below(3)) {
        case 0:
            add_some(plan, EVENT_SEEK);
            break;
        case 1:
            add_some(plan, EVENT_PAUSE);
            plan->playing = false;
            if (below(4) == 0)
                return; /* the next view begins while this one is paused */
            add_some(plan, EVENT_UNPAUSE);
            plan->playing = true;
            break;
        default:
            add_some(plan, EVENT_STOP);
            plan->playing = false;
            add_some(plan, EVENT_PLAY); /* the same stream: the same view */
            plan->playing = true;
        }
    if (below(3)) {
        add_some(plan, EVENT_STOP);
        plan->playing = false;
        if (below(8) == 0)
            add_some(plan, EVENT_UNPAUSE); /* seen in real files; plays nothing */
    }
}

static void plan_connection(unsigned connection)
{
    struct plan plan = {.connection = connection, .time = START + below(40000)};
    unsigned views = below(6);
    snprintf(names[connection], sizeof names[connection], "%08x-%u-client", below(1u << 31),
             connection);
    add_event(&plan, EVENT_CONNECT, 0, 0, 3073);
    for (unsigned i = 0; i < views; i++) {
        unsigned gap = some_gap(), stream = plan.stream;
        while (stream == plan.stream)
            stream = 1 + below(5);
        bool at_once = i && !plan.playing && below(4) == 0; /* with the stop, not a byte between */
        if (i) {
            add_event(&plan, EVENT_PLAY, stream, at_once ? 0 : gap, at_once ? 0 : some_bytes(gap));
            end_view(&plan);
        } else {
            add_event(&plan, EVENT_PLAY, stream, gap, below(2) ? 0 : some_bytes(gap));
        }
        plan.stream = stream;
        plan_view(&plan);
    }
    if (below(3)) /* else it is lost */
        add_event(&plan, EVENT_DISCONNECT, 0, below(2) ? 0 : below(600),
                  below(2) ? 0 : below(100000));
    end_view(&plan);
    highest[connection] = plan.total;
}

#endif
