/* What the program says on standard error: one line a message, always with the program's name. */
#ifndef TEXT_MESSAGE_H
#define TEXT_MESSAGE_H

#include "text/buffer.h"

enum message_level {
    MESSAGE_QUIET = -1, /* errors only */
    MESSAGE_NORMAL = 0, /* errors, warnings, progress on a terminal */
    MESSAGE_VERBOSE = 1 /* and what is being done */
};

void message_set_level(enum message_level level);

/* Each prints one line and may be called from any thread.  Control bytes in the text are printed as
 * \xHH, so that an object key cannot move the cursor or forge a line. */
void message_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_note(const char *format, ...) __attribute__((format(printf, 1, 2))); /* not with -q */
void message_verbose(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* From now on errors and warnings are added to BUFFER, without the program's name and a line's end,
 * with "; " between them; NULL: they are printed again. */
void message_divert(struct buffer *buffer);

/* Shows TEXT as the one line that is rewritten while the program works; only on a terminal, at most
 * ten times a second, and never with -q.  message_progress_end() takes the line away. */
void message_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_progress_end(void);

#endif
