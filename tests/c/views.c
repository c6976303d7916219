/* stream/views: generated connections, in any order and in any parts.  The generator knows their views, seconds and
 * bytes. */
#include <stdlib.h>

#include "planned_connections.h"
#include "stream/views.h"

static struct result *results;
static size_t result_count;
static uint64_t sums[CONNECTIONS];

static int by_time(const void *a, const void *b)
{
    const struct made *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static int by_connection(const void *a, const void *b)
{
    const struct result *x = a, *y = b;
    const uint64_t left[] = {x->connection, x->stream, x->bytes, x->seconds};
    const uint64_t right[] = {y->connection, y->stream, y->bytes, y->seconds};
    for (int i = 0; i < 4; i++)
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    return 0;
}

static bool put(void *context, const struct view *view)
{
    unsigned connection, stream = 0;
    char text[64];
    (void)context;
    snprintf(text, sizeof text, "%.*s", (int)view->text[0].size, view->text[0].text);
    sscanf(text, "%*8[0-9a-f]-%u", &connection);
    snprintf(text, sizeof text, "%.*s", (int)view->text[EVENT_STREAM].size,
             view->text[EVENT_STREAM].text);
    sscanf(text, "stream%u", &stream);
    results[result_count++] = (struct result){connection, stream, view->seconds, view->bytes};
    sums[connection] += view->bytes;
    return true;
}

/* Saves the views, and returns views that are loaded from the saved bytes. */
static struct views *save_and_load(struct views *views)
{
    struct buffer saved = {0};
    struct views *again = views_new(put, NULL);
    bool is_settled = views_settle(views);
    views_save(views, &saved);
    if (!is_settled || !views_load(again, saved.data, saved.size)) {
        views_free(again);
        again = NULL;
    }
    buffer_free(&saved);
    views_free(views);
    return again;
}

static void shuffle(void)
{
    for (size_t i = 0; i < event_count; i++)
        events[i].order = below(1u << 31);
    qsort(events, event_count, sizeof *events, by_time);
}

/* Feeds all events in batches that begin at random seconds. */
static void feed_by_time(unsigned batches)
{
    struct views *views = views_new(put, NULL);
    char text[20];
    result_count = 0;
    memset(sums, 0, sizeof sums);
    shuffle();
    for (size_t i = 0; i < event_count; i++) {
        struct event event;
        bool may_split = i && events[i].time != events[i - 1].time;
        if (may_split && batches > 1 && below((unsigned)event_count / batches) == 0 &&
            !(views = save_and_load(views)))
            return;
        make_text(&events[i], &event, text);
        if (!views_add(views, &event))
            return;
    }
    views_close(views);
    views_free(views);
}

static void test_truth(unsigned batches)
{
    feed_by_time(batches);
    size_t wrong = 0;
    qsort(results, result_count, sizeof *results, by_connection);
    for (size_t i = 0; i < truth_count && i < result_count; i++)
        if (by_connection(&truth[i], &results[i]) && wrong++ < 3)
            printf("# connection %u stream %u: %u s, %llu bytes; got %u %u: %u s, %llu bytes\n",
                   truth[i].connection, truth[i].stream, truth[i].seconds,
                   (unsigned long long)truth[i].bytes, results[i].connection, results[i].stream,
                   results[i].seconds, (unsigned long long)results[i].bytes);
    ok(result_count == truth_count && !wrong,
       "%zu events in about %u batches: %zu views, their seconds and bytes (%zu wrong)",
       event_count, batches, truth_count, wrong);
}

/* Events in random batches: a connection's bytes still add up to its highest total. */
static void test_bytes(unsigned batches, bool write_open)
{
    struct views *views = views_new(put, NULL);
    char text[20];
    size_t wrong = 0;
    result_count = 0;
    memset(sums, 0, sizeof sums);
    for (size_t i = 0; i < event_count; i++)
        events[i].order = below(1u << 31);
    unsigned *batch_of = calloc(event_count, sizeof *batch_of);
    qsort(events, event_count, sizeof *events, by_time);
    for (size_t i = 0; i < event_count; i++)
        batch_of[i] = below(batches);
    for (unsigned batch = 0; batch < batches; batch++) {
        for (size_t i = 0; i < event_count; i++) {
            struct event event;
            if (batch_of[i] != batch)
                continue;
            make_text(&events[i], &event, text);
            views_add(views, &event);
        }
        if (write_open)
            views_write_open(views);
        if (!(views = save_and_load(views)))
            return;
    }
    views_close(views);
    views_free(views);
    for (unsigned i = 0; i < CONNECTIONS; i++)
        wrong += sums[i] != highest[i];
    ok(!wrong, "events at random in %u batches%s: exact bytes (%zu connections wrong)", batches,
       write_open ? ", open views written each time" : "", wrong);
    free(batch_of);
}

/* Single cases. */
struct step {
    uint32_t time;
    enum event_kind kind;
    unsigned stream;
    uint64_t total;
};

static void test_case(const char *name, const struct step *steps, size_t count,
                      const struct result *want, size_t want_count)
{
    struct views *views = views_new(put, NULL);
    char text[20];
    result_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct event event;
        struct made made = {.time = START + steps[i].time,
                            .stream = steps[i].stream,
                            .kind = steps[i].kind,
                            .total = steps[i].total};
        make_text(&made, &event, text);
        views_add(views, &event);
    }
    views_close(views);
    bool same = result_count == want_count;
    for (size_t i = 0; same && i < want_count; i++)
        same = results[i].stream == want[i].stream && results[i].bytes == want[i].bytes &&
               results[i].seconds == want[i].seconds;
    if (!ok(same, "%s", name))
        for (size_t i = 0; i < result_count; i++)
            printf("# got stream %u: %u s, %llu bytes\n", results[i].stream, results[i].seconds,
                   (unsigned long long)results[i].bytes);
    views_free(views);
}

