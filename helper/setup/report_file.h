/* The file awstats.NAME.conf, as setup writes it: a marked one. */
#ifndef SETUP_REPORT_FILE_H
#define SETUP_REPORT_FILE_H

#include <stdbool.h>

#include "text/buffer.h"

/* The values in it.  No path may have a quotation mark. */
struct report_file {
    const char *name;        /* of the site */
    const char *include;     /* the path of cloudfront-download.conf or cloudfront-streaming.conf */
    const char *config;      /* of the program; NULL: the default one */
    const char *program;     /* awstats-cloudfront; NULL: the plugin finds it */
    const char *site_domain; /* a host */
    const char *aliases;     /* hosts, a space between */
    const char *history;     /* DirData */
    const char *folders;     /* those that setup makes, a LF after each */
    bool is_streaming;
};

/* Adds the text of the file. */
void report_file_add(struct buffer *out, const struct report_file *file);

/* Tells whether a text is one of report_file_add(), and unchanged since. */
enum report_file_state { REPORT_FILE_NOT_MARKED, REPORT_FILE_CHANGED, REPORT_FILE_UNCHANGED };
enum report_file_state report_file_find(const struct buffer *text);

/* Adds the folders of such a text to OUT, a LF after each. */
void report_file_get_folders(const struct buffer *text, struct buffer *out);

#endif
