#include "config/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/site_file.h"
#include "memory/allocate.h"
#include "normalized/batch_id.h"
#include "text/message.h"
#include "text/url.h"
#include "version.h"

#define TEXT_OF(number)   #number
#define NUMBER_TEXT(name) TEXT_OF(name)
#define TRANSFERS_MAX     NUMBER_TEXT(OPTIONS_TRANSFERS_MAX)

struct parse {
    const struct command *commands;
    struct options *options;
    const char *site; /* --site */
    struct {
        const char *name, *value;
    } * settings; /* --region and so on, to be set over the section's */
    size_t setting_count;
};

typedef const char *handler(struct parse *, const char *value); /* returns NULL, or an error */

static const char *set_config(struct parse *parse, const char *value)
{
    parse->options->config = value;
    return NULL;
}

static const char *set_site(struct parse *parse, const char *value)
{
    parse->site = value;
    return NULL;
}

static const char *set_to(struct parse *parse, const char *value)
{
    parse->options->to = value;
    return *value ? NULL : "must be a directory";
}

static const char *set_jobs(struct parse *parse, const char *value)
{
    char *end;
    errno = 0;
    unsigned long jobs = strtoul(value, &end, 10);
    if (errno || *end || *value < '0' || *value > '9' || jobs < 1 || jobs > OPTIONS_TRANSFERS_MAX)
        return "must be a number from 1 to " TRANSFERS_MAX;
    parse->options->transfers = (unsigned)jobs;
    return NULL;
}

static const char *set_wait(struct parse *parse, const char *value)
{
    char *end;
    errno = 0;
    unsigned long wait = strtoul(value, &end, 10);
    if (errno || *end || *value < '0' || *value > '9' || wait > 1000000)
        return "must be a number of seconds";
    parse->options->wait = (unsigned)wait;
    return NULL;
}

static const char *set_full(struct parse *parse, const char *value)
{
    (void)value;
    parse->options->full = true;
    return NULL;
}

static const char *set_json(struct parse *parse, const char *value)
{
    (void)value;
    parse->options->json = true;
    return NULL;
}

static const char *set_batch(struct parse *parse, const char *value)
{
    parse->options->batch = value;
    return *value ? NULL : "must be a batch's ID";
}

static const char *set_previous(struct parse *parse, const char *value)
{
    parse->options->previous = value;
    return is_batch_id(value, strlen(value)) ? NULL : "must be a batch's ID, or - for none";
}

static const char *set_verbose(struct parse *parse, const char *value)
{
    (void)parse, (void)value;
    message_set_level(MESSAGE_VERBOSE);
    return NULL;
}

static const char *set_quiet(struct parse *parse, const char *value)
{
    (void)parse, (void)value;
    message_set_level(MESSAGE_QUIET);
    return NULL;
}

static const struct option_row {
    const char *name;
    char letter;          /* 0: only the long form */
    const char *only;     /* the commands that have it, a space between; NULL: all */
    const char *argument; /* NULL: takes none */
    const char *help;
    handler *handle; /* NULL: --help and --version, which end the program */
} option_table[] = {
    {"site", 's', NULL, "NAME", "the section of the configuration file to work on", set_site},
    {"to", 't', "fetch", "DIR", "the directory to copy into; made when missing", set_to},
    {"batch", 'b', "commit", "ID", "the batch to commit, as in the #Batch line of its log",
     set_batch},
    {"previous", 'p', "commit", "ID",
     "the last batch of the site in the AWStats history, - for none; without --batch, accepts "
     "ledger and history as they are",
     set_previous},
    {"full", 'f', "cat", NULL, "list the whole source of a site, not only where new objects can be",
     set_full},
    {"json", 'J', "status", NULL, "write JSON, an object for each site", set_json},
    {"wait", 'w', "cat commit", "SECONDS",
     "wait up to this long for another run of the site to end", set_wait},
    {"jobs", 'j', "cat fetch commit check", "N",
     "objects to transfer at once, 1 to " TRANSFERS_MAX " (default " TRANSFERS_MAX ")", set_jobs},
    {"config", 'c', NULL, "FILE", "the configuration file (default " SITE_CONFIG_DEFAULT ")",
     set_config},
    {"verbose", 'v', NULL, NULL, "report each step", set_verbose},
    {"quiet", 'q', NULL, NULL, "report errors only", set_quiet},
    {"help", 'h', NULL, NULL, "show this help", NULL},
    {"version", 'V', NULL, NULL, "show the version", NULL},
    {0},
};

static void print_option(const char *name, char letter, const char *argument, const char *help)
{
    char left[64];
    int size = letter ? snprintf(left, sizeof left, "-%c, --%s", letter, name)
                      : snprintf(left, sizeof left, "    --%s", name);
    if (argument)
        snprintf(left + size, sizeof left - (size_t)size, " %s", argument);
    printf("  %-24s %s\n", left, help);
}

static bool has_option(const struct command *command, const struct option_row *option)
{
    if (!option->only || !command)
        return true;
    size_t size = strlen(command->name);
    for (const char *s = option->only; (s = strstr(s, command->name)); s += size)
        if ((s == option->only || s[-1] == ' ') && (s[size] == ' ' || !s[size]))
            return true;
    return false;
}

