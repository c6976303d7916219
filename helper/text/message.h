/* Prints messages on standard error: one line each, with the program's name.  Most folders below
 * commands/ return errors as text, and print only notes.
 *
 * Each line is one write(), so that lines of several threads and processes do not mix.  The line
 * that shows progress (text/progress.h) stands below the messages: each message erases it first. */
#ifndef TEXT_MESSAGE_H
#define TEXT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

enum message_level {
    MESSAGE_QUIET = -1, /* errors only (-q) */
    MESSAGE_NORMAL = 0, /* errors, warnings, notes, results, progress on a terminal */
    MESSAGE_VERBOSE = 1 /* also each step (-v) */
};

void message_set_level(enum message_level level);
bool message_is_quiet(void);
enum message_level message_get_level(void);

/* Prints messages on FD from now on, and not on standard error, which another program uses. */
void message_set_descriptor(int fd);

/* Each prints one line, and may be called from any thread.  Control characters and bytes that are
 * not UTF-8 are printed as \xHH, so that an object key cannot move the cursor or forge a line. */
void message_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_verbose(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints a line of a command's result in the same way, on standard output, which may be the
 * terminal that shows progress.  Prints nothing with -q. */
void message_result(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- for text/progress.c -------------------------------------------------------------------- */

/* Writes SIZE bytes of TEXT as they are, a whole line with its LF. */
void message_put_line(const char *text, size_t size);

/* Rewrites the line of progress, which has no LF, and erases it. */
void message_show_progress(const char *text, size_t size);
void message_erase_progress(void);

/* Lets each message erase the line of progress, which the parent of this process shows on the same
 * terminal. */
void message_share_terminal(void);

/* Take and release the lock of the messages around a fork, so that the child does not inherit it
 * from another thread. */
void message_lock(void);
void message_unlock(void);

#endif
