/* Prints what the tables of options and settings say: help, and lists for the manual. */
#include <stdio.h>
#include <string.h>

#include "config/option_table.h"
#include "config/site.h"

static void print_option(const char *name, char letter, const char *argument, const char *help)
{
    char left[64];
    int size = letter ? snprintf(left, sizeof left, "-%c, --%s", letter, name)
                      : snprintf(left, sizeof left, "    --%s", name);
    if (argument)
        snprintf(left + size, sizeof left - (size_t)size, " %s", argument);
    printf("  %-24s %s\n", left, help);
}

static void print_options(const struct command *command)
{
    puts("\nOptions:");
    for (const struct option_row *o = option_table; o->name; o++)
        if (option_is_of(o, command))
            print_option(o->name, o->letter, o->argument, o->help);
    puts("\nSettings, which replace those of the site's section:");
    for (const struct site_setting *s = site_settings; s->name; s++) {
        const struct option_row *hidden_by = option_find(s->name);
        if (s->is_option && !(command && hidden_by && option_is_of(hidden_by, command)))
            print_option(s->name, 0, s->argument, s->help);
    }
}

void option_print_help(const struct command *commands, const struct command *command)
{
    if (command) {
        printf("usage: awstats-cloudfront %s [OPTION...] %s\n\n", command->name, command->synopsis);
        printf("awstats-cloudfront %s: %s.\n", command->name, command->help);
        print_options(command);
    } else {
        puts("usage: awstats-cloudfront COMMAND [OPTION...] [ARGUMENT...]\n");
        puts("Reads Amazon CloudFront's access logs for AWStats.\n\nCommands:");
        for (const struct command *c = commands; c->name; c++)
            printf("  %-8s %s\n", c->name, c->help);
        print_options(NULL);
    }
    puts(
        "\nSOURCE is s3://BUCKET/PREFIX, a directory, a file (.gz or not), or - for standard input."
        "\nExit status: 0 done, 1 failed, 2 wrong usage, 3 another run is using the site or the"
        "\ndirectory, 4 objects are quarantined (status), a site is behind (status"
        "\n--max-lag), figures differ (verify), or the site is set up but check fails (setup)."
        "\nThe manual has the rest: man awstats-cloudfront");
}

static void print_manual_commands(const char *only)
{
    if (!only)
        return;
    fputs("Only for\n.Cm ", stdout);
    for (const char *s = only; *s; s++) {
        if (*s != ' ')
            putchar(*s);
        else
            fputs(strchr(s + 1, ' ') ? " ,\n.Cm " : "\nand\n.Cm ", stdout);
    }
    puts(" .");
}

void option_print_manual_list(void)
{
    puts(".Bl -tag -width Ds");
    for (const struct option_row *o = option_table; o->name; o++) {
        fputs(".It ", stdout);
        if (o->letter)
            printf("Fl %c , ", o->letter);
        printf("Fl \\-%s%s%s\n%s.\n", o->name, o->argument ? " Ar " : "",
               o->argument ? o->argument : "", o->help);
        print_manual_commands(o->only);
    }
    for (const struct site_setting *s = site_settings; s->name; s++)
        if (s->is_option)
            printf(".It Fl \\-%s Ar %s\nThe setting\n.Cm %s ,\nsee\n.Xr cloudfront.conf 5 .\n",
                   s->name, s->argument, s->name);
    puts(".El");
}

void option_print_manual_settings(void)
{
    puts(".Bl -tag -width Ds");
    for (const struct site_setting *s = site_settings; s->name; s++)
        printf(".It Cm %s No = Ar %s\n%s.\n", s->name, s->argument, s->help);
    puts(".El");
}
