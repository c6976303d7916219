/* The table of options, and the help that is printed from it. */
#ifndef CONFIG_OPTION_TABLE_H
#define CONFIG_OPTION_TABLE_H

#include "config/options.h"

enum { OPTION_MAX = 64 }; /* at most so many options */

/* What the words of the command line have given so far. */
struct parse {
    const struct command *commands;
    struct options *options;
    const char *site; /* --site */
    /* The last value of each option, in the order of option_table, and then of each setting; NULL: not given; "":
     * without a value. */
    const char *values[OPTION_MAX + SITE_SETTING_COUNT];
};

/* Takes the value of an option; NULL: the option has no value.  Returns NULL, or an error. */
typedef const char *handler(struct parse *, const char *value);

struct option_row {
    const char *name;
    char letter;          /* 0: only the long form */
    const char *only;     /* the commands that have it, a space between; NULL: all */
    const char *argument; /* the value: words in lower case with | between, which shells complete,
                           * or a placeholder, of which they know FILE and DIR; [=PLACEHOLDER]: a
                           * number that may be missing; NULL: takes none */
    const char *help;
    handler *handle; /* NULL: --help and --version, which end the program */
};

extern const struct option_row option_table[]; /* ends with a row without a name */
extern const size_t option_count;

/* Adds a setting that an option gives, unless it was given before. */
void option_add_setting(struct options *options, const char *name, const char *value);

/* Whether the value of the option may be missing. */
bool option_value_may_be_missing(const struct option_row *option);

/* Whether the option may be given with several values.  --site is such an option, but only some commands take several
 * sites (check_one_site() of options.c). */
bool option_is_list(const struct option_row *option);

/* Whether COMMAND is one of the commands in ONLY, a space between.  NULL stands for all, on either
 * side. */
bool command_is_in(const struct command *command, const char *only);

/* Whether COMMAND has the option; every option is one of a command that is NULL. */
bool option_is_of(const struct option_row *option, const struct command *command);

/* Returns the option called NAME, or NULL.  A setting of the same name is the meaning for all
 * commands that do not have the option. */
const struct option_row *option_find(const char *name);

/* Prints the help of COMMAND, or of the program when COMMAND is NULL. */
void option_print_help(const struct command *commands, const struct command *command);

#endif
