/* Writes the progress of a command as text: a line for a terminal, JSON for programs. */
#ifndef TEXT_PROGRESS_TEXT_H
#define TEXT_PROGRESS_TEXT_H

#include "text/progress.h"

enum { PROGRESS_SCHEMA = 1 }; /* of the JSON objects; the manual describes their members */

/* The state of a moment. */
struct progress_state {
    enum progress_stage stage;
    uint64_t objects, objects_total; /* totals: 0 when they are not known */
    uint64_t bytes, bytes_total;
    uint64_t records, records_total;
    double seconds;            /* since the command began */
    double rate;               /* of the stage's unit (progress_done()) in a second */
    size_t parts, parts_ended; /* processes that share the work; 0: there is only this one */
    bool is_last;
};

/* Returns the number whose rate is shown: bytes when objects are read, records when they are
 * written, else objects. */
uint64_t progress_done(const struct progress_state *state);

enum { PROGRESS_TEXT_SIZE = 512 };

/* Each writes the text and a NUL, and returns the text's size.  The line of the first one has at
 * most WIDTH characters, all ASCII, and no LF.  The JSON object ends with a LF. */
size_t progress_put_text(char out[PROGRESS_TEXT_SIZE], const struct progress_state *state,
                         size_t width);
size_t progress_put_json(char out[PROGRESS_TEXT_SIZE], const struct progress_state *state);

#endif
