/* Prints the tables of the command line for the scripts that make the manual and the completion of
 * shells, a row each, with a TAB between its fields:
 *     command NAME SYNOPSIS HELP OPERANDS SETTINGS  OPERANDS: sources, own, rest or none; SETTINGS:
 *                                                 settings, or - for a command without them
 *     option NAME LETTER COMMANDS ARGUMENT HELP   COMMANDS: a space between; - for all; ARGUMENT: -
 *                                                 for none
 *     setting NAME ARGUMENT HELP WHERE            WHERE: option, or file for the file only
 *     status NUMBER COMMANDS HELP
 * The build runs it; it is not installed. */
#include <stdio.h>

#include "config/exit_table.h"
#include "config/option_table.h"
#include "config/site.h"

static const struct {
    const char *name, *synopsis, *help;
    enum command_flags flags;
} commands[] = {
#define COMMAND(name, synopsis, help, flags) {#name, synopsis, help, flags},
#include "config/commands.def"
#undef COMMAND
};

static const char *name_operands(enum command_flags flags)
{
    return flags & COMMAND_TAKES_SOURCES    ? "sources"
           : flags & COMMAND_TAKES_OPERANDS ? "own"
           : flags & COMMAND_TAKES_REST     ? "rest"
                                            : "none";
}

static const char *or_dash(const char *text)
{
    return text ? text : "-";
}

int main(void)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        printf("command\t%s\t%s\t%s\t%s\t%s\n", commands[i].name, commands[i].synopsis,
               commands[i].help, name_operands(commands[i].flags),
               commands[i].flags & COMMAND_USES_SOURCE ? "settings" : "-");
    for (const struct option_row *o = option_table; o->name; o++)
        printf("option\t%s\t%c\t%s\t%s\t%s\n", o->name, o->letter ? o->letter : '-',
               or_dash(o->only), or_dash(o->argument), o->help);
    for (const struct site_setting *s = site_settings; s->name; s++)
        printf("setting\t%s\t%s\t%s\t%s\n", s->name, s->argument, s->help,
               s->is_option ? "option" : "file");
    for (const struct exit_row *row = exit_table; row->help; row++)
        printf("status\t%d\t%s\t%s\n", row->status, or_dash(row->only), row->help);
    return fflush(stdout) == EOF;
}
