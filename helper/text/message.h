/* Messages on standard error: one line each, with the program's name.  Only commands and what runs
 * on their behalf print; everything below returns its errors as text. */
#ifndef TEXT_MESSAGE_H
#define TEXT_MESSAGE_H

enum message_level {
    MESSAGE_QUIET = -1, /* errors only */
    MESSAGE_NORMAL = 0, /* errors, warnings, progress on a terminal */
    MESSAGE_VERBOSE = 1 /* and each step */
};

void message_set_level(enum message_level level);

/* Each prints one line, and may be called from any thread.  Control characters and bytes that are
 * not UTF-8 are printed as \xHH, so that an object key cannot move the cursor or forge a line. */
void message_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_note(const char *format, ...) __attribute__((format(printf, 1, 2))); /* not with -q */
void message_verbose(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Rewrites the line that shows progress; only on a terminal, at most ten times a second, and never
 * with -q.  message_progress_end() removes the line. */
void message_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_progress_end(void);

#endif
