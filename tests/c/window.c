/* The window of a pool, with simulated stores: one with a limited bandwidth, one that allows few requests at once,
 * and one that allows few requests per second. */
#include "http/window.h"

#include <stdlib.h>

#include "tap.h"

enum { TRIES_MAX = 512 };

/* A simulated store, and its running tries. */
struct store {
    unsigned at_once;    /* how many tries it answers at the same time; 0: any number */
    double per_second;   /* how many tries it answers per second; 0: any number */
    double bytes_per_ms; /* of all responses together; 0: no limit */
    int64_t latency;     /* milliseconds */

    double tokens;
    struct {
        int64_t began, ends;
        bool is_refused;
    } tries[TRIES_MAX];
    unsigned running, served; /* the running tries, and those of them that get a response */
    int64_t free_at;          /* when the bandwidth is free again, in microseconds */
    unsigned peak;            /* the most tries that ran at the same time */
};

struct result {
    unsigned responses, refused;
    int64_t time; /* milliseconds */
};

static void start(struct store *store, struct window *window, int64_t now)
{
    bool is_refused = (store->at_once && store->served >= store->at_once) ||
                      (store->per_second > 0 && store->tokens < 1);
    int64_t ends = now + (is_refused ? 1 : store->latency);
    if (!is_refused && store->bytes_per_ms > 0) {
        if (store->free_at < 1000 * now)
            store->free_at = 1000 * now;
        store->free_at += (int64_t)(1000 * 20000 / store->bytes_per_ms);
        ends += (store->free_at - 1000 * now) / 1000;
    }
    if (store->per_second > 0 && !is_refused)
        store->tokens -= 1;
    window_started(window, store->running, now);
    store->tries[store->running].began = now;
    store->tries[store->running].ends = ends;
    store->tries[store->running++].is_refused = is_refused;
    store->served += !is_refused;
    if (store->running > store->peak)
        store->peak = store->running;
}

static void end(struct store *store, struct window *window, unsigned i, int64_t now,
                struct result *result)
{
    if (store->tries[i].is_refused) {
        window_refused(window, store->tries[i].began, now, 200);
        result->refused++;
    } else {
        window_responded(window, store->tries[i].began, now, 20000);
        result->responses++;
        store->served--;
    }
    store->tries[i] = store->tries[--store->running];
}

/* Runs until COUNT tries have had a response. */
static struct result run(struct store *store, struct window *window, unsigned count)
{
    struct result result = {0};
    int64_t now = 0;
    store->tokens = store->per_second;
    for (; result.responses < count && now < 3600 * 1000; now++) {
        store->tokens += store->per_second / 1000;
        if (store->tokens > store->per_second)
            store->tokens = store->per_second;
        for (unsigned i = 0; i < store->running;)
            if (store->tries[i].ends <= now)
                end(store, window, i, now, &result);
            else
                i++;
        while (result.responses + store->running < count &&
               window_may_start(window, store->running, now))
            start(store, window, now);
    }
    result.time = now;
    return result;
}

static struct result run_new(struct store store, unsigned max, unsigned count, double *size)
{
    struct window window;
    window_init(&window, max, 0);
    struct result result = run(&store, &window, count);
    *size = window.size;
    return result;
}

int main(void)
{
    double size;
    struct result got = run_new((struct store){.latency = 30}, 256, 5000, &size);
    ok(got.responses == 5000 && size == 256, "a fast store: the window grows to its maximum: %.0f",
       size);
    ok(got.time < 2 * 5000 / 256 * 30, "a fast store: %lld ms", (long long)got.time);

    got = run_new((struct store){.latency = 30}, 4, 100, &size);
    ok(size == 4 && got.time >= 100 / 4 * 30, "the maximum is kept");

    /* 40 responses at once fill the bandwidth. */
    got =
        run_new((struct store){.latency = 30, .bytes_per_ms = 20000.0 * 40 / 30}, 256, 5000, &size);
    ok(size >= 30 && size <= 140, "a store of little bandwidth: no larger window than helps: %.0f",
       size);
    ok(got.time < 13 * 5000 / 40 * 30 / 10, "a store of little bandwidth: %lld ms",
       (long long)got.time);

    for (int64_t latency = 1; latency <= 100; latency *= 10) {
        got = run_new((struct store){.latency = latency, .at_once = 8}, 256, 800, &size);
        ok(got.responses == 800 && got.refused < 30, "eight at once, %lld ms: %u are refused",
           (long long)latency, got.refused);
        ok(size > 6 && size < 10, "eight at once: %.2f", size);
        got = run_new((struct store){.latency = latency, .per_second = 100}, 256, 800, &size);
        ok(got.responses == 800 && got.refused < 130, "100 a second, %lld ms: %u are refused",
           (long long)latency, got.refused);
        ok(got.time < 15000, "100 a second: %lld ms", (long long)got.time);
    }

    /* A window below one is a rate. */
    struct window window;
    window_init(&window, 1, 0);
    window_started(&window, 0, 0);
    window_responded(&window, 0, 1, 0);
    window_started(&window, 0, 2);
    window_refused(&window, 2, 3, 200);
    ok(!window_may_start(&window, 0, 202) && window_wait(&window, 0, 3) == 200,
       "a refusal: a pause");
    ok(window_may_start(&window, 0, 203), "a refusal: and it ends");
    ok(window.size == 0.5, "a refusal: the window is halved");
    window_started(&window, 0, 203);
    ok(!window_may_start(&window, 0, 204) && window_may_start(&window, 0, 205),
       "half a window: the starts are two latencies apart");

    /* If the store rejects all tries of one moment, the window counts one rejection. */
    window_init(&window, 64, 0);
    for (unsigned i = 0; i < 16; i++)
        window_started(&window, i, 0);
    for (unsigned i = 0; i < 16; i++)
        window_refused(&window, 0, 10, 200);
    ok(window.size == 8, "sixteen refusals of one moment halve the window once: %.2f", window.size);
    return done_testing();
}
