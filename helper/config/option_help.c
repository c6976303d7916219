/* Prints the help texts, from the tables of commands, options, settings and exit statuses. */
#include <stdio.h>
#include <string.h>

#include "config/exit_table.h"
#include "config/option_table.h"
#include "config/site.h"

enum { WIDTH = 80, EXIT_WIDTH = 4, COMMAND_WIDTH = 10, OPTION_WIDTH = 26 };

/* Prints LEFT, and TEXT beside it from column INDENT on, in lines of WIDTH. */
static void print_row(const char *left, int indent, const char *text)
{
    int column = printf("  %s", left);
    if (column >= indent) {
        putchar('\n');
        column = 0;
    }
    for (bool is_first = true; *text; is_first = false) {
        int size = (int)strcspn(text, " ");
        if (!is_first && column + 1 + size >= WIDTH) {
            putchar('\n');
            column = 0;
        }
        column += column < indent ? printf("%*s", indent - column, "") : printf(" ");
        column += printf("%.*s", size, text);
        text += size;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void print_option(const char *name, char letter, const char *argument, const char *help)
{
    char left[64];
    int size = letter ? snprintf(left, sizeof left, "-%c, --%s", letter, name)
                      : snprintf(left, sizeof left, "    --%s", name);
    if (argument)
        snprintf(left + size, sizeof left - (size_t)size, "%s%s", *argument == '[' ? "" : " ",
                 argument);
    print_row(left, OPTION_WIDTH, help);
}

/* Prints the options that only some commands have, or those of every command. */
static void print_group(const struct command *command, bool is_own, const char *title)
{
    for (const struct option_row *o = option_table; o->name; o++)
        if (option_is_of(o, command) && (o->only != NULL) == is_own) {
            if (title)
                printf("\n%s:\n", title);
            title = NULL;
            print_option(o->name, o->letter, o->argument, o->help);
        }
}

static void print_settings(const struct command *command)
{
    puts("\nSettings, which replace those of the site's section:");
    for (const struct site_setting *s = site_settings; s->name; s++) {
        const struct option_row *hidden_by = option_find(s->name);
        if (s->is_option && !(command && hidden_by && option_is_of(hidden_by, command)))
            print_option(s->name, 0, s->argument, s->help);
    }
}

static void print_exit_statuses(const struct command *command)
{
    puts("\nExit status:");
    for (const struct exit_row *row = exit_table; row->help; row++) {
        char text[256], number[4];
        if (!command_is_in(command, row->only))
            continue;
        if (command || !row->only || strchr(row->only, ' '))
            snprintf(text, sizeof text, "%s", row->help);
        else
            snprintf(text, sizeof text, "%s: %s", row->only, row->help);
        snprintf(number, sizeof number, "%d", row->status);
        print_row(number, EXIT_WIDTH, text);
    }
}

void option_print_help(const struct command *commands, const struct command *command)
{
    if (command) {
        printf("usage: awstats-cloudfront %s [OPTION...] %s\n\n", command->name, command->synopsis);
        printf("awstats-cloudfront %s: %s.\n", command->name, command->help);
        print_group(command, true, "Options");
    } else {
        puts("usage: awstats-cloudfront COMMAND [OPTION...] [ARGUMENT...]\n");
        puts("Reads Amazon CloudFront's access logs for AWStats.\n\nCommands:");
        for (const struct command *c = commands; c->name; c++)
            print_row(c->name, COMMAND_WIDTH, c->help);
    }
    print_group(command, false, "Options of every command");
    if (command && command->flags & COMMAND_USES_SOURCE)
        print_settings(command);
    if (!command)
        puts("\nEach command has more: awstats-cloudfront COMMAND --help");
    print_exit_statuses(command);
    putchar('\n');
    if (!command || strstr(command->synopsis, "SOURCE"))
        puts("SOURCE is s3://BUCKET/PREFIX, a directory, a file, or - for standard input.");
    printf("The manual has the rest: awstats-cloudfront help %s, or man awstats-cloudfront\n",
           command ? command->name : "TOPIC");
}
