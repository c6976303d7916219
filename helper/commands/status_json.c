#include "commands/status_json.h"

#include <inttypes.h>
#include <stdio.h>

#include "commands/status_figures.h"
#include "text/plain.h"
#include "text/time.h"

static void print_string(const char *text)
{
    putchar('"');
    plain_print(text, "\"\\");
    putchar('"');
}

/* Returns a time of the ledger, seconds UTC, as a JSON string; null for 0 (never). */
static const char *format_time(char out[TIME_TEXT_SIZE], int64_t seconds)
{
    return seconds && time_format(out, TIME_JSON, seconds) ? out : "null";
}

static bool print_object(void *user, const struct ledger_object *object, int64_t since,
                         const char *error)
{
    bool *has_some = user;
    char text[TIME_TEXT_SIZE];
    fputs(*has_some ? ",\n  {\"key\": " : "\n  {\"key\": ", stdout);
    print_string(object->key);
    printf(", \"bytes\": %" PRIu64 ", \"since\": %s, \"error\": ", object->size,
           format_time(text, since));
    print_string(error);
    putchar('}');
    *has_some = true;
    return true;
}

static void print_open_batch(const struct status_site *site)
{
    const struct ledger_batch *open = &site->open;
    char text[TIME_TEXT_SIZE];
    if (!*open->id) {
        fputs(",\n \"open_batch\": null", stdout);
        return;
    }
    fputs(",\n \"open_batch\": {\"id\": ", stdout);
    print_string(open->id);
    printf(", \"begun\": %s, \"objects\": %" PRIu64, format_time(text, open->begun),
           site->status.in_batch);
    fputs(", \"plan\": ", stdout);
    if (*site->planned.id)
        print_string(site->planned.work);
    else
        fputs("null", stdout);
    printf(", \"prepared\": %s}", format_time(text, open->prepared));
}

static void print_numbers(const struct status_site *site)
{
    const struct ledger_status *status = &site->status;
    char text[TIME_TEXT_SIZE];
    printf(", \"objects\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"bad\": %" PRIu64
           ", \"open_views\": %" PRIu64,
           status->objects, status->bytes, status->bad, status->open_views);
    printf(",\n \"last_success\": %s, \"last_duration_seconds\": ",
           format_time(text, status->committed));
    if (status->duration_ms >= 0)
        printf("%" PRId64 ".%03" PRId64, status->duration_ms / 1000, status->duration_ms % 1000);
    else
        fputs("null", stdout);
    printf(",\n \"last_batch\": {\"id\": ");
    print_string(status->last_id);
    printf(", \"committed\": %s", format_time(text, status->committed));
    printf(", \"objects\": %" PRIu64 ", \"bad\": %" PRIu64 "}", status->last_objects,
           status->last_bad);
    print_figures_json(&status->figures);
    printf(",\n \"newest\": %s, \"lag_seconds\": ", format_time(text, status->newest));
    if (status->newest)
        printf("%" PRId64, status_site_lag(site));
    else
        fputs("null", stdout);
    print_open_batch(site);
    printf(",\n \"to_clean_up\": %" PRIu64, status->to_clean_up);
}

static bool print_key(void *user, const struct ledger_object *object)
{
    bool *has_some = user;
    if (*has_some)
        fputs(", ", stdout);
    print_string(object->key);
    *has_some = true;
    return true;
}

/* A list of reasons that is being printed. */
struct reasons {
    struct status_site *site;
    bool has_some;
};

static bool print_reason(void *user, const char *error, uint64_t count, const char *key)
{
    struct reasons *reasons = user;
    bool has_key = false;
    if (!*error)
        return true;
    printf("%s\n  {\"objects\": %" PRIu64 ", \"first\": ", reasons->has_some ? "," : "", count);
    print_string(key);
    fputs(", \"keys\": [", stdout);
    status_site_visit_waiting(reasons->site, error, print_key, &has_key);
    fputs("], \"error\": ", stdout);
    print_string(error);
    putchar('}');
    reasons->has_some = true;
    return true;
}

bool status_print_json(struct status_site *site)
{
    struct reasons reasons = {.site = site};
    bool has_some = false;
    printf("{\"schema\": %d, \"site\": ", STATUS_SCHEMA);
    print_string(site->name);
    if (!site->error.size) {
        print_numbers(site);
        fputs(",\n \"clean_up_errors\": [", stdout);
        status_site_visit_reasons(site, print_reason, &reasons);
        fputs(reasons.has_some ? "\n ]" : "]", stdout);
        fputs(",\n \"quarantined\": [", stdout);
        status_site_visit(site, print_object, &has_some);
        fputs(has_some ? "\n ]" : "]", stdout);
        has_some = false;
        printf(",\n \"passed_over\": %" PRIu64 ", \"newest_passed_over\": [",
               site->status.passed_over);
        status_site_visit_passed_over(site, print_object, &has_some);
        fputs(has_some ? "\n ]" : "]", stdout);
    }
    fputs(",\n \"error\": ", stdout);
    if (site->error.size)
        print_string(site->error.data);
    else
        fputs("null", stdout);
    putchar('}');
    return !site->error.size;
}
