/* The pages of one month. */
#ifndef REPORT_MONTH_H
#define REPORT_MONTH_H

#include <stdbool.h>

#include "report/made.h"
#include "report/report.h"

/* Makes pages; open for many months, as awstats.pl is compiled once. */
struct month_maker;

struct month_maker *month_maker_new(const struct report_options *options);
void month_maker_free(struct month_maker *maker);

/* Makes the pages of MONTH in the open folder, whose files appear once all of them are made, and stores which these
 * are.  They have links to the site's index, TO_SITE, and to the folder of all sites, TO_ALL, which ends
 * with "/".  Returns false, with one line in ERROR. */
bool month_make(struct month_maker *maker, struct made_month *month, int folder,
                const char *to_site, const char *to_all, struct buffer *error);

#endif
