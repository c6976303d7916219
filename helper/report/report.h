/* Reports: static pages of the AWStats history of each site, and pages that lead to them.
 *
 *   DIR/index.html                 all sites, with the figures of their newest month
 *   DIR/icon/                      AWStats' icons
 *   DIR/SITE/index.html            the months of a site
 *   DIR/SITE/awstats*.html         the newest month: awstats.html, and all pages that it leads to
 *   DIR/SITE/2026-09/awstats*.html an older month
 *   DIR/SITE/.report               from what these pages were made (made.h)
 *
 *   report.c   one site: which months are to be made, and in which order
 *   month.c    the pages of a month: runs awstats.pl for each
 *   page.c     the text of a page: links, and what is added to it
 *   made.c     what was made
 *   history.c  the history files of a site
 *   index.c    the pages that lead to others
 *   icons.c    the copy of the icons
 *   web_file.c files and folders of a report
 *
 * A page appears whole, by a rename, and those of a month appear when all of them are made.  The folder of the
 * site is locked meanwhile.  AWStats replaces history files by a rename, too, so a page never shows a
 * half-written file.  If a history file is replaced while the pages are made, it is newer than .report says,
 * and the next run makes its month again. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "awstats/config.h"
#include "awstats/find.h"
#include "text/buffer.h"

struct report_options {
    const char *folder; /* DIR; made when missing */
    const char *site;
    const struct awstats *awstats;
    const struct awstats_config *config;
    const char *dirdata; /* the folder of the history */
    const char *plugin;  /* the folder that has plugins/cloudfront.pm */
    size_t processes;    /* pages made at once */
};

struct report_result {
    size_t months, pages; /* made now */
    bool has_icons;
    struct buffer index; /* the path of the site's index.html; the caller frees it */
};

/* Makes the pages of one site, of those months whose history has changed or whose pages are missing, and the
 * pages that lead to them.  Returns false, with one line in ERROR, when one of them was not made; what
 * was there before stays. */
bool report_make(const struct report_options *options, struct report_result *result,
                 struct buffer *error);

#endif
