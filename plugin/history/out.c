/* The buffer of text for a new history file. */
#include <string.h>

#include "history/internal.h"
#include "history/text.h"

enum { WRITE_AT = 1 << 16 };

char *history_put_begin(struct history *history, size_t size)
{
    if (history->capacity - history->used < size) {
        history->capacity = history->used + size + 2 * WRITE_AT;
        Renew(history->out, history->capacity, char);
    }
    return history->out + history->used;
}

void history_put_end(struct history *history, size_t size)
{
    history->used += size;
}

void history_put(struct history *history, const char *text, size_t size)
{
    memcpy(history_put_begin(history, size), text, size);
    history_put_end(history, size);
}

void history_put_string(struct history *history, const char *text)
{
    history_put(history, text, strlen(text));
}

void history_put_number(struct history *history, UV number)
{
    history_put_end(
        history, history_text_number(history_put_begin(history, HISTORY_TEXT_NUMBER_SIZE), number));
}

void history_end_line(pTHX_ struct history *history)
{
    history_put(history, "\n", 1);
    if (history->used >= WRITE_AT)
        history_flush(aTHX_ history);
}

void history_flush(pTHX_ struct history *history)
{
    if (history->used)
        PerlIO_write(history->file, history->out, history->used); /* closing reports a failure */
    history->used = 0;
}
