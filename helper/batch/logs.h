/* The counted objects of a source, divided into logs: objects that hold the same log are one set, also
 * when they have other names, and when one of them is gone. */
#ifndef BATCH_LOGS_H
#define BATCH_LOGS_H

#include "batch/contents.h"

/* The set that an object is in, at the number of its first object. */
struct log_set {
    size_t first;   /* the number of the first object; of that one its own */
    size_t to_read; /* the number of the object in the source to read; LOGS_NONE: all are gone */
    const char *unique; /* the key of an object of CloudFront's form; NULL: there is none */
};
#define LOGS_NONE SIZE_MAX

/* Numbers below LISTED are those of objects in the source, the others those of objects that are gone. */
struct logs {
    struct contents contents;
    size_t listed, count, capacity;
    struct log_set *sets;
};

void logs_begin(struct logs *logs, const struct source *source, size_t listed);
void logs_free(struct logs *logs);

/* Adds an object with a copy of its texts.  logs_add_gone() returns its number. */
void logs_add_listed(struct logs *logs, const struct ledger_object *object, size_t number);
size_t logs_add_gone(struct logs *logs, const struct ledger_object *object);

/* Makes the sets of two objects one, unless each has a name of CloudFront's form, and these differ: they
 * are two logs, unless one is a link to the other. */
void logs_join(struct logs *logs, size_t number, size_t first);

/* Joins the sets of objects that hold the same, whatever their names, once all are added. */
void logs_join_equal(struct logs *logs);

/* Returns the set of an object. */
const struct log_set *logs_find(struct logs *logs, size_t number);

#endif
