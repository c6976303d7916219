/* Shows the progress of a command on standard error: objects, bytes, rate, time left, then records.
 *
 *   PROGRESS_AUTO   on a terminal, one line that is rewritten, from the first second on; nothing
 *                   elsewhere, and nothing with -q
 *   PROGRESS_JSON   a JSON object a line (text/progress_text.h), at most one a second, and one at
 *                   the end
 *   PROGRESS_NONE   nothing
 *
 * Callers name each stage with its totals, as the list of objects tells them, and add to counters:
 *
 *     progress_begin(PROGRESS_READ, objects, bytes);
 *     ... progress_add_bytes(size); progress_add_objects(1); ...    in any thread
 *     progress_begin(PROGRESS_WRITE, records, 0);
 *     ... progress_add_records(count); ...
 *
 * An addition is one atomic operation, without a lock or a system call; callers still add records
 * some thousands at a time.  A thread of this module, which blocks all signals, reads the counters.
 * The thread runs only if there is something to show, from the first progress_begin() to
 * progress_end().  Any thread may call these functions.
 *
 * Other output on the same terminal: a message (text/message.h) erases the line by itself.  Before
 * other output, of stdio or a child process, call progress_hide(), and progress_show() after it.
 * If another program prints there at any time, call progress_leave_terminal().
 *
 * Several processes, such as one for each site:
 *
 *     progress_share(sites);          in the parent, before the first fork
 *     progress_be_part(number);       in each child, first of all; number is below sites
 *     progress_end_part(number);      in the parent, when the child has ended, however it ended
 *
 * The counters of a child are in memory that the parent shares, so a child needs neither a terminal
 * nor a pipe for them.  Only the parent shows progress: the sums of all children. */
#ifndef TEXT_PROGRESS_H
#define TEXT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum progress_mode { PROGRESS_AUTO, PROGRESS_NONE, PROGRESS_JSON };

enum progress_stage {
    PROGRESS_LIST,     /* objects are listed; totals are not known */
    PROGRESS_READ,     /* objects are read, or transferred */
    PROGRESS_SORT,     /* records are sorted, views are made */
    PROGRESS_WRITE,    /* records are written, or counted while they are written */
    PROGRESS_COUNT,    /* AWStats counts what it has read */
    PROGRESS_CLEAN_UP, /* counted objects are deleted or moved */
    PROGRESS_REPORT,   /* pages of a report are made; they are the objects of this stage */
    PROGRESS_STAGES
};

void progress_set_mode(enum progress_mode mode);

/* Begins a stage.  TOTAL is the number of objects (PROGRESS_WRITE: of records) to come, BYTES that of
 * bytes; 0: not known.  All counters begin at 0; but in PROGRESS_SORT, PROGRESS_WRITE and
 * PROGRESS_COUNT, objects and bytes stay as they were read, and in PROGRESS_COUNT the records, too. */
void progress_begin(enum progress_stage stage, uint64_t total, uint64_t bytes);

/* Adds to the totals of the stage, when a list continues while its objects are transferred. */
void progress_expect(int64_t objects, int64_t bytes);

void progress_add_objects(uint64_t count);
void progress_add_bytes(int64_t count); /* below 0: these bytes are transferred again */
void progress_add_records(uint64_t count);

/* Erases the line until progress_show().  The JSON objects continue. */
void progress_hide(void);
void progress_show(void);

/* Lets PROGRESS_AUTO show nothing, since another program prints on the terminal at any time.  Call
 * this before the first stage. */
void progress_leave_terminal(void);

/* Ends the progress of the command: erases the line, or prints the last JSON object.  Does nothing
 * when nothing has begun. */
void progress_end(void);

/* For several processes: see above. */
void progress_share(size_t parts);
void progress_be_part(size_t part);
void progress_end_part(size_t part);

#endif
