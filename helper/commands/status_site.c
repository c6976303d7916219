#include "commands/status_site.h"

#include <stdlib.h>
#include <time.h>

#include "batch/owner.h"
#include "batch/messages.h"
#include "config/options.h"
#include "memory/allocate.h"

int64_t status_age(int64_t then, int64_t now)
{
    int64_t age;
    if (__builtin_sub_overflow(now, then, &age))
        return then < 0 ? INT64_MAX : 0;
    return age < 0 ? 0 : age;
}

int64_t status_site_lag(const struct status_site *status_site)
{
    int64_t newest = status_site->status.newest;
    return newest ? status_age(newest, status_site->now) : -1;
}

void status_site_read(struct status_site *status_site, const struct site *site)
{
    struct batch_error error = {0};
    status_site->name = memory_copy_text(site->name);
    status_site->config = site->config;
    status_site->after = site->after;
    status_site->now = time(NULL);
    status_site->path = site_state_path(site);
    status_site->status.duration_ms = -1;
    /* The ledger keeps the buffer for the errors of later calls. */
    int opened = ledger_open_without_lock(&status_site->ledger, status_site->path, LEDGER_WAIT,
                                          &status_site->error);
    status_site->has_ledger = opened > 0;
    bool done = opened == 0;
    if (opened > 0) {
        done = owner_is(status_site->ledger, site, status_site->path, &error) &&
               ledger_get_status(status_site->ledger, &status_site->status) &&
               ledger_get_batch(status_site->ledger, &status_site->open) >= 0 &&
               planned_read(&status_site->planned, status_site->path, &status_site->error);
        if (error.text.size) {
            add_batch_advice(site, &error);
            buffer_add_text(&status_site->error, error.text.data);
        }
    }
    status_site->exit_status = done ? EXIT_DONE : EXIT_FAILED;
    batch_error_free(&error);
}

bool status_site_visit(struct status_site *status_site, ledger_visit_left_out *visit, void *user)
{
    if (!status_site->ledger || ledger_visit_quarantined(status_site->ledger, visit, user))
        return true;
    status_site->exit_status = EXIT_FAILED;
    return false;
}

bool status_site_visit_passed_over(struct status_site *status_site, ledger_visit_left_out *visit,
                                   void *user)
{
    if (!status_site->ledger ||
        ledger_visit_passed_over(status_site->ledger, STATUS_NEWEST_MAX, visit, user))
        return true;
    status_site->exit_status = EXIT_FAILED;
    return false;
}

bool status_site_visit_reasons(struct status_site *status_site, ledger_visit_reason *visit,
                               void *user)
{
    if (!status_site->ledger || ledger_visit_reasons(status_site->ledger, visit, user))
        return true;
    status_site->exit_status = EXIT_FAILED;
    return false;
}

bool status_site_visit_waiting(struct status_site *status_site, const char *error,
                               ledger_visit_object *visit, void *user)
{
    if (!status_site->ledger ||
        ledger_visit_cleaning(status_site->ledger, error, NULL, STATUS_WAITING_MAX, visit, user))
        return true;
    status_site->exit_status = EXIT_FAILED;
    return false;
}

void status_site_close(struct status_site *status_site)
{
    ledger_close(status_site->ledger);
    status_site->ledger = NULL;
}

void status_site_free(struct status_site *status_site)
{
    status_site_close(status_site);
    ledger_status_free(&status_site->status);
    free(status_site->name);
    free(status_site->path);
    buffer_free(&status_site->error);
}
