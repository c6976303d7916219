/* The file .report in the folder of a site, which tells from what the report was made. */
#ifndef REPORT_MADE_H
#define REPORT_MADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recount/history_file.h"
#include "text/buffer.h"

struct made_page {
    char *name;   /* of the file */
    int64_t size; /* in bytes */
};

struct made_month {
    unsigned month; /* YYYYMM */
    bool is_newest; /* its pages are in the folder of the site itself */
    int64_t time;   /* when its history was written: nanoseconds since 1970 */
    int64_t size;   /* of its history, in bytes */
    struct history_sums sums;
    struct made_page *pages;
    size_t count, capacity;
};

/* Zeroed at birth. */
struct made {
    char *site;                /* its name */
    char *from;                /* the programs and the configuration */
    struct made_month *months; /* in the order of time */
    size_t count, capacity;
};

/* Reads the file in the folder.  Returns false when there is none that this program has written. */
bool made_read(struct made *made, int folder);

/* Replaces the file.  Returns false with errno set. */
bool made_write(const struct made *made, int folder);

void made_free(struct made *made);              /* back to zero */
void made_free_month(struct made_month *month); /* its pages */

/* Returns the month, NULL when it is not there. */
struct made_month *made_find(const struct made *made, unsigned month);

/* Adds a month, which has no pages yet; valid until the next one is added. */
struct made_month *made_add(struct made *made, unsigned month);

void made_add_page(struct made_month *month, const char *name, int64_t size);
bool made_has_page(const struct made_month *month, const char *name);

/* Writes the name of a month: 2026-10. */
enum { MADE_MONTH_SIZE = 16 };
void made_name_month(char name[MADE_MONTH_SIZE], unsigned month);

#endif
