#include "commands/setup_look.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/check_source.h"
#include "commands/check_step.h"
#include "files/write_all.h"
#include "memory/allocate.h"
#include "setup/names.h"
#include "setup/shipped.h"
#include "text/by_number.h"
#include "text/message.h"
#include "text/plain.h"

enum { HOSTS_SHOWN = 10, RESULTS_MAX = 1000 };

/* ---- in the process of the user --------------------------------------------------------------- */

/* Adds a line "host RECORDS NAME" for each host of the logs, in any order. */
static void add_hosts(struct buffer *out, const struct check_hosts *hosts)
{
    size_t added = 0;
    for (size_t i = 0; i < hosts->table.slots && added < RESULTS_MAX; i++) {
        const struct check_host *host = (const struct check_host *)hosts->table.slot[i];
        if (host && setup_is_host(host->entry.key, host->entry.size)) {
            buffer_printf(out, "host %" PRIu64 " %s\n", host->records, host->entry.key);
            added++;
        }
    }
}

/* Reads the newest logs of the site's source.  Writes lines to RESULTS: "kind download", "kind streaming", and
 * those of add_hosts(). */
static int look(void *user, int results)
{
    const struct site *site = user;
    struct check check = {0};
    struct buffer out = {0};
    check_source(&check, site->source, site);
    if (check.kinds.size && strstr(check.kinds.data, "\nstreaming"))
        buffer_add_text(&out, "kind streaming\n");
    if (check.kinds.size &&
        (strstr(check.kinds.data, "\ndownload") || strstr(check.kinds.data, "\nnormalized")))
        buffer_add_text(&out, "kind download\n");
    add_hosts(&out, &check.hosts);
    bool done = write_all(results, out.data, out.size);
    check_forget_logs(&check);
    buffer_free(&out);
    return done ? EXIT_DONE : EXIT_FAILED;
}

/* Replaces this process by the command check. */
static int run_check(void *user, int results)
{
    char *const *words = user;
    (void)results;
    execv("/proc/self/exe", words);
    message_error("awstats-cloudfront check cannot be started: %s; run it yourself, as the user of "
                  "the updates",
                  strerrordesc_np(errno));
    return EXIT_FAILED;
}

/* ---- in this process -------------------------------------------------------------------------- */

/* Prints a line, unless the same line was printed before. */
static void print_line(void *user, const char *line)
{
    struct look *look = user;
    struct buffer whole = {0};
    buffer_printf(&whole, "\n%s\n", line);
    if (!look->lines.size || !strstr(look->lines.data, whole.data)) {
        plain_print(line, "");
        putchar('\n');
        fflush(stdout);
        buffer_add(&look->lines, whole.data, whole.size);
    }
    buffer_free(&whole);
}

/* Takes a line of the results.  Checks the host name again, because the process that wrote this line has read
 * untrusted logs. */
static void take_result(struct look *look, const char *line)
{
    char *name;
    if (!strcmp(line, "kind download"))
        look->is_download = true;
    else if (!strcmp(line, "kind streaming"))
        look->is_streaming = true;
    if (strncmp(line, "host ", 5))
        return;
    uint64_t records = strtoull(line + 5, &name, 10);
    if (*name++ != ' ' || !setup_is_host(name, strlen(name)))
        return;
    look->hosts = array_grow(look->hosts, look->count, &look->capacity, sizeof *look->hosts);
    look->hosts[look->count++] = (struct look_host){memory_copy_text(name), records};
}

static int by_records(const void *a, const void *b)
{
    const struct look_host *x = a, *y = b;
    bool x_is_own = setup_is_distribution(x->name), y_is_own = setup_is_distribution(y->name);
    if (x_is_own != y_is_own)
        return x_is_own ? 1 : -1;
    if (x->records != y->records)
        return x->records < y->records ? 1 : -1;
    return strcmp(x->name, y->name);
}

static void print_hosts(const struct look *look)
{
    struct buffer text = {0};
    for (size_t i = 0; i < look->count && i < HOSTS_SHOWN; i++)
        buffer_printf(&text, "%s%s %" PRIu64, i ? ", " : "", look->hosts[i].name,
                      look->hosts[i].records);
    if (look->count > HOSTS_SHOWN)
        buffer_printf(&text, " and %zu more %s", look->count - HOSTS_SHOWN,
                      by_number(look->count - HOSTS_SHOWN, "host", "hosts"));
    if (look->count)
        check_say("ok", "hosts", "records in the newest logs: %s", text.data);
    buffer_free(&text);
}

bool look_at_logs(struct look *results, const struct site *site, const struct account *account,
                  struct buffer *error)
{
    struct buffer text = {0};
    const struct account_work work = {look, print_line, results, (void *)site};
    int status = account_run(account, &work, &text, error);
    char *rest = text.data;
    for (char *line; status == EXIT_DONE && (line = strsep(&rest, "\n"));)
        take_result(results, line);
    if (status > 0)
        buffer_add_text(error, "the process that reads the newest logs failed, so nothing was "
                               "made; see its message above, or run the command again");
    if (results->count)
        qsort(results->hosts, results->count, sizeof *results->hosts, by_records);
    print_hosts(results);
    buffer_free(&text);
    return status == EXIT_DONE;
}

int look_check(struct look *look, const struct options *options, const struct place *place,
               const char *name, struct buffer *error)
{
    char *words[10] = {"awstats-cloudfront", "check",    "--site",
                       (char *)name,         "--config", place->config};
    size_t count = 6;
    char *awstats = options->awstats ? place_absolute(options->awstats) : NULL;
    if (awstats) {
        words[count++] = "--awstats";
        words[count++] = awstats;
    }
    struct buffer none = {0};
    const struct account_work work = {run_check, print_line, look, words};
    int status = account_run(&place->account, &work, &none, error);
    buffer_free(&none);
    free(awstats);
    return status;
}

void look_free(struct look *look)
{
    for (size_t i = 0; i < look->count; i++)
        free(look->hosts[i].name);
    free(look->hosts);
    buffer_free(&look->lines);
    *look = (struct look){0};
}
