/* The ledger stores the state of a site between runs.
 *
 *   schema.c    opens the file and brings it to the newest version
 *   objects.c   the objects that were counted, are quarantined, or must be deleted or moved
 *   pack.c      packs objects that were counted long ago, in blocks
 *   vacuum.c    gives free pages back to the disk
 *   block.c, log_id.c, range_coder.c  the bytes of a block
 *   packed.c, packed_table.c  finds and reads blocks; the table of SQL that has their objects
 *   block_search.c  finds blocks by what their objects hold
 *   passed_over.c  the objects that hold no requests
 *   batches.c   the open batch: begin, prepare, commit
 *   figures.c   the numbers of records by outcome
 *   files.c     which batch each history file of AWStats has counted last
 *   state.c     single values: the owner, the open views, what status shows
 *   log_name.c  the names of logs, in C and in SQL
 *   rows.c      the rows of a statement
 *   database.c  SQLite
 *   generation.c  whether the file and its write-ahead log belong together
 *   lock.c      one run at a time
 *
 * A batch is a fixed list of objects.  It goes through a two-phase commit: it is begun; prepared
 * (what is left out of its log is fixed, before the log leaves the program); and committed (AWStats
 * has counted the log).  Each of the three is one transaction, on the disk when the function
 * returns.  There is one batch at a time.
 *
 * A prepared batch whose objects disappear is prepared again without them, as another revision with
 * an ID of its own.  AWStats may have counted any revision, and the commit says which one.
 *
 * One process at a time changes a ledger: the one that holds its lock (ledger/lock.h).  A function
 * that returns false or -1 has changed nothing, and has put one line into the buffer that
 * ledger_open() was given: the file, the error, what to do. */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "normalized/batch_id.h"
#include "normalized/figures.h"
#include "text/buffer.h"
#include "text/digest.h"

struct ledger;

/* An object of a bucket or a directory.  Key, tag and size are its identity.  An object with another
 * identity may hold the same log (batch/same_log.h). */
struct ledger_object {
    const char *key; /* of the bucket, or a path */
    const char *tag; /* ETag, or the file's time of modification (source/file_tag.h) */
    uint64_t size;
    int64_t modified; /* seconds UTC */
    int64_t time;     /* end of the hour in the key, else modified; seconds UTC */
    const char
        *content; /* as struct content's end; NULL or "": the tag stands for it, or not known */
    const char *digest; /* of the whole text, by digest_write(); NULL or "": not known */
};

/* The open batch. */
struct ledger_batch {
    char id[BATCH_ID_SIZE]; /* of its latest revision */
    int64_t begun;          /* seconds UTC */
    int64_t prepared;       /* for the first time, seconds UTC; 0: not yet */
    bool writes_open;       /* its log has the views that are open at its end */
};

/* Returns whether a batch was prepared more than a day before NOW (seconds UTC), so that its
 * commit is overdue. */
bool ledger_batch_is_late(const struct ledger_batch *batch, int64_t now);

/* The outcome of an object of the batch.  The numbers stand in the ledger. */
enum ledger_outcome {
    LEDGER_READ = 0,        /* its records are in the log */
    LEDGER_QUARANTINED = 1, /* it could not be read; the next batches try again */
    LEDGER_GONE = 2,        /* it was deleted, or replaced by another object */
    LEDGER_COPY = 3,        /* its records are in the log, read from its twin */
    LEDGER_KNOWN = 4,       /* its records were counted before, read from its twin */
    LEDGER_NO_REQUESTS = 5  /* it has none that can be read; it is passed over, and stays */
};

/* Opens the ledger at PATH; with MAKE, creates it when it is missing.  ERROR gets the error text of
 * this and all later calls, and must last as long as the ledger.  Returns 1; 0 when it is missing
 * and MAKE is not set; or -1. */
int ledger_open(struct ledger **ledger, const char *path, bool make, struct buffer *error);

/* The same for a command that does not hold the ledger's lock, and makes no ledger.  It brings a
 * ledger of an older version to the newest one under the lock, for which it waits WAIT seconds: a
 * run of the older version may be working with the ledger. */
enum { LEDGER_WAIT = 10 };
int ledger_open_without_lock(struct ledger **ledger, const char *path, unsigned wait,
                             struct buffer *error);

/* The end of the name of the file that is beside a ledger while a backup replaces it. */
#define LEDGER_RESTORE ".restore"

