#include "http/window.h"

enum {
    RESPONSE_AMOUNT = 4096, /* bytes that a response counts beside its body */
    HOLD_FIRST = 8,         /* epochs from one probe to the next one, at first */
    HOLD_MAX = 1024,        /* and at most */
    MISSES_MAX = 2,         /* epochs in a row without more throughput, which end the growth */
    PAUSE_DOUBLED_MAX = 5,  /* the longest pause is 32 times the first one */
    SPACE_MAX = 200,        /* milliseconds between the starts of two tries, at most */
    STREAK_PAUSES = 5,      /* two refusals belong to a row if they are fewer pauses apart */
    STREAK_OF_RATE = 3,     /* so many refusals in a row show that the store limits the rate */
};

/* tests/c/window.c tests these factors with simulated stores. */
static const double FASTER_IF_DOUBLED = 1.1; /* throughput that lets the window double again */
static const double FASTER_IF_PROBED = 1.03; /* throughput that keeps the size of a probe */
static const double BELOW_LIMIT = 0.95;      /* creep stays below this part of the limit */
static const double ABOVE_RATE = 1.2;        /* the limit, relative to the rate of a store */

static void begin_epoch(struct window *window, int64_t now)
{
    window->began = now;
    window->amount = 0;
    window->responses = 0;
    window->is_full = false;
}

void window_init(struct window *window, unsigned max, int64_t now)
{
    *window = (struct window){.size = max < WINDOW_FIRST ? max : WINDOW_FIRST,
                              .max = max,
                              .hold = HOLD_FIRST,
                              .cut = now - 1,
                              .last_start = now,
                              .pause_until = now,
                              .latency = 1};
    begin_epoch(window, now);
}

/* Returns when time lets the next try start, even if the window is full then. */
static int64_t next_start(const struct window *window)
{
    int64_t next = window->pause_until;
    if (window->size < 1 || window->limit > 0) {
        int64_t spaced = window->last_start + (int64_t)(window->latency / window->size);
        if (spaced > next)
            next = spaced;
    }
    return next;
}

static bool has_room(const struct window *window, unsigned running)
{
    return running == 0 || running + 1 <= window->size;
}

bool window_may_start(const struct window *window, unsigned running, int64_t now)
{
    return has_room(window, running) && now >= next_start(window);
}

int64_t window_wait(const struct window *window, unsigned running, int64_t now)
{
    int64_t next = next_start(window);
    return has_room(window, running) && next > now ? next - now : 0;
}

void window_started(struct window *window, unsigned running, int64_t now)
{
    window->last_start = now;
    window->is_full |= !has_room(window, running + 1);
}

/* Returns the next larger size. */
static double enlarge(const struct window *window)
{
    double step = window->size < 1 ? window->size / 4 : window->size / 8;
    if (window->size >= 1 && step < 1)
        step = 1;
    return window->size + step < window->max ? window->size + step : window->max;
}

static void set_hold(struct window *window, double size)
{
    window->size = size;
    window->phase = WINDOW_HOLD;
    window->held = 0;
}

static void hold_longer(struct window *window)
{
    window->hold = window->hold * 2 < HOLD_MAX ? window->hold * 2 : HOLD_MAX;
    set_hold(window, window->before);
}

static void grow(struct window *window, double rate)
{
    if (rate >= FASTER_IF_DOUBLED * window->best_rate) {
        window->best_rate = rate;
        window->best_size = window->size;
        window->misses = 0;
        window->size = 2 * window->size < window->max ? 2 * window->size : window->max;
    } else if (++window->misses == MISSES_MAX) {
        set_hold(window, window->best_size);
    }
}

static void creep(struct window *window)
{
    double size = enlarge(window);
    if (size <= BELOW_LIMIT * window->limit && size > window->size)
        window->size = size;
    else
        set_hold(window, window->size);
}

static void hold(struct window *window, double rate)
{
    if (++window->held < window->hold || window->size >= window->max)
        return;
    window->before = window->size;
    window->before_rate = rate;
    window->size = enlarge(window);
    window->phase = WINDOW_PROBE;
}

static void end_probe(struct window *window, double rate)
{
    if (rate < FASTER_IF_PROBED * window->before_rate) {
        hold_longer(window);
        return;
    }
    if (window->size > window->limit)
        window->limit = 0;
    window->hold = HOLD_FIRST;
    window->before = window->size;
    window->before_rate = rate;
    window->size = enlarge(window);
}

static void end_epoch(struct window *window, int64_t now)
{
    double duration = now > window->began ? (double)(now - window->began) : 1;
    double rate = window->amount / duration;
    window->cuts = 0;
    if (window->is_full)
        switch (window->phase) {
        case WINDOW_GROW:
            grow(window, rate);
            break;
        case WINDOW_HOLD:
            hold(window, rate);
            break;
        case WINDOW_PROBE:
            end_probe(window, rate);
            break;
        case WINDOW_CREEP:
            creep(window);
            break;
        }
    begin_epoch(window, now);
}

void window_responded(struct window *window, int64_t began, int64_t now, uint64_t bytes)
{
    double latency = (double)(now - began);
    if (latency < 1)
        latency = 1;
    window->latency += (latency - window->latency) / 8;
    window->since_cut++;
    window->amount += (double)bytes + RESPONSE_AMOUNT;
    if (++window->responses >= window->size)
        end_epoch(window, now);
}

/* Halves the window.  A store that refuses STREAK_OF_RATE times in a row limits the rate: then the
 * window becomes the rate of responses since the last refusal, times the latency, and the limit
 * becomes ABOVE_RATE times that. */
static void shrink(struct window *window, int64_t now, int64_t pause)
{
    double half = window->size / 2, size = half;
    window->streak = now - window->cut < STREAK_PAUSES * pause ? window->streak + 1 : 1;
    if (window->streak >= STREAK_OF_RATE && window->since_cut > 0)
        size = (double)window->since_cut / (double)(now - window->cut) * window->latency;
    /* Without a response since the last refusal, this is an outage, which tells nothing of a
     * limit. */
    if (window->since_cut > 0 || window->limit <= 0)
        window->limit = size < half ? size * ABOVE_RATE : window->size;
    window->size = size < half ? size : half;
    double least = pause > 0 && window->latency < SPACE_MAX ? window->latency / SPACE_MAX : 1;
    if (window->size < least)
        window->size = least;
}

void window_refused(struct window *window, int64_t began, int64_t now, int64_t pause)
{
    bool is_first = began > window->cut;
    unsigned doubled = window->cuts < PAUSE_DOUBLED_MAX ? window->cuts : PAUSE_DOUBLED_MAX;
    if (is_first && pause > 0 && now + (pause << doubled) > window->pause_until)
        window->pause_until = now + (pause << doubled);
    if (!is_first)
        return;
    if (window->phase == WINDOW_PROBE) {
        hold_longer(window);
    } else {
        shrink(window, now, pause);
        window->phase = WINDOW_CREEP;
    }
    window->cut = now;
    window->cuts++;
    window->since_cut = 0;
    begin_epoch(window, now);
}
