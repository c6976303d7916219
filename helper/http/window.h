/* Decides how many tries a pool has under way at once: a window that grows and shrinks with what
 * the store can do.  Pure arithmetic: the caller gives the times, in milliseconds by any clock that
 * never jumps.
 *
 * An epoch is as many responses as the window allows tries at once.  After each epoch in which the
 * window was full, its size may change:
 *
 *   grow    doubles while the throughput grows by a tenth; then keeps the best size
 *   hold    keeps the size for some epochs, then probes
 *   probe   one epoch at an eighth more: keeps that size if it is faster, else returns to the old
 *           one and holds it for twice as many epochs
 *   creep   grows by an eighth up to the size at which the store refused; then holds
 *
 * A refusal halves the window, or makes it smaller still where the store limits the rate.  After
 * status 503 or 429, no try starts for a while.  Only the first refusal counts: those of tries that
 * began before it change nothing.  When a probe is refused, the window returns to the size before
 * the probe.
 *
 * After a refusal, two tries start at least as far apart as the latency divided by the size.  So
 * the store refuses only a part of a burst, and the window may be smaller than one: then it is a
 * rate, for a store that allows 100 requests a second and responds to each in a millisecond. */
#ifndef HTTP_WINDOW_H
#define HTTP_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

enum { WINDOW_FIRST = 16 }; /* tries at once at first */

enum window_phase { WINDOW_GROW, WINDOW_HOLD, WINDOW_PROBE, WINDOW_CREEP };

struct window {
    double size, max;
    enum window_phase phase;
    double limit; /* the size at which the store last refused; 0: none */

    /* the epoch */
    int64_t began;
    double amount; /* bytes of its responses; each counts as some more */
    unsigned responses;
    bool is_full; /* the window was full in this epoch */

    double best_rate, best_size; /* grow: the fastest epoch */
    unsigned misses;             /* grow: epochs in a row that were no faster */
    unsigned hold, held;         /* epochs: until the next probe; since the last one */
    double before, before_rate;  /* probe: the size and rate before the probe */

    int64_t cut;         /* when a refusal last changed the window */
    uint64_t since_cut;  /* responses since then */
    unsigned streak;     /* refusals in a row, each soon after the one before */
    unsigned cuts;       /* refusals without an epoch between them */
    int64_t pause_until; /* no try starts before this time */
    int64_t last_start;
    double latency; /* milliseconds from a try's start to the end of its response, smoothed */
};

/* Makes a window of up to MAX tries at once. */
void window_init(struct window *window, unsigned max, int64_t now);

/* Returns whether a try may start when RUNNING are under way. */
bool window_may_start(const struct window *window, unsigned running, int64_t now);

/* Returns the milliseconds until time alone lets a try start; 0 when only the end of another try
 * can. */
int64_t window_wait(const struct window *window, unsigned running, int64_t now);

/* Records that a try starts while RUNNING others are under way. */
void window_started(struct window *window, unsigned running, int64_t now);

/* Records that the store responded with BYTES to a try that began at BEGAN. */
void window_responded(struct window *window, int64_t began, int64_t now, uint64_t bytes);

/* Records that the store refused a try that began at BEGAN.  No try starts for PAUSE milliseconds,
 * and longer after several refusals without an epoch between them.  PAUSE 0, for an outage, is no
 * pause. */
void window_refused(struct window *window, int64_t began, int64_t now, int64_t pause);

#endif
