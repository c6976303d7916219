/* A word of a shell's command line, for messages that name a command to run. */
#ifndef TEXT_SHELL_WORD_H
#define TEXT_SHELL_WORD_H

#include "text/buffer.h"

/* Adds what a shell reads as WORD: in quotes, unless no byte of WORD needs any. */
void shell_word_add(struct buffer *line, const char *word);

#endif
