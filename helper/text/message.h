/* Messages on standard error: one line each, with the program's name.  Only commands and what runs
 * on their behalf print; everything below returns its errors as text.
 *
 * Each line is one write(), so that lines of several threads and processes do not mix.  The line
 * that shows progress (text/progress.h) stands below the messages: each message erases it first. */
#ifndef TEXT_MESSAGE_H
#define TEXT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

enum message_level {
    MESSAGE_QUIET = -1, /* errors only */
    MESSAGE_NORMAL = 0, /* errors, warnings, progress on a terminal */
    MESSAGE_VERBOSE = 1 /* and each step */
};

void message_set_level(enum message_level level);
bool message_is_quiet(void);
enum message_level message_get_level(void);

/* Prints messages on FD from now on, and not on standard error: another program has that. */
void message_set_descriptor(int fd);

/* Each prints one line, and may be called from any thread.  Control characters and bytes that are
 * not UTF-8 are printed as \xHH, so that an object key cannot move the cursor or forge a line. */
void message_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_note(const char *format, ...) __attribute__((format(printf, 1, 2))); /* not with -q */
void message_verbose(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for a line of a command's result, on standard output, which may be the terminal that shows progress; not with
 * -q. */
void message_result(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- for text/progress.c -------------------------------------------------------------------- */

/* Writes SIZE bytes of TEXT as they are, a whole line with its LF. */
void message_put_line(const char *text, size_t size);

/* Rewrites the line of progress, which has no LF, and erases it. */
void message_show_progress(const char *text, size_t size);
void message_erase_progress(void);

/* In a child process whose parent shows progress on the same terminal: from now on, each message
 * erases whatever line of progress is there. */
void message_share_terminal(void);

/* Keep other threads from printing, around a fork: the child must not inherit their lock. */
void message_lock(void);
void message_unlock(void);

#endif
