/* The exit statuses of the commands and their meanings; the help texts and the manual print them. */
#ifndef CONFIG_EXIT_TABLE_H
#define CONFIG_EXIT_TABLE_H

struct exit_row {
    int status;
    const char *only; /* the commands that have it, a space between; NULL: all */
    const char *help;
};

extern const struct exit_row exit_table[]; /* ends with a row without a help text */

#endif
