#include "commands/status_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "commands/status_figures.h"
#include "config/site_command.h"
#include "text/by_number.h"
#include "text/message.h"
#include "text/plain.h"
#include "text/time.h"

/* Returns a time of the ledger, seconds UTC, as text; "never" for 0. */
static const char *format_time(char out[TIME_TEXT_SIZE], int64_t seconds)
{
    if (!seconds)
        return "never";
    time_format(out, TIME_SECOND, seconds);
    return out;
}

const char *status_format_age(char out[STATUS_AGE_SIZE], int64_t seconds)
{
    int64_t hours = seconds / 3600;
    if (hours >= 48)
        snprintf(out, STATUS_AGE_SIZE, "%" PRId64 " days %" PRId64 " h", hours / 24, hours % 24);
    else
        snprintf(out, STATUS_AGE_SIZE, "%" PRId64 " h %02" PRId64 " min", hours, seconds / 60 % 60);
    return out;
}

/* Prints a line about an object; USER is the text at its beginning. */
static bool print_object(void *user, const struct ledger_object *object, int64_t since,
                         const char *error)
{
    char text[TIME_TEXT_SIZE];
    fputs(user, stdout);
    plain_print(object->key, "");
    if (since)
        printf(" (since %s)", format_time(text, since));
    if (*error) {
        fputs(": ", stdout);
        plain_print(error, "");
    }
    putchar('\n');
    return true;
}

static bool print_key(void *user, const struct ledger_object *object)
{
    (void)user;
    fputs("      ", stdout);
    plain_print(object->key, "");
    putchar('\n');
    return true;
}

/* Prints why objects wait for their clean-up, and with -v also which ones, up to a limit. */
static bool print_reason(void *user, const char *error, uint64_t count, const char *key)
{
    struct status_site *site = user;
    if (!*error)
        return true;
    printf("    %" PRIu64 " of them cannot be, the first is ", count);
    plain_print(key, "");
    fputs(": ", stdout);
    plain_print(error, "");
    putchar('\n');
    if (message_get_level() >= MESSAGE_VERBOSE)
        status_site_visit_waiting(site, error, print_key, NULL);
    return true;
}

/* Prints the objects whose clean-up is not done. */
static void print_clean_up(struct status_site *site)
{
    uint64_t count = site->status.to_clean_up;
    if (count && site->after == SITE_AFTER_KEEP) {
        printf("  objects that were to be deleted or moved, and stay because of after = keep: "
               "%" PRIu64 "\n",
               count);
    } else if (count) {
        printf("  objects still to be %s: %" PRIu64 "\n",
               site->after == SITE_AFTER_MOVE ? "moved" : "deleted", count);
        status_site_visit_reasons(site, print_reason, site);
    }
}

static void print_open_batch(const struct status_site *site)
{
    const struct ledger_batch *open = &site->open;
    const struct site named = {.name = site->name, .config = site->config};
    struct buffer collect = {0};
    char text[TIME_TEXT_SIZE], age[STATUS_AGE_SIZE];
    printf("  batch not counted yet: %s, begun %s, %" PRIu64 " %s\n", open->id,
           format_time(text, open->begun), site->status.in_batch,
           by_number(site->status.in_batch, "object", "objects"));
    if (*site->planned.id) {
        fputs("    counted by the tasks of the plan in ", stdout);
        plain_print(site->planned.work, "");
        fputs("; the last of them is: ", stdout);
        site_command_add(&collect, &named, "collect", "--work=", site->planned.work);
        plain_print(collect.data, "");
        buffer_free(&collect);
        putchar('\n');
    } else if (ledger_batch_is_late(open, site->now)) {
        printf("    passed to AWStats %s, %s ago, and not counted to its end: run the AWStats "
               "update and check its error message\n",
               format_time(text, open->prepared),
               status_format_age(age, status_age(open->prepared, site->now)));
    }
}

/* Prints the numbers of a ledger. */
static void print_numbers(struct status_site *site)
{
    const struct ledger_status *status = &site->status;
    char text[TIME_TEXT_SIZE], age[STATUS_AGE_SIZE];
    printf("  objects counted: %" PRIu64 "\n", status->objects);
    printf("  bytes of these objects: %" PRIu64 "\n", status->bytes);
    printf("  last time that a batch was counted: %s", format_time(text, status->committed));
    if (*status->last_id)
        printf(", batch %s", status->last_id);
    putchar('\n');
    if (status->duration_ms >= 0)
        printf("  last update took: %" PRId64 ".%03" PRId64 " s\n", status->duration_ms / 1000,
               status->duration_ms % 1000);
    if (*status->last_id)
        printf("  last update with new objects: %" PRIu64 " %s, %" PRIu64
               " malformed %s left out\n",
               status->last_objects, by_number(status->last_objects, "object", "objects"),
               status->last_bad, by_number(status->last_bad, "line", "lines"));
    print_figures_lines(&status->figures);
    if (status->newest)
        printf("  newest object: %s, %s ago\n", format_time(text, status->newest),
               status_format_age(age, status_site_lag(site)));
    if (*site->open.id)
        print_open_batch(site);
    printf("  streaming views in progress (counted when they end): %" PRIu64 "\n",
           status->open_views);
    printf("  malformed lines left out: %" PRIu64 "\n", status->bad);
    print_clean_up(site);
    static char passed_over[] = "    passed over: ";
    printf("  objects passed over, because no request in them can be read: %" PRIu64 "%s\n",
           status->passed_over, status->passed_over > STATUS_NEWEST_MAX ? "; the newest:" : "");
    status_site_visit_passed_over(site, print_object, passed_over);
    printf("  objects left out until they can be read: %" PRIu64 "\n", status->quarantined);
}

bool status_print_text(struct status_site *site)
{
    if (site->error.size)
        return false;
    putchar('[');
    plain_print(site->name, "");
    puts("]");
    if (site->has_ledger)
        print_numbers(site);
    else
        printf("  nothing is counted yet (the ledger file %s does not exist): run the AWStats "
               "update, or correct the setting \"state\"\n",
               site->path);
    static char left_out[] = "  left out: ";
    return status_site_visit(site, print_object, left_out);
}
