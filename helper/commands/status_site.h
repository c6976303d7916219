/* What status shows of one site. */
#ifndef COMMANDS_STATUS_SITE_H
#define COMMANDS_STATUS_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "batch/planned.h"
#include "config/site.h"
#include "ledger/ledger.h"
#include "text/buffer.h"

/* Zeroed at birth. */
struct status_site {
    char *name;
    const char *config; /* as in struct site */
    char *path;         /* of the ledger */
    enum site_after after;
    int64_t now; /* seconds UTC */
    struct ledger
        *ledger; /* for status_site_visit(); NULL: it does not exist, or is closed again */
    bool has_ledger;
    struct ledger_status status; /* zeros without a ledger */
    struct ledger_batch open;    /* the open batch; its ID is "" when there is none */
    struct planned planned; /* the plan whose tasks count it; its ID is "" when there is none */
    struct buffer error;    /* one line: the site cannot be read, and all other members but name
                                  * mean nothing; empty: it was */
    int exit_status;        /* EXIT_DONE, or that of the error */
};

/* Reads the ledger of SITE; the error is in STATUS_SITE. */
void status_site_read(struct status_site *status_site, const struct site *site);

/* Visits the quarantined objects.  Returns false with an error. */
bool status_site_visit(struct status_site *status_site, ledger_visit_left_out *visit, void *user);

/* Visits the newest objects that were passed over.  Returns false with an error. */
enum { STATUS_NEWEST_MAX = 10 };
bool status_site_visit_passed_over(struct status_site *status_site, ledger_visit_left_out *visit,
                                   void *user);

/* Visits the reasons for which counted objects wait to be deleted or moved.  Returns false with an
 * error. */
bool status_site_visit_reasons(struct status_site *status_site, ledger_visit_reason *visit,
                               void *user);

/* Visits the first objects that wait for the reason ERROR.  Returns false with an error. */
enum { STATUS_WAITING_MAX = 10 };
bool status_site_visit_waiting(struct status_site *status_site, const char *error,
                               ledger_visit_object *visit, void *user);

/* Returns the age of the newest counted object in seconds, -1 when none is counted. */
int64_t status_site_lag(const struct status_site *status_site);

/* Returns the seconds from THEN to NOW; 0 when THEN is later. */
int64_t status_age(int64_t then, int64_t now);

void status_site_close(struct status_site *status_site); /* the ledger; the numbers stay */
void status_site_free(struct status_site *status_site);

#endif
