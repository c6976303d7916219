/* What views.c (assembling) and views_saved.c (saving and loading) share. */
#ifndef STREAM_VIEWS_INTERNAL_H
#define STREAM_VIEWS_INTERNAL_H

#include "stream/connections.h"
#include "stream/event_order.h"
#include "stream/views.h"

struct views {
    struct connections connections;
    struct event_order order; /* the events of one connection in one second */
    uint32_t clock;           /* the latest time of an event */
    uint64_t falling;         /* as in views_counts */
    views_put *put;
    void *context;
};

#endif
