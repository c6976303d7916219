/* Quotes a word of a shell's command line, for messages that name a command to run. */
#ifndef TEXT_SHELL_WORD_H
#define TEXT_SHELL_WORD_H

#include "text/buffer.h"

/* Adds WORD to LINE, in quotes if a byte of WORD needs them. */
void shell_word_add(struct buffer *line, const char *word);

/* Returns WORD as shell_word_add() writes it.  The caller frees the text. */
char *shell_word(const char *word);

#endif