/* Copies the ledger as of one moment into the new file PATH, on the disk when the function returns.
 * The copy has no free pages.  Another process may go on writing. */
bool ledger_copy(struct ledger *ledger, const char *path);

void ledger_close(struct ledger *ledger); /* NULL: does nothing */

/* Whether the object was counted or is known as a copy of a counted one, LEDGER_IS_COUNTED; or was passed
 * over under the present reading (ledger_set_reading()), LEDGER_IS_PASSED_OVER; 0 neither, -1 failed.  Stores in
 * *HAS_CONTENT: false when the caller should find its content, for ledger_set_content().  Keys in ascending order are
 * looked up fastest. */
enum { LEDGER_IS_COUNTED = 1, LEDGER_IS_PASSED_OVER = 2 };
int ledger_knows(struct ledger *ledger, const struct ledger_object *object, bool *has_content);

/* Whether an object with this key was counted, whatever its tag and size: 1 yes, 0 no, -1 failed. */
int ledger_knows_key(struct ledger *ledger, const char *key);

/* Sets how objects are read: a text that changes with the program's version, and with each setting that changes how an
 * object is read.  An object that was passed over is known only while it is the
 * same.  Copies READING. */
void ledger_set_reading(struct ledger *ledger, const char *reading);

/* Whether objects were passed over that were read in another way: 1, 0, or -1.  The next listing must be
 * full then: it takes them again. */
int ledger_has_other_reading(struct ledger *ledger);

/* Visits the LIMIT objects that were passed over last, the latest first, with the time (seconds UTC; 0:
 * unknown) and what they hold ("": unknown).  The visitor returns false to end. */
typedef bool ledger_visit_left_out(void *user, const struct ledger_object *object, int64_t since,
                                   const char *error);
bool ledger_visit_passed_over(struct ledger *ledger, unsigned limit, ledger_visit_left_out *visit,
                              void *user);

/* Whether any object was counted: 1, 0, or -1. */
int ledger_has_counted(struct ledger *ledger);

/* The same for an object whose key begins with PREFIX. */
int ledger_has_counted_below(struct ledger *ledger, const char *prefix);

/* Whether ledger_set_has_records() was called, as a batch had a record: 1, 0, or -1. */
int ledger_has_records(struct ledger *ledger);
bool ledger_set_has_records(struct ledger *ledger);

/* Finds a counted object whose text is not known, nor that of a namesake, because an older version of this
 * program has counted it: *KEY, which the caller frees.  NULL: there is none, or this was called before. */
bool ledger_take_unread(struct ledger *ledger, char **key);

/* Visits one object, which lasts during the call. */
typedef bool ledger_visit_object(void *user, const struct ledger_object *object);

/* Visits the objects of the new batch that can hold what a counted object holds, whatever their
 * names: their contents are equal, or ETags and sizes when HAS_TAGS is set.  COUNTED has key, tag,
 * size, content and digest.  ledger_index_contents() was called before.  The visitor must not change
 * the ledger; it returns false to end. */
typedef bool ledger_visit_equal(void *user, const struct ledger_object *object,
                                const struct ledger_object *counted);
bool ledger_visit_equals(struct ledger *ledger, bool has_tags, ledger_visit_equal *visit,
                         void *user);

/* Visits the objects of the new batch that can hold what another one of it holds, whatever their
 * names: their contents are equal, or ETags and sizes when HAS_TAGS is set.  The visitor must not
 * change the ledger, and returns false to end. */
bool ledger_visit_batch_equals(struct ledger *ledger, bool has_tags, ledger_visit_object *visit,
                               void *user);

/* Stores that the object of the new batch, unless it has a twin, holds the same log as the one with
 * the key TWIN, or as the twin of that.  ledger_pass_twins() follows: objects whose twin got one have
 * the same one. */
bool ledger_set_twin(struct ledger *ledger, const char *key, const char *twin);
bool ledger_pass_twins(struct ledger *ledger);

/* Takes an object out of the new batch again. */
bool ledger_remove(struct ledger *ledger, const char *key);

/* Stores content and digest of a counted object. */
bool ledger_set_content(struct ledger *ledger, const struct ledger_object *object);

/* Visits the counted objects with the text of this DIGEST; and namesakes of the object KEY, as of
 * ledger_visit_namesakes(), whose digests are not known.  ANY_NAME: also objects that are no namesakes;
 * ledger_index_contents() was called before.  The visitor returns false to end. */
