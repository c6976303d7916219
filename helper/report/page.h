/* The text of AWStats' static pages. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "text/buffer.h"

/* Pages are called awstats.html, and awstats.OUTPUT.html for awstats.pl -output=OUTPUT. */
#define PAGE_BASE "awstats"
#define PAGE_MAIN PAGE_BASE ".html"

/* Whether NAME is that of a page. */
bool page_is_name(const char *name);

/* Calls FOUND with the name of each page to which TEXT has a link; a page may be found several times. */
typedef void page_found(void *user, const char *name);
void page_find_links(const struct buffer *text, page_found *found, void *user);

/* Whether the page has its end. */
bool page_is_whole(const struct buffer *text);

/* Returns the page with links at its top: to the main page, which is called MONTH, to the site's months, and to all
 * sites.  The last two are relative URLs.  The caller frees the buffer. */
struct buffer page_with_links(const struct buffer *text, const char *month, const char *to_site,
                              const char *to_all);

/* Returns a page that page_with_links() has made for the folder above, with the links that lead out of it.  SITE is the
 * page with the site's months.  The caller frees the buffer. */
struct buffer page_one_deeper(const struct buffer *page, const char *site);

#endif
