/* Tells which commands have an option, and whether the option needs a value. */
#include <string.h>

#include "config/option_table.h"

bool command_is_in(const struct command *command, const char *only)
{
    if (!only || !command)
        return true;
    size_t size = strlen(command->name);
    for (const char *s = only; (s = strstr(s, command->name)); s += size)
        if ((s == only || s[-1] == ' ') && (s[size] == ' ' || !s[size]))
            return true;
    return false;
}

bool option_value_may_be_missing(const struct option_row *option)
{
    return option->argument && *option->argument == '[';
}

bool option_is_of(const struct option_row *option, const struct command *command)
{
    return command_is_in(command, option->only);
}