bool ledger_visit_texts(struct ledger *ledger, const char *key, const char *digest, bool any_name,
                        ledger_visit_object *visit, void *user);

/* Tells that ledger_visit_texts() with ANY_NAME follows for texts with these digests, so that one pass over the packed
 * objects looks for all of them. */
void ledger_expect_texts(struct ledger *ledger, const struct digest *digests, size_t count);

/* Whether a namesake of the object KEY in the open batch has the text of this DIGEST: 1, 0, or -1. */
int ledger_has_in_batch(struct ledger *ledger, const char *key, const char *digest);

/* Makes the indexes by which counted objects of any name, but for packed ones, are found by what they hold.  They are
 * made when a site first has an object whose name does not have CloudFront's form: no other site needs them.  HAS_TAGS:
 * tags stand for contents. */
bool ledger_index_contents(struct ledger *ledger, bool has_tags);

/* Visits the objects, first the counted ones and then those of the batch that is being begun, whose
 * keys end with the same name, but for ".gz" and ".zst", and that have this CONTENT ("": the tag stands for
 * it, or it is not known).  SIZE: only objects of this size, in bytes; LEDGER_ANY_SIZE: all.  The
 * visitor returns false to end. */
#define LEDGER_ANY_SIZE UINT64_MAX
typedef bool ledger_visit_namesake(void *user, const struct ledger_object *object, bool in_batch);
bool ledger_visit_namesakes(struct ledger *ledger, const char *key, const char *content,
                            uint64_t size, ledger_visit_namesake *visit, void *user);

/* Stores that the object is known, as a copy of a counted one.  CLEAN_UP: and must be deleted or
 * moved. */
bool ledger_add_copy(struct ledger *ledger, const struct ledger_object *object, bool clean_up);

/* Finds the last key, by its bytes, of the counted objects whose keys begin with STEM: 1 and *key
 * (the caller frees it), 0 none, -1 failed. */
int ledger_last_key(struct ledger *ledger, const char *stem, char **key);

/* Visits the counted objects, and their known copies, with key, tag, size, content and digest; those with the
 * same name, but for folders and a ".gz" or ".zst" at the end, one after the other.  The visitor returns false
 * to end, and then ledger_visit_counted() returns false without a text. */
bool ledger_visit_counted(struct ledger *ledger, ledger_visit_object *visit, void *user);

/* Begins a batch: ledger_begin(), ledger_add() for each object, and ledger_begun(), or
 * ledger_undo() to give it up.  Nothing is stored before ledger_begun().  TWIN: the key of an
 * earlier object of the batch that holds the same log, or NULL.  IS_FULL: the source was listed from
 * its first object to its last. */
bool ledger_begin(struct ledger *ledger, const struct ledger_batch *batch);
bool ledger_add(struct ledger *ledger, const struct ledger_object *object, const char *twin);
bool ledger_begun(struct ledger *ledger, bool is_full);
void ledger_undo(struct ledger *ledger);

/* Visits the quarantined objects whose keys are not in the batch.  Call it between ledger_begin()
 * and ledger_begun(), when not all of the source was listed.  The visitor may add the object to the
 * batch; it returns false to end, and then ledger_visit_unlisted() returns false without a text. */
bool ledger_visit_unlisted(struct ledger *ledger, ledger_visit_object *visit, void *user);

/* Whether this version of the object is quarantined: 1, 0, or -1 after an error. */
int ledger_is_quarantined(struct ledger *ledger, const struct ledger_object *object);

/* Removes objects from the quarantine: those that are known as copies of counted ones, and with
 * IS_FULL those whose keys are not in the batch, because they were not listed, so they are gone. */
bool ledger_drop_quarantined(struct ledger *ledger, bool is_full);

/* Stores that another run works on the open batch from now on. */
bool ledger_resume(struct ledger *ledger);

/* Removes the open batch, which nobody has prepared: its objects are new again. */
bool ledger_abandon(struct ledger *ledger);

/* Does the same for an open batch that may be prepared, if AWStats has counted no revision of it. */
bool ledger_abandon_prepared(struct ledger *ledger);

/* Reads the open batch: 1 and *batch, 0 none, -1 failed. */
int ledger_get_batch(struct ledger *ledger, struct ledger_batch *batch);

/* Visits the objects of the batch in the order of their keys.  TWIN: as for ledger_add().
 * WAS_QUARANTINED: by an earlier batch.  The visitor returns false to end, and then
 * ledger_visit_batch() returns false without a text. */
