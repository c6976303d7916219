/* What a site remembers between runs: the objects that were counted, the batch under way, the
 * objects that could not be read, the views that are still open.
 *
 * A batch is a fixed list of objects.  It is begun, handed out (its log was written, or may have
 * been) and committed; each of the three is one transaction, on the disk when the function returns.
 * There is one batch at a time.
 *
 * One process at a time changes a ledger: the one that holds its lock (ledger/lock.h).  Functions
 * that return bool or -1 have printed one line when they fail, and have changed nothing. */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/buffer.h"

struct ledger;

/* An object of a bucket or a directory.  The three first are its identity: an object whose tag
 * changes is another one. */
struct ledger_object {
    const char *key; /* of the bucket, or a path */
    const char *tag; /* ETag, or the time of modification in nanoseconds; "" when there is none */
    uint64_t size;
    int64_t modified; /* seconds UTC */
    int64_t time;     /* up to when it has records, seconds UTC; else modified */
};

enum { LEDGER_ID_SIZE = 64 };

/* The batch under way. */
struct ledger_batch {
    char id[LEDGER_ID_SIZE];
    int64_t begun;      /* seconds UTC */
    int64_t handed_out; /* for the first time, seconds UTC; then what is left out of it is final.
                         * 0: not yet */
    bool writes_open;   /* views that are open at its end are in its log */
};

/* Whether a batch was handed out so long before NOW (seconds UTC), a day, that its commit will not
 * come by itself. */
bool ledger_batch_is_late(const struct ledger_batch *batch, int64_t now);

/* What becomes of an object of the batch. */
enum ledger_fate {
    LEDGER_READ,  /* its records are in the log */
    LEDGER_ASIDE, /* it could not be read, and will be tried again */
    LEDGER_GONE   /* it is not there any more, or is another one now */
};

/* Opens the ledger at PATH, and with MAKE makes it and the folders above it.  Returns 1, 0 when
 * there is none and MAKE is not set, or -1. */
int ledger_open(struct ledger **ledger, const char *path, bool make);
void ledger_close(struct ledger *ledger);

/* Whether the object was counted: 1 yes, 0 no, -1 failed.  Keys in ascending order are looked up
 * fastest. */
int ledger_knows(struct ledger *ledger, const struct ledger_object *object);

/* The last key, by its bytes, of the counted objects whose keys begin with STEM: 1 and *key (free
 * it), 0 none, -1 failed. */
int ledger_last_key(struct ledger *ledger, const char *stem, char **key);

/* Begins a batch: ledger_begin(), ledger_add() for each object, and ledger_begun(), or
 * ledger_undo() to give it up.  Nothing is there before ledger_begun().  IS_FULL: the source was
 * listed from its first object to its last. */
bool ledger_begin(struct ledger *ledger, const struct ledger_batch *batch);
bool ledger_add(struct ledger *ledger, const struct ledger_object *object);
bool ledger_begun(struct ledger *ledger, bool is_full);
void ledger_undo(struct ledger *ledger);

/* Between ledger_begin() and ledger_begun(): adds the objects set aside whose keys are not in the
 * batch.  With IS_FULL those were not listed, so they are gone: forgotten instead. */
bool ledger_add_aside(struct ledger *ledger, bool is_full);

/* The batch under way: 1 and *batch, 0 none, -1 failed. */
int ledger_get_batch(struct ledger *ledger, struct ledger_batch *batch);

/* Visits the objects of the batch in the order of their keys.  WAS_ASIDE: set aside by an earlier
 * batch.  The visitor returns false, after a message, to end. */
typedef bool ledger_visit(void *user, const struct ledger_object *object, enum ledger_fate fate,
                          bool was_aside);
bool ledger_visit_batch(struct ledger *ledger, ledger_visit *visit, void *user);

/* An object that is left out of the log. */
struct ledger_left_out {
    const char *key;
    enum ledger_fate fate;
    const char *cause; /* one line */
};

/* The views that are open, as of the last commit; *data is NULL when there are none (free it). */
bool ledger_get_views(struct ledger *ledger, void **data, size_t *size);

