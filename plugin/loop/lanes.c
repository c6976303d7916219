/* The lanes of a loop: which lane counts a record, in a thread of its own or in perl's, and how the lanes' counters
 * come together. */
#include <string.h>

#include "loop/internal.h"
#include "loop/threads.h"
#include "memory/hash.h"
#include "normalized/ascii.h"
#include "tables/join.h"

enum {
    RECORDS_MIN = 100000,        /* threads need some time to learn what values mean */
    PROCESSORS_MIN = 3,          /* perl's thread and the writer of the log take one or two */
    THREADS_MAX = 8,             /* perl's thread can feed about so many */
    LINES_BETWEEN_CHECKS = 1024, /* of the memory */
    STILL_MS = 1000,
};

unsigned loop_threads_for(uint64_t records, unsigned processors)
{
    if (records < RECORDS_MIN || processors < PROCESSORS_MIN)
        return 1;
    return processors <= THREADS_MAX ? processors - 1 : THREADS_MAX;
}

/* ---- which lane ---- */

/* Makes a lane the one whose record AWStats may get. */
static void use_lane(struct update_loop *loop, unsigned lane)
{
    loop->current = &loop->lane[lane];
    exchange_with(loop->exchange, &loop->current->tables, loop->current->record);
}

/* Each run puts a host into the same lane, so that the same log makes the same file. */
static unsigned lane_of_host(const struct update_loop *loop, struct field host)
{
    const uint64_t hash = hash_bytes(host.text, host.size, 0) >> 32;
    return (unsigned)(hash * loop->lanes >> 32);
}

/* Whether AWStats may count a record for another host than that of the column: AWStats changes a text that is no
 * address, and takes an address out of a query. */
static bool may_have_other_host(const char *line, size_t size, struct field host)
{
    static const char visitor[] = "[CloudFlare_Visitor_IP";
    return !values_is_address(host) ||
           (memchr(line, '[', size) && memmem(line, size, visitor, sizeof visitor - 1));
}

/* Whether a record begins a period, or comes after one that has begun it but was not counted. */
static bool is_of_later_period(struct update_loop *loop, const char *line, size_t size)
{
    struct last_hour *last = &loop->last_hour;
    if (size < sizeof last->text)
        return true;
    if (memcmp(last->text, line, sizeof last->text) != 0 || last->period != loop->now.period) {
        memcpy(last->text, line, sizeof last->text);
        last->period = loop->now.period;
        last->is_later = values_period(loop->lane->values, line) > loop->now.period;
    }
    return last->is_later;
}

bool loop_is_busy(struct update_loop *loop)
{
    return loop->threads && threads_are_busy(loop->threads);
}

void loop_wait(struct update_loop *loop, int wait_ms)
{
    threads_publish(loop->threads);
    threads_wait(loop->threads, wait_ms);
}

/* Takes a record for perl's thread, which counts next, after all threads have counted.  LANE: whose host it has. */
static enum loop_turn count_here(struct update_loop *loop, unsigned lane)
{
    const unsigned here = loop->is_joined ? 0 : lane;
    struct lane *counting = &loop->lane[here];
    for (unsigned i = 0; i < loop->lanes; i++) {
        if (loop->lane[i].last_line > counting->last_line)
            counting->last_line = loop->lane[i].last_line;
    }
    counting->record = ++loop->records;
    loop->now.save_is_due = loop->saves.is_due;
    loop->host_lane = lane;
    use_lane(loop, here);
    return LOOP_COUNTS_NOW;
}

static void check_memory(pTHX_ struct update_loop *loop)
{
    if (loop->records % LINES_BETWEEN_CHECKS == 0)
        saves_check_memory(aTHX_ loop);
}

/* Whether a size, which stands before the client, is of so many digits that sums may be no numbers of the tables: then
 * AWStats gets all counters, and must have counted all records before. */
static bool may_be_too_large(const char *line, struct field host)
{
    enum { DIGITS = 12 };
    const char *size = host.text - 1;
    unsigned digits = 0;
    while (size > line && ascii_is_digit(size[-1])) {
        size--;
        digits++;
    }
    return digits == 0 || digits > DIGITS || size == line || size[-1] != '\t';
}

/* Whether a record is earlier than the one before. */
static bool is_out_of_order(const struct update_loop *loop, const char *line, size_t size)
{
    return size < sizeof loop->last_time ||
           memcmp(line, loop->last_time, sizeof loop->last_time) < 0;
}

