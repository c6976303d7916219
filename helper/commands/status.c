/* status: shows what a site's ledger has: counted objects, lag, quarantined objects. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "batch/owner.h"
#include "commands/batch_messages.h"
#include "commands/commands.h"
#include "commands/status_figures.h"
#include "config/site_file.h"
#include "ledger/ledger.h"
#include "text/buffer.h"
#include "text/message.h"
#include "text/plain.h"
#include "text/time.h"

/* The site that is being shown. */
struct show {
    const struct site *site;
    bool json;
    int64_t now;
    uint64_t quarantined; /* objects, so far */
};

/* Prints TEXT, or in JSON a string, with \xHH for each byte of a control character and each byte that
 * is not UTF-8.  The names of files and objects may have any bytes; JSON must be UTF-8, and has no
 * escape for a byte. */
static void print_text(bool json, const char *text)
{
    if (json)
        putchar('"');
    for (const char *p = text; *p;) {
        size_t size = plain_size(p);
        if (!size)
            printf(json ? "\\\\x%02x" : "\\x%02x", (unsigned char)*p);
        else if (json && (*p == '"' || *p == '\\'))
            printf("\\%c", *p);
        else
            fwrite(p, 1, size, stdout);
        p += size ? size : 1;
    }
    if (json)
        putchar('"');
}

/* Prints the first line of a site. */
static void print_name(const char *site)
{
    putchar('[');
    print_text(false, site);
    puts("]");
}

/* Writes a time of the ledger, seconds UTC, as text or for JSON; 0 stands for never. */
static const char *format_time(char out[TIME_TEXT_SIZE], int64_t seconds, bool json)
{
    if (!seconds)
        return json ? "null" : "never";
    bool is_known = time_format(out, json ? TIME_JSON : TIME_SECOND, seconds);
    return is_known || !json ? out : "null";
}

/* Returns the seconds from THEN to NOW; 0 when THEN is later. */
static int64_t age_of(int64_t then, int64_t now)
{
    int64_t age;
    if (__builtin_sub_overflow(now, then, &age))
        return then < 0 ? INT64_MAX : 0;
    return age < 0 ? 0 : age;
}

static const char *format_age(char out[32], int64_t seconds)
{
    int64_t hours = seconds / 3600;
    if (hours >= 48)
        snprintf(out, 32, "%" PRId64 " days %" PRId64 " h", hours / 24, hours % 24);
    else
        snprintf(out, 32, "%" PRId64 " h %02" PRId64 " min", hours, seconds / 60 % 60);
    return out;
}

static bool print_quarantined(void *user, const struct ledger_object *object, int64_t since,
                              const char *error)
{
    struct show *show = user;
    char text[TIME_TEXT_SIZE];
    if (show->json) {
        fputs(show->quarantined ? ",\n  {\"key\": " : "\n  {\"key\": ", stdout);
        print_text(true, object->key);
        printf(", \"bytes\": %" PRIu64 ", \"since\": %s, \"error\": ", object->size,
               format_time(text, since, true));
        print_text(true, error);
        putchar('}');
    } else {
        fputs("  left out: ", stdout);
        print_text(false, object->key);
        printf(" (since %s): ", format_time(text, since, false));
        print_text(false, error);
        putchar('\n');
    }
    show->quarantined++;
    return true;
}

static void print_json(const struct show *show, const struct ledger_status *status,
                       const struct ledger_batch *open)
{
    char text[TIME_TEXT_SIZE];
    fputs("{\"site\": ", stdout);
    print_text(true, show->site->name);
    printf(", \"objects\": %" PRIu64 ", \"bad\": %" PRIu64 ", \"open_views\": %" PRIu64,
           status->objects, status->bad, status->open_views);
    printf(",\n \"last_batch\": {\"id\": ");
    print_text(true, status->last_id);
    printf(", \"committed\": %s", format_time(text, status->committed, true));
    printf(", \"objects\": %" PRIu64 ", \"bad\": %" PRIu64 "}", status->last_objects,
           status->last_bad);
    print_figures_json(&status->figures);
    printf(",\n \"newest\": %s", format_time(text, status->newest, true));
    if (status->newest)
        printf(", \"lag_seconds\": %" PRId64, age_of(status->newest, show->now));
    else
        fputs(", \"lag_seconds\": null", stdout);
    if (*open->id) {
        fputs(",\n \"open_batch\": {\"id\": ", stdout);
        print_text(true, open->id);
        printf(", \"begun\": %s, \"objects\": %" PRIu64, format_time(text, open->begun, true),
               status->in_batch);
        printf(", \"prepared\": %s}", format_time(text, open->prepared, true));
    } else {
        fputs(",\n \"open_batch\": null", stdout);
    }
    printf(",\n \"to_clean_up\": %" PRIu64 ",\n \"quarantined\": [", status->to_clean_up);
}