static void print_options(const struct command *command)
{
    puts("\nOptions:");
    for (const struct option_row *o = option_table; o->name; o++)
        if (has_option(command, o))
            print_option(o->name, o->letter, o->argument, o->help);
    puts("\nSettings, which replace those of the site's section:");
    for (const struct site_setting *s = site_settings; s->name; s++)
        if (s->is_option)
            print_option(s->name, 0, s->argument, s->help);
}

static void print_help(const struct command *commands, const struct command *command)
{
    if (command) {
        printf("usage: awstats-cloudfront %s [OPTION...] %s\n\n", command->name, command->synopsis);
        printf("awstats-cloudfront %s: %s.\n", command->name, command->help);
        print_options(command);
    } else {
        puts("usage: awstats-cloudfront COMMAND [OPTION...] [ARGUMENT...]\n");
        puts("Reads Amazon CloudFront's access logs for AWStats.\n\nCommands:");
        for (const struct command *c = commands; c->name; c++)
            printf("  %-6s %s\n", c->name, c->help);
        print_options(NULL);
    }
    puts(
        "\nSOURCE is s3://BUCKET/PREFIX, a directory, a file (.gz or not), or - for standard input."
        "\nExit status: 0 done, 1 failed, 2 wrong usage, 3 another run is using the site or the"
        "\ndirectory, 4 objects are quarantined (status only)."
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

/* Prints the OPTIONS and SETTINGS lists of the manual, in mdoc, for the Makefile. */
static void print_manual_list(void)
{
    puts(".Bl -tag -width Ds");
    for (const struct option_row *o = option_table; o->name; o++) {
        printf(".It Fl %c , Fl \\-%s%s%s\n%s.\n", o->letter, o->name, o->argument ? " Ar " : "",
               o->argument ? o->argument : "", o->help);
        print_manual_commands(o->only);
    }
    for (const struct site_setting *s = site_settings; s->name; s++)
        if (s->is_option)
            printf(".It Fl \\-%s Ar %s\nThe setting\n.Cm %s ,\nsee\n.Xr cloudfront.conf 5 .\n",
                   s->name, s->argument, s->name);
    puts(".El");
}

static void print_manual_settings(void)
{
    puts(".Bl -tag -width Ds");
    for (const struct site_setting *s = site_settings; s->name; s++)
        printf(".It Cm %s No = Ar %s\n%s.\n", s->name, s->argument, s->help);
    puts(".El");
}

/* Prints one line: WORD, ERROR, and where to find help.  Returns the exit status. */
static int usage(const struct command *command, const char *error, const char *word)
{
    message_error("%s%s; see awstats-cloudfront %s%s--help", word, error,
                  command ? command->name : "", command ? " " : "");
    return EXIT_USAGE;
}

/* ---- the parser ----------------------------------------------------------------------------- */

enum {
    OPTION_COUNT = sizeof option_table / sizeof *option_table - 1,
    /* getopt_long() returns this plus an index for a long option: first all options, then all
     * settings. */
    LONG_OPTION = 256,
};

/* Fills in getopt's tables from ours. */
static void make_tables(struct option longs[OPTION_COUNT + SITE_SETTING_COUNT + 1],
                        char letters[2 * OPTION_COUNT + 3])
{
    size_t count = 0;
    *letters++ = '-'; /* return operands in their order */
    *letters++ = ':'; /* return ':' for a missing value */
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *o = &option_table[i];
        int argument = o->argument ? required_argument : no_argument;
        longs[count++] = (struct option){o->name, argument, NULL, LONG_OPTION + (int)i};
        *letters++ = o->letter;
        if (o->argument)
            *letters++ = ':';
    }
    *letters = '\0';
    for (size_t i = 0; i < SITE_SETTING_COUNT; i++)
        if (site_settings[i].is_option)
            longs[count++] = (struct option){site_settings[i].name, required_argument, NULL,
                                             LONG_OPTION + OPTION_COUNT + (int)i};
    longs[count] = (struct option){0};
}

/* Returns the index of an option, or of a setting after all options, from getopt_long()'s
 * result. */
static size_t find_index(int given)
{
    size_t i = 0;
    if (given >= LONG_OPTION)
        return (size_t)(given - LONG_OPTION);
    while (option_table[i].letter != given)
        i++;
    return i;
}

/* Whether NAME, shortened, could be several of the options in LONGS. */
static bool is_ambiguous(const char *name, const struct option *longs)
{
    size_t size = strcspn(name, "="), count = 0;
    for (; longs->name; longs++)
        count += !strncmp(longs->name, name, size);
    return count > 1;
}

/* Explains what getopt_long() does not understand; GIVEN is ':' for a missing value, else '?'. */
static int explain_mistake(const struct command *command, char **argv, const struct option *longs,
                           int given)
{
    const char *word = argv[optind - 1];
    char letter[3] = {'-', (char)optopt, '\0'};
    bool is_long = optopt == 0 || optopt >= LONG_OPTION;
    const char *shown = is_long ? word : letter;
    if (given == ':')
        return usage(command, ": needs a value", shown);
    if (optopt >= LONG_OPTION)
        return usage(command, ": takes no value", shown);
    if (is_long && is_ambiguous(word + 2, longs))
        return usage(command, ": ambiguous; write more of the option's name", shown);
    return usage(command, ": no such option", shown);
}

static int explain_value(const char *name, const char *value, const char *value_error)
{
    struct buffer shown = {0};
    if (!strcmp(name, "endpoint"))
        url_add_shown(&shown, value);
    else
        buffer_add_text(&shown, value);
    message_error("%s \"%s\": %s", name, shown.data, value_error);
    buffer_free(&shown);
    return EXIT_USAGE;
}

/* Keeps a setting, after trying whether it can be set.  Returns -1 or an exit status. */
static int take_setting(struct parse *parse, const struct site_setting *setting, const char *value)
{
    struct site trial = {0};
    const char *error = site_set(&trial, setting->name, value);
    site_free(&trial);
    if (error)
        return explain_value(setting->name, value, error);
    parse->settings[parse->setting_count].name = setting->name;
    parse->settings[parse->setting_count++].value = value;
    return -1;
}

/* Returns -1 or an exit status. */
static int take_option(struct parse *parse, const struct option_row *option, const char *value)
{
    const struct command *command = parse->options->command;
    if (!option->handle) {
        if (option->letter == 'V')
            puts("awstats-cloudfront " VERSION);
        else
            print_help(parse->commands, command);
        return EXIT_DONE;
    }
    if (!has_option(command, option)) {
        char name[32];
        snprintf(name, sizeof name, "--%s", option->name);
        return usage(command, ": not an option of this command", name);
    }
    const char *error = option->handle(parse, value);
    return error ? explain_value(option->name, value, error) : -1;
}

/* The first operand is the command, all others are sources.  Returns -1 or an exit status. */
static int take_operand(struct parse *parse, char *word)
{
    struct options *options = parse->options;
    if (options->command) {
        options->sources[options->source_count++] = word;
        return -1;
    }
    if (!strcmp(word, "help")) {
        print_help(parse->commands, NULL);
        return EXIT_DONE;
    }
    for (const struct command *c = parse->commands; c->name; c++)
        if (!strcmp(c->name, word))
            options->command = c;
    return options->command ? -1 : usage(NULL, ": no such command", word);
}

/* Returns -1 or an exit status. */
static int parse_words(struct parse *parse, int argc, char **argv)
{
    struct option longs[OPTION_COUNT + SITE_SETTING_COUNT + 1];
    char letters[2 * OPTION_COUNT + 3];
    int given, status = -1;
    make_tables(longs, letters);
    opterr = 0;
    while (status < 0 && (given = getopt_long(argc, argv, letters, longs, NULL)) >= 0) {
        if (given == 1) {
            status = take_operand(parse, optarg);
        } else if (given == '?' || given == ':') {
            status = explain_mistake(parse->options->command, argv, longs, given);
        } else {
            size_t i = find_index(given);
            status = i < OPTION_COUNT
                         ? take_option(parse, &option_table[i], optarg)
                         : take_setting(parse, &site_settings[i - OPTION_COUNT], optarg);
        }
    }
    while (status < 0 && optind < argc)
        status = take_operand(parse, argv[optind++]);
    if (status < 0 && !parse->options->command)
        status = usage(NULL, "no command given", "");
    return status;
}

/* Reads the section that --site names.  Returns -1 or an exit status. */
static int read_site(struct options *options, const char *name)
{
    if (options->source_count)
        return usage(options->command, "give either --site or a SOURCE, not both", "");
    options->site_given =
        site_file_read(&options->site, options->config, name, &options->site_error) == 0;
    if (options->site_given || options->command->takes_site_error)
        return -1;
    message_error("%s", options->site_error.data);
    return EXIT_FAILED;
}

int options_parse(struct options *options, const struct command *commands, int argc, char **argv)
{
    *options = (struct options){.config = SITE_CONFIG_DEFAULT, .transfers = OPTIONS_TRANSFERS_MAX};
    if (argc == 2 && !strcmp(argv[1], "--print-manual-options")) {
        print_manual_list();
        return EXIT_DONE;
    }
    if (argc == 2 && !strcmp(argv[1], "--print-manual-settings")) {
        print_manual_settings();
        return EXIT_DONE;
    }
    struct parse parse = {.commands = commands, .options = options};
    options->sources = memory_allocate((size_t)argc + 1, sizeof *options->sources);
    parse.settings = memory_allocate((size_t)argc + 1, sizeof *parse.settings);
    int status = parse_words(&parse, argc, argv);
    if (status < 0 && parse.site)
        status = read_site(options, parse.site);
    for (size_t i = 0; status < 0 && i < parse.setting_count; i++)
        site_set(&options->site, parse.settings[i].name, parse.settings[i].value);
    free(parse.settings);
    return status;
}

void options_free(struct options *options)
{
    free(options->sources);
    site_free(&options->site);
    buffer_free(&options->site_error);
}
