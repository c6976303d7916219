/* Suggestions for mistakes on the command line.  Each adds text to a message. */
#ifndef CONFIG_OPTION_HINTS_H
#define CONFIG_OPTION_HINTS_H

#include "config/options.h"
#include "text/buffer.h"

/* Add the question "; did you mean NAME?" when a name is near WORD: a command, or an option of
 * COMMAND (without the dashes, perhaps with =VALUE). */
void hint_command(struct buffer *text, const struct command *commands, const char *word);
void hint_option(struct buffer *text, const struct command *command, const char *word);

/* Adds the commands that have the option NAME, as "; fetch and backup have this option". */
void hint_commands_with(struct buffer *text, const struct command *commands, const char *name);

/* Adds the names of the configuration's sections, as "; the sites of FILE are cdn and video".  Adds
 * nothing if the file has no section or cannot be read. */
void hint_sites(struct buffer *text, const char *config);

/* Checks the operands of a command that takes sources, or none.  Returns whether they can be used.
 * Otherwise adds one line that says what to write, such as --site for an operand that is the name of
 * a site and of no file. */
bool hint_operands(struct buffer *text, const struct options *options);

#endif