static void print_lines(const struct show *show, const struct ledger_status *status,
                        const struct ledger_batch *open)
{
    char text[TIME_TEXT_SIZE], age[32];
    print_name(show->site->name);
    printf("  objects counted: %" PRIu64 "\n", status->objects);
    printf("  last time that a batch was counted: %s", format_time(text, status->committed, false));
    if (*status->last_id)
        printf(", batch %s", status->last_id);
    putchar('\n');
    if (*status->last_id)
        printf("  last batch with objects: %" PRIu64 " objects, %" PRIu64
               " malformed lines left out\n",
               status->last_objects, status->last_bad);
    print_figures_lines(&status->figures);
    if (status->newest)
        printf("  newest object: %s, %s ago\n", format_time(text, status->newest, false),
               format_age(age, age_of(status->newest, show->now)));
    if (*open->id)
        printf("  batch not counted yet: %s, begun %s, %" PRIu64 " objects\n", open->id,
               format_time(text, open->begun, false), status->in_batch);
    if (ledger_batch_is_late(open, show->now))
        printf("    passed to AWStats %s, %s ago, and not counted to its end: run the AWStats "
               "update and check its error message\n",
               format_time(text, open->prepared, false),
               format_age(age, age_of(open->prepared, show->now)));
    printf("  streaming views that go on (counted at their end): %" PRIu64 "\n",
           status->open_views);
    printf("  malformed lines left out: %" PRIu64 "\n", status->bad);
    if (status->to_clean_up)
        printf("  objects still to be %s: %" PRIu64 "\n",
               show->site->after == SITE_AFTER_MOVE ? "moved" : "deleted", status->to_clean_up);
    printf("  objects left out until they can be read: %" PRIu64 "\n", status->quarantined);
}

/* Returns an exit status. */
static int show_site(const struct site *site, bool json)
{
    struct show show = {.site = site, .json = json, .now = time(NULL)};
    struct ledger *ledger = NULL;
    struct ledger_status status = {0};
    struct ledger_batch open = {0};
    struct batch_error error = {0};
    char *path = site_state_path(site);
    bool done = ledger_open(&ledger, path, false, &error.text) >= 0;
    if (ledger)
        done = owner_is(ledger, site, path, &error) && ledger_get_status(ledger, &status) &&
               ledger_get_batch(ledger, &open) >= 0;
    if (done && json)
        print_json(&show, &status, &open);
    else if (done && !ledger) {
        print_name(site->name);
        printf("  nothing is counted yet (the ledger file %s does not exist): run the AWStats "
               "update, or correct the setting state\n",
               path);
    } else if (done)
        print_lines(&show, &status, &open);
    if (done && ledger)
        done = ledger_visit_quarantined(ledger, print_quarantined, &show);
    if (done && json)
        fputs(show.quarantined ? "\n ]}" : "]}", stdout);
    ledger_status_free(&status);
    ledger_close(ledger);
    free(path);
    if (!done)
        return print_batch_error(site, &error);
    batch_error_free(&error);
    return show.quarantined ? EXIT_QUARANTINED : EXIT_DONE;
}

/* Shows all sites of the configuration file.  Returns the exit status: a failure goes before a
 * quarantined object. */
static int show_all(const struct options *options)
{
    struct buffer error = {0};
    char **names = site_file_names(options->config, &error);
    if (!names)
        message_error("%s", error.data);
    int result = names ? EXIT_DONE : EXIT_FAILED;
    for (char **name = names; name && *name; name++) {
        struct site site = {0};
        int shown = EXIT_FAILED;
        if (name != names)
            fputs(options->json ? ",\n" : "\n", stdout);
        if (site_file_read(&site, options->config, *name, &error) == 0)
            shown = show_site(&site, options->json);
        else
            message_error("%s", error.data);
        buffer_clear(&error);
        if (result != EXIT_FAILED && shown != EXIT_DONE)
            result = shown;
        site_free(&site);
        free(*name);
    }
    free(names);
    buffer_free(&error);
    return result;
}

int command_status(const struct options *options)
{
    if (options->source_count) {
        message_error("status: takes no SOURCE; see awstats-cloudfront status --help");
        return EXIT_USAGE;
    }
    if (options->json)
        putchar('[');
    int result = options->site_given ? show_site(&options->site, options->json) : show_all(options);
    if (options->json)
        puts("]");
    return result;
}