#define CASE(name, steps, want)                                                                    \
    test_case(name, steps, sizeof steps / sizeof *steps, want, sizeof want / sizeof *want)

static void test_cases(void)
{
    const struct step sample[] = {
        {0, EVENT_CONNECT, 0, 2014},     {1, EVENT_PLAY, 1, 3914},
        {144, EVENT_STOP, 1, 323914},    {144, EVENT_PLAY, 2, 8783724},
        {301, EVENT_STOP, 2, 429822014}, {400, EVENT_DISCONNECT, 0, 429824092}};
    const struct result sample_views[] = {{0, 1, 143, 8783724}, {0, 2, 157, 421040368}};
    CASE("the sample of the developer guide", sample, sample_views);

    const struct step back[] = {{0, EVENT_PLAY, 1, 10},
                                {10, EVENT_PLAY, 2, 20},
                                {20, EVENT_PLAY, 1, 30},
                                {25, EVENT_STOP, 1, 40}};
    const struct result back_views[] = {{0, 1, 10, 20}, {0, 2, 10, 10}, {0, 1, 5, 10}};
    CASE("A, B, A is three views", back, back_views);

    const struct step again[] = {{0, EVENT_PLAY, 1, 10},
                                 {10, EVENT_STOP, 1, 20},
                                 {20, EVENT_PLAY, 1, 30},
                                 {25, EVENT_STOP, 1, 40}};
    const struct result again_views[] = {{0, 1, 15, 40}};
    CASE("played again, one view", again, again_views);

    const struct step never[] = {{0, EVENT_CONNECT, 0, 3073}, {9, EVENT_DISCONNECT, 0, 3100}};
    const struct result never_views[] = {{0, 0, 0, 3100}};
    CASE("never played: a connect", never, never_views);

    const struct step lost[] = {{0, EVENT_STOP, 1, 500}, {9, EVENT_DISCONNECT, 0, 500}};
    const struct result lost_views[] = {{0, 1, 0, 500}};
    CASE("the play lost: still a view", lost, lost_views);

    const struct step lost_pause[] = {
        {0, EVENT_PAUSE, 1, 500}, {10, EVENT_UNPAUSE, 1, 500}, {20, EVENT_STOP, 1, 600}};
    const struct result lost_pause_views[] = {{0, 1, 10, 600}};
    CASE("the play lost, and paused", lost_pause, lost_pause_views);

    const struct step stopped[] = {{0, EVENT_PLAY, 1, 500},
                                   {10, EVENT_STOP, 1, 600},
                                   {20, EVENT_UNPAUSE, 1, 600},
                                   {30, EVENT_STOP, 1, 600}};
    const struct result stopped_views[] = {{0, 1, 10, 600}};
    CASE("an unpause after a stop plays nothing", stopped, stopped_views);

    const struct step falls[] = {
        {0, EVENT_PLAY, 1, 500}, {5, EVENT_STOP, 1, 100}, {9, EVENT_DISCONNECT, 0, 600}};
    const struct result falls_views[] = {{0, 1, 5, 600}};
    CASE("a total that falls adds nothing", falls, falls_views);

    const struct step late[] = {
        {0, EVENT_PLAY, 1, 500}, {5, EVENT_DISCONNECT, 0, 900}, {6, EVENT_STOP, 1, 950}};
    const struct result late_views[] = {{0, 1, 5, 900}, {0, 1, 0, 50}};
    CASE("an event behind the disconnect adds what is new", late, late_views);

    const struct step timeout[] = {{0, EVENT_PLAY, 1, 500},
                                   {5, EVENT_PAUSE, 1, 900},
                                   {5 + 100000, EVENT_UNPAUSE, 1, 900},
                                   {5 + 100010, EVENT_STOP, 1, 1000}};
    const struct result timeout_views[] = {{0, 1, 5, 900}, {0, 1, 0, 100}};
    CASE("a day without an event ends a view", timeout, timeout_views);

    const struct step second[] = {{5, EVENT_DISCONNECT, 0, 900},
                                  {5, EVENT_PLAY, 1, 900},
                                  {5, EVENT_STOP, 1, 900},
                                  {5, EVENT_CONNECT, 0, 900},
                                  {5, EVENT_PLAY, 1, 900}};
    const struct result second_views[] = {{0, 1, 0, 900}};
    CASE("all in one second, with one total", second, second_views);
}