enum loop_turn loop_put(pTHX_ struct update_loop *loop, const char *line, size_t size)
{
    struct field host;
    if (!loop->threads)
        return count_here(loop, 0);
    check_memory(aTHX_ loop);
    const bool has_host = column_get(line, size, COLUMN_CLIENT, &host);
    const bool is_odd = !has_host || may_have_other_host(line, size, host) ||
                        may_be_too_large(line, host) || is_out_of_order(loop, line, size);
    const bool is_now = is_odd || loop->is_joined || loop->saves.is_due || !loop->now.new_phase ||
                        is_of_later_period(loop, line, size);
    if (is_now && threads_are_busy(loop->threads))
        return LOOP_MUST_WAIT;
    if (!loop->is_joined && (is_odd || loop->saves.is_due)) {
        lanes_join(aTHX_ loop);
        lanes_take_times(aTHX_ loop);
    }
    const unsigned lane = has_host ? lane_of_host(loop, host) : 0;
    if (!is_now && !threads_have_room(loop->threads, lane, size))
        return LOOP_MUST_WAIT;
    if (size >= sizeof loop->last_time)
        memcpy(loop->last_time, line, sizeof loop->last_time);
    loop->is_odd = is_odd;
    if (is_now)
        return count_here(loop, lane);
    threads_put(loop->threads, lane, line, size, ++loop->records);
    return LOOP_COUNTS_LATER;
}

/* ---- what threads ask for ---- */

/* While other threads still ask for AWStats, the records that it counts are not in their order. */
void lanes_take_times(pTHX_ struct update_loop *loop)
{
    struct lane *lane = loop->is_joined ? loop->lane : loop->current;
    const bool is_sorted = loop->is_joined && loop_is_busy(loop);
    lane_take_times(aTHX_ lane, &loop->of_counters,
                    is_sorted ? GIVEN_TIMES_ARE_SORTED : GIVEN_TIMES_REPLACE);
}

void lanes_forget_values(pTHX_ struct update_loop *loop)
{
    lane_forget_values(aTHX_ loop->current, &loop->of_counters, lanes_times(loop));
    lanes_take_times(aTHX_ loop);
}

bool loop_asked(pTHX_ struct update_loop *loop, const char **line, size_t *size)
{
    struct asked asked;
    while (loop->threads && threads_asked(loop->threads, &asked)) {
        struct tally_item item;
        loop->host_lane = asked.lane;
        use_lane(loop, asked.lane);
        if (lane_must_forget_values(loop->current, loop->saves.memory))
            lanes_forget_values(aTHX_ loop); /* which is a reason why threads ask */
        if (loop_count(aTHX_ loop, asked.record, &item) != LOOP_NATIVE) {
            loop->asking = loop->current;
            loop->was_ahead = true;
            *line = asked.line;
            *size = asked.size;
            return true;
        }
        /* Where one new value was, there may be many. */
        for (size_t i = 0; asked.question == 2 && i < asked.laters; i++)
            decide_learn(aTHX_ loop->current, &asked.later[i]);
        threads_answer(loop->threads, asked.lane, &item);
    }
    return false;
}

void lanes_answer(struct update_loop *loop)
{
    if (loop->asking)
        threads_answer(loop->threads, (unsigned)(loop->asking - loop->lane), NULL);
    loop->asking = NULL;
}

/* ---- joining ---- */

/* Gives the numbers of all lanes to AWStats. */
static void give_numbers(pTHX_ struct update_loop *loop)
{
    const enum given_times times = lanes_times(loop);
    for (unsigned i = 0; i < loop->lanes; i++)
        counters_give(aTHX_ & loop->lane[i].counters, &loop->of_counters, times);
}

void lanes_join(pTHX_ struct update_loop *loop)
{
    while (loop->threads && !threads_are_still(loop->threads))
        threads_wait(loop->threads, STILL_MS);
    give_numbers(aTHX_ loop);
    for (unsigned i = 1; i < loop->lanes; i++) {
        if (!tables_join(&loop->lane->tables, &loop->lane[i].tables))
            croak("out of memory");
    }
    loop->is_joined = loop->lanes > 1;
    use_lane(loop, 0);
}

void lanes_give_back(pTHX_ struct update_loop *loop)
{
    lanes_join(aTHX_ loop);
    loop->lane->tables.given_back = false; /* it may have got rows since */
    exchange_give_back(aTHX_ loop->exchange);
    for (unsigned i = 0; i < loop->lanes; i++)
        loop->lane[i].tables.given_back = true;
}

void lanes_clear(struct update_loop *loop)
{
    for (unsigned i = 0; i < loop->lanes; i++)
        tables_clear(&loop->lane[i].tables);
    if (loop->threads)
        threads_forget_memory(loop->threads);
    loop->is_joined = loop->lanes > 1 && loop->is_odd; /* AWStats may count the record next */
    use_lane(loop, loop->is_joined ? 0 : loop->host_lane);
}

unsigned loop_full_section(const struct update_loop *loop)
{
    const struct tables *tables = &loop->lane->tables;
    for (unsigned i = 0; i < tables->extras; i++) {
        if (tables->extra[i].count > loop->rules.rows_max)
            return i + 1;
    }
    return 0;
}

void loop_tell(struct update_loop *loop, struct tally *tally)
{
    if (loop->threads)
        threads_tell(loop->threads, tally);
}