typedef bool ledger_visit(void *user, const struct ledger_object *object, const char *twin,
                          enum ledger_outcome outcome, bool was_quarantined);
bool ledger_visit_batch(struct ledger *ledger, ledger_visit *visit, void *user);

/* An object that is left out of the log. */
struct ledger_left_out {
    const char *key;
    enum ledger_outcome outcome;
    const char *error; /* one line; when it is quarantined or has no requests */
    const char *twin;  /* of a copy: the key of what was read; NULL: as ledger_add() had it */
};

/* An object that was read. */
struct ledger_read {
    const char *key;
    struct digest digest; /* of its whole text */
    bool stays;           /* it is counted, but must not be deleted or moved */
};

/* Reads the views that are open as of the last commit; *data is NULL when there are none (the
 * caller frees it). */
bool ledger_get_views(struct ledger *ledger, void **data, size_t *size);

/* What is stored with a revision of the batch, for its commit. */
struct ledger_revision {
    const void *views; /* that are open after it, by views_save(); NULL: none */
    size_t views_size;
    uint64_t open_views; /* how many */
    uint64_t bad;        /* rows that are not records */
};

/* Prepares the batch: stores which objects its log leaves out, the digests of those that were READ and
 * which of them stay, and its first revision. */
bool ledger_prepare(struct ledger *ledger, const struct ledger_left_out *left_out, size_t count,
                    const struct ledger_read *read, size_t read_count,
                    const struct ledger_revision *revision);

/* Prepares a prepared batch again, without the objects whose keys are MISSING.  If an earlier
 * revision lacked exactly these objects (the first one lacks none), it becomes the current
 * revision again; else the batch gets a new revision with this ID. ledger_get_batch() returns
 * the current one. */
bool ledger_prepare_again(struct ledger *ledger, const char *const *missing, size_t count,
                          const char *id, const struct ledger_revision *revision);

/* Whether the open batch has a revision with this ID: 1, 0, or -1. */
int ledger_has_prepared(struct ledger *ledger, const char *id);

/* Adds the IDs of all other revisions of the open batch to IDS, a space between. */
bool ledger_get_replaced(struct ledger *ledger, struct buffer *ids);

/* Commits the batch: AWStats has counted the revision with this ID.  CLEAN_UP: stores that its
 * objects must be deleted or moved.  HAS_REQUEST_IDS: stores that this revision has the current
 * request IDs.  PREVIOUS: as for ledger_set_previous().  FILES: the periods of the history files that
 * AWStats has written, such as "202610 202611"; NULL: unknown.  FIGURES: what became of
 * the records, a text of normalized/figures.h; NULL: unknown. */
bool ledger_commit(struct ledger *ledger, const char *id, bool clean_up, bool has_request_ids,
                   const char *previous, const char *files, const char *figures);

/* Reads the ID of the committed batch that has stored the current request IDs; "" for none. */
bool ledger_get_request_ids(struct ledger *ledger, char id[BATCH_ID_SIZE]);

/* Reads the last batch in the AWStats history, as reported by the latest commit: an ID, "-" if the
 * history has none, "" if unknown.  Then the batches of its files are not known, either. */
bool ledger_get_previous(struct ledger *ledger, char id[BATCH_ID_SIZE]);
bool ledger_set_previous(struct ledger *ledger, const char *id);

/* Reads which batch each history file had after the latest commit that has written it, of the newest
 * files: "PERIOD=ID PERIOD=ID ..." in the order of time; NULL if unknown.  The caller frees *LIST. */
bool ledger_get_files(struct ledger *ledger, char **list);

/* Accepts the history files as they are. */
bool ledger_forget_files(struct ledger *ledger);

/* Reads the AWStats history that counts the site's batches, as the latest commit named it; NULL if
 * unknown.  The caller frees *NAME. */
bool ledger_get_history(struct ledger *ledger, char **name);
bool ledger_set_history(struct ledger *ledger, const char *name);

/* Reads and stores where buckets are: lines of s3/known_regions.h, the last one with or without its LF; NULL if
 * nothing is known.  The caller frees *REGION. */
bool ledger_get_region(struct ledger *ledger, char **region);
bool ledger_set_region(struct ledger *ledger, const char *region);

/* Reads the names that the site had before, the oldest first, LF between; NULL if none.  The caller
 * frees *LIST. */
bool ledger_get_former(struct ledger *ledger, char **list);

