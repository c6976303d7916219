/* threads/: the number of processors of a process, by its affinity and by the limits of its control group; and
 * threads that get no signals; waits that end. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "files/folders.h"
#include "tap.h"
#include "threads/condition.h"
#include "threads/processors.h"
#include "threads/start.h"

enum { THREADS_MAX = 4 };

/* Writes a file, and makes its folder. */
static void put(const char *path, const char *text)
{
    FILE *file = folders_make_above(path, 0700) == 0 ? fopen(path, "w") : NULL;
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        ok(false, "%s cannot be written", path);
}

static void test_groups(void)
{
    static const struct {
        const char *membership;
        size_t count;
        const char *name;
    } cases[] = {
        {"0::/free\n", 0, "a group without a limit"},
        {"0::/two\n", 2, "a limit"},
        {"0::/two/free\n", 2, "the limit of the group above"},
        {"0::/two/half\n", 1, "half a processor is one"},
        {"0::/two/more/part\n", 2, "the group above has less"},
        {"0::/more/part\n", 3, "a part of a processor counts as one"},
        {"0::/damaged\n", 0, "a limit that cannot be read"},
        {"0::/none\n", 0, "a group that is not there"},
        {"0::/\n", 0, "the root has no limit"},
        {"4:cpu:/two\n0::/more\n", 4, "control groups of both versions"},
        {"4:cpu:/two\n10::/two\n", 0, "control groups of the first version alone"},
        {"", 0, "no control groups"},
    };
    put("groups/free/cpu.max", "max 100000\n");
    put("groups/two/cpu.max", "200000 100000\n");
    put("groups/two/free/cpu.max", "max 100000\n");
    put("groups/two/half/cpu.max", "25000 50000\n");
    put("groups/two/more/part/cpu.max", "250000 100000\n");
    put("groups/more/cpu.max", "400000 100000\n");
    put("groups/more/part/cpu.max", "200001 100000\n");
    put("groups/damaged/cpu.max", "100000 0\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put("membership", cases[i].membership);
        size_t count = processors_of_group("membership", "groups");
        ok(count == cases[i].count, "%s: %zu", cases[i].name, count);
    }
    put("groups/cpu.max", "700000 100000\n");
    put("membership", "0::/../elsewhere/container\n");
    ok(processors_of_group("membership", "groups") == 7, "a container that cannot see its group");
    ok(processors_of_group("missing", "groups") == 0, "a system without control groups");
}

static void test_affinity(void)
{
    cpu_set_t all, first;
    size_t count = processors_count(), number = 0;
    bool has_mask = sched_getaffinity(0, sizeof all, &all) == 0;
    ok(has_mask && count >= 1 && count <= (size_t)CPU_COUNT(&all), "this process: %zu processors",
       count);
    while (!CPU_ISSET(number, &all))
        number++;
    CPU_ZERO(&first);
    CPU_SET(number, &first);
    ok(sched_setaffinity(0, sizeof first, &first) == 0 && processors_count() == 1,
       "an affinity of one processor");
    sched_setaffinity(0, sizeof all, &all);
}

static void *count_blocked(void *argument)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGPROF};
    sigset_t blocked;
    (void)argument;
    size_t count = 0;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        count += (size_t)sigismember(&blocked, signals[i]);
    return count == sizeof signals / sizeof *signals ? argument : NULL;
}

static void test_start(void)
{
    pthread_t threads[THREADS_MAX];
    size_t processors = processors_count(), blocked = 0;
    sigset_t own;
    size_t started = threads_start(threads, THREADS_MAX, count_blocked, &own);
    ok(started == (processors < THREADS_MAX ? processors : THREADS_MAX),
       "threads that have started: %zu", started);
    for (size_t i = 0; i < started; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        blocked += result != NULL;
    }
    ok(blocked == started, "they block all signals");
    pthread_sigmask(SIG_SETMASK, NULL, &own);
    ok(!sigismember(&own, SIGTERM), "the thread that has started them does not");
    ok(threads_start(threads, 0, count_blocked, &own) == 0, "no thread is wanted");
}

/* Removes what test_groups() has made. */
static void remove_files(void)
{
    static const char *const groups[] = {"two/more/part", "two/more", "two/half", "two/free", "two",
                                         "more/part",     "more",     "free",     "damaged",  ""};
    char path[64];
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        snprintf(path, sizeof path, "groups/%s/cpu.max", groups[i]);
        unlink(path);
        snprintf(path, sizeof path, "groups/%s", groups[i]);
        rmdir(path);
    }
    unlink("membership");
}

static void test_condition(void)
{
    const struct timespec later = condition_later((struct timespec){10, 999000000}, 2001);
    ok(later.tv_sec == 13 && later.tv_nsec == 0, "milliseconds are carried to seconds");
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition;
    condition_init(&condition);
    const struct timespec until = condition_deadline(20);
    int error = 0;
    pthread_mutex_lock(&lock);
    while (error == 0)
        error = pthread_cond_timedwait(&condition, &lock, &until);
    pthread_mutex_unlock(&lock);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    ok(error == ETIMEDOUT, "a wait ends");
    ok(now.tv_sec > until.tv_sec || (now.tv_sec == until.tv_sec && now.tv_nsec >= until.tv_nsec),
       "at its deadline, by the clock that nobody sets");
    pthread_cond_destroy(&condition);
}

int main(void)
{
    char folder[] = "/tmp/threads-XXXXXX";
    if (!mkdtemp(folder) || chdir(folder) < 0) {
        printf("Bail out! no scratch folder\n");
        return 1;
    }
    test_groups();
    test_affinity();
    test_start();
    test_condition();
    remove_files();
    rmdir(folder);
    return done_testing();
}
