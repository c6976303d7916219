/* The objects of a source, sorted by their contents. */
#ifndef BATCH_CONTENTS_H
#define BATCH_CONTENTS_H

#include "ledger/ledger.h"
#include "source/source.h"

struct contents_item {
    struct ledger_object object; /* with texts of its own, one piece at key */
    size_t number;               /* the caller's */
};

struct contents {
    const struct source *source;
    struct contents_item *items;
    size_t count, capacity;
    enum contents_order {
        CONTENTS_BY_END,   /* content, or ETag and size: what is known before an object is read */
        CONTENTS_BY_DIGEST /* objects whose digest is not known hold what no other one does */
    } order;               /* that they are sorted in */
};

/* Returns a copy of the object with texts of its own, one piece at key, which the caller frees. */
struct ledger_object contents_copy(const struct ledger_object *object);

/* Adds a copy of the object, which has its content.  contents_sort() follows the last one. */
void contents_add(struct contents *contents, const struct ledger_object *object, size_t number);
void contents_sort(struct contents *contents, enum contents_order order);

/* Returns an object with a number below LIMIT that holds what OBJECT, of the same source, holds under
 * another name; NULL. */
const struct contents_item *contents_find(const struct contents *contents, size_t limit,
                                          const struct ledger_object *object);

/* Divides the objects into logs, as same_log_divide(), and visits each copy with the object that
 * stands for its log.  The visitor returns false to end, and then contents_divide() does, too. */
typedef bool contents_visit(void *user, const struct contents_item *copy,
                            const struct contents_item *first);
bool contents_divide(const struct contents *contents, contents_visit *visit, void *user);

void contents_free(struct contents *contents);

#endif