/* Ten thousand events of a connection in one second are handled in parts; the connection's bytes stay exact. */
static void test_crowded_second(void)
{
    struct views *views = views_new(put, NULL);
    char text[20];
    uint64_t bytes = 0;
    result_count = 0;
    for (unsigned i = 0; i < 10000; i++) {
        struct event event;
        struct made made = {.time = START,
                            .stream = 1 + i % 2,
                            .kind = EVENT_PLAY,
                            .total = 1 + (i * 7919) % 10000};
        make_text(&made, &event, text);
        views_add(views, &event);
    }
    views_close(views);
    views_free(views);
    for (size_t i = 0; i < result_count; i++)
        bytes += results[i].bytes;
    ok(bytes == 10000, "a crowded second: exact bytes (%llu)", (unsigned long long)bytes);
}

/* Damaged bytes must be rejected, or be loaded without harm. */
static void test_load(void)
{
    struct views *views = views_new(put, NULL);
    struct buffer saved = {0};
    char text[20];
    for (size_t i = 0; i < 200; i++) {
        struct event event;
        make_text(&events[i], &event, text);
        views_add(views, &event);
    }
    views_settle(views);
    views_save(views, &saved);
    size_t taken = 0;
    for (size_t size = 0; size < saved.size; size++) {
        struct views *again = views_new(put, NULL);
        unsigned char *copy = malloc(size ? size : 1);
        memcpy(copy, saved.data, size);
        taken += views_load(again, copy, size);
        views_free(again);
        free(copy);
    }
    ok(!taken, "saved views, cut at every byte, are refused");
    size_t accepted = 0;
    for (size_t i = 0; i < saved.size; i++) {
        struct views *again = views_new(put, NULL);
        char bit = (char)(1 << below(8));
        saved.data[i] ^= bit;
        accepted += views_load(again, saved.data, saved.size);
        views_free(again);
        saved.data[i] ^= bit;
    }
    ok(!accepted, "saved views with one wrong bit, anywhere, are refused");
    /* Version 1 had no checksum. */
    saved.size -= 8;
    saved.data[7] = '1';
    struct views *old = views_new(put, NULL);
    ok(views_load(old, saved.data, saved.size) &&
           views_count(old).connections == views_count(views).connections &&
           views_count(old).remembered == views_count(views).remembered,
       "views of version 1 are loaded");
    views_free(old);
    for (size_t i = 8; i < saved.size; i++) {
        struct views *again = views_new(put, NULL);
        saved.data[i] ^= (char)(1 << below(8));
        if (views_load(again, saved.data, saved.size))
            views_close(again);
        views_free(again);
        saved.data[i] = (char)below(256);
        result_count = 0;
    }
    ok(true, "corrupt ones of version 1 do no harm");
    buffer_free(&saved);
    views_free(views);
}

int main(void)
{
    events = calloc(EVENTS_MAX, sizeof *events);
    results = calloc(EVENTS_MAX, sizeof *results);
    for (unsigned i = 0; i < CONNECTIONS; i++)
        plan_connection(i);
    qsort(truth, truth_count, sizeof *truth, by_connection);
    test_truth(1);
    test_truth(1);
    test_truth(10);
    test_truth(200);
    test_bytes(1, false);
    test_bytes(7, false);
    test_bytes(40, false);
    test_bytes(7, true);
    test_load();
    test_cases();
    test_crowded_second();
    free(events);
    free(results);
    return done_testing();
}