/* Gives the site FROM, the ledger's owner, the name TO, and keeps FROM as a former name. */
bool ledger_rename_site(struct ledger *ledger, const char *from, const char *to);

/* The owner of a ledger. */
struct ledger_owner {
    char *site;   /* the section's name */
    char *given;  /* the source as the section spells it */
    char *source; /* the source by its one name (batch/owner.h) */
};

/* Copies the owner's texts, for ledger_owner_free(); they are NULL when nobody owns the ledger
 * yet. */
bool ledger_get_owner(struct ledger *ledger, struct ledger_owner *owner);
void ledger_owner_free(struct ledger_owner *owner);

/* Sets the owner of the ledger.  Unless FROM is NULL, replaces FROM by TO at the start of all
 * keys that begin with FROM. */
bool ledger_set_owner(struct ledger *ledger, const struct ledger_owner *owner, const char *from,
                      const char *to);

/* Visits at most LIMIT of the objects to delete or move that have this ERROR ("": none has failed), in
 * the order of their keys, from the one after the key AFTER (NULL: from the first). */
bool ledger_visit_cleaning(struct ledger *ledger, const char *error, const char *after,
                           unsigned limit, ledger_visit_object *visit, void *user);

/* Visits the errors of the objects that wait to be deleted or moved, each once, with the number of its
 * objects and the first key; "" stands for those that were not tried yet. */
typedef bool ledger_visit_reason(void *user, const char *error, uint64_t count, const char *key);
bool ledger_visit_reasons(struct ledger *ledger, ledger_visit_reason *visit, void *user);

/* Stores why an object could not be deleted or moved. */
bool ledger_clean_up_failed(struct ledger *ledger, const char *key, const char *error);

/* Stores that these objects were deleted or moved. */
bool ledger_cleaned(struct ledger *ledger, const char *const *keys, size_t count);

/* What became of the records of the batches that had objects. */
struct ledger_figures {
    char *text;         /* of the last batch, a text of normalized/figures.h; NULL: unknown */
    struct figures sum; /* of all batches whose figures are known, since then; without names */
    int64_t since;      /* when the first of them was committed, seconds UTC; 0: none was */
    uint64_t unknown;   /* batches since then whose figures are not known */
};

/* The numbers that `status` shows. */
struct ledger_status {
    uint64_t objects, open_views, to_clean_up, in_batch, quarantined, passed_over;
    uint64_t clean_up_failed;             /* of to_clean_up: objects for which it has failed */
    uint64_t bytes;                       /* of the objects that were counted, as they are stored */
    uint64_t last_objects, last_bad, bad; /* of the last batch that had objects; of all */
    int64_t committed, newest, listed_in_full; /* seconds UTC, 0: never */
    int64_t duration_ms; /* from the start of the last run that was committed; -1: not known */
    char last_id[BATCH_ID_SIZE]; /* "" when none was committed */
    struct ledger_figures figures;
};
/* The caller frees the status, also after an error. */
bool ledger_get_status(struct ledger *ledger, struct ledger_status *status);
void ledger_status_free(struct ledger_status *status);

/* Reads the ID of the batch that was committed last; "" when there is none. */
bool ledger_get_last_id(struct ledger *ledger, char id[BATCH_ID_SIZE]);

/* Reads when the whole source was listed last, seconds UTC; 0: the next listing must be full. */
bool ledger_get_full_listing(struct ledger *ledger, int64_t *time);

/* What is known of the names of all objects, counted ones and copies: whether each has CloudFront's
 * form.  The number 1 was that of LEDGER_NAMES_ALL_UNIQUE when the form was taken less exactly; now
 * it says nothing, so the names are looked at again. */
enum ledger_names {
    LEDGER_NAMES_UNKNOWN = 0,
    LEDGER_NAMES_SOME_OTHER = 2,
    LEDGER_NAMES_ALL_UNIQUE = 3
};
bool ledger_get_names(struct ledger *ledger, enum ledger_names *known);
bool ledger_set_names(struct ledger *ledger, enum ledger_names known);

/* Visits the quarantined objects in the order of their keys, with the time of their first failure
 * (seconds UTC) and the error of the last. */
bool ledger_visit_quarantined(struct ledger *ledger, ledger_visit_left_out *visit, void *user);

/* Reads the whole file.  Returns NULL, or why it is corrupt (the caller frees the text). */
char *ledger_inspect(struct ledger *ledger);

#endif