/* What a batch leaves. */
struct ledger_outcome {
    const void *views; /* the open views after it; NULL: none */
    size_t views_size;
    uint64_t open_views; /* how many */
    uint64_t bad;        /* rows that were no records */
};

/* Fixes what is left out of the batch, and its outcome. */
bool ledger_hand_out(struct ledger *ledger, const struct ledger_left_out *left_out, size_t count,
                     const struct ledger_outcome *outcome);

/* A batch that was handed out goes out once more, without those objects that cannot be had any
 * more; their keys are MISSING.  That makes another log, so it has another ID: the one that it had
 * when just these were missing before, which may be none, or else ID.  ledger_get_batch() tells. */
bool ledger_hand_out_again(struct ledger *ledger, const char *const *missing, size_t count,
                           const char *id, const struct ledger_outcome *outcome);

/* Whether the batch under way was handed out under this ID: 1, 0, or -1. */
int ledger_has_handed_out(struct ledger *ledger, const char *id);

/* Adds the IDs, a space between, under which the batch was handed out besides the one it has. */
bool ledger_get_replaced(struct ledger *ledger, struct buffer *ids);

/* The batch was counted, as it was handed out under ID.  CLEAN_UP: its objects are to be deleted or
 * moved by and by.  PREVIOUS: as for ledger_set_previous(). */
bool ledger_commit(struct ledger *ledger, const char *id, bool clean_up, const char *previous);

/* The last batch that the history of AWStats has, as who commits has said: its ID, "-" when it has
 * none, "" when nobody has said. */
bool ledger_get_previous(struct ledger *ledger, char id[LEDGER_ID_SIZE]);
bool ledger_set_previous(struct ledger *ledger, const char *id);

/* Whose ledger it is. */
struct ledger_owner {
    char *site;   /* the section's name */
    char *given;  /* the source as the section names it */
    char *source; /* the source, without what makes two spellings of one */
};

/* Texts are the caller's, for ledger_owner_free(), and NULL when nobody owns the ledger yet. */
bool ledger_get_owner(struct ledger *ledger, struct ledger_owner *owner);
void ledger_owner_free(struct ledger_owner *owner);

/* Gives the ledger an owner.  Unless FROM is NULL, all keys that begin with FROM begin with TO from
 * now on. */
bool ledger_set_owner(struct ledger *ledger, const struct ledger_owner *owner, const char *from,
                      const char *to);

/* The objects that are to be deleted or moved, after those up to the key AFTER (NULL: the first).
 * Visits at most LIMIT. */
typedef bool ledger_visit_clean_up(void *user, const struct ledger_object *object);
bool ledger_visit_cleaning(struct ledger *ledger, const char *after, unsigned limit,
                           ledger_visit_clean_up *visit, void *user);
/* These are done with. */
bool ledger_cleaned(struct ledger *ledger, const char *const *keys, size_t count);

/* What `status` shows. */
struct ledger_status {
    uint64_t objects, open_views, to_clean_up, in_batch, aside;
    uint64_t last_objects, last_bad, bad;      /* of the last batch that had objects; of all */
    int64_t committed, newest, listed_in_full; /* seconds UTC, 0: never */
    char last_id[LEDGER_ID_SIZE];              /* "" when none was committed */
};
bool ledger_get_status(struct ledger *ledger, struct ledger_status *status);

/* The ID of the batch that was committed last; "" when there is none. */
bool ledger_get_last_id(struct ledger *ledger, char id[LEDGER_ID_SIZE]);

/* When the whole source was listed last, seconds UTC; 0: the next listing must be full. */
bool ledger_get_full_listing(struct ledger *ledger, int64_t *time);

/* An object that is set aside, since when (seconds UTC), and why. */
typedef bool ledger_visit_aside(void *user, const struct ledger_object *object, int64_t since,
                                const char *cause);
bool ledger_visit_all_aside(struct ledger *ledger, ledger_visit_aside *visit, void *user);

/* Reads the whole file.  NULL, or what is wrong with it (free it). */
char *ledger_inspect(struct ledger *ledger);

#endif
