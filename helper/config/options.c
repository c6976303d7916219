#include "config/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "normalized/batch_id.h"
#include "text/message.h"
#include "text/url.h"
#include "version.h"

#define TEXT_OF(number)   #number
#define NUMBER_TEXT(name) TEXT_OF(name)

struct parse {
    const struct command *commands;
    struct options *options;
    const char *site; /* --site */
    struct {
        const char *name, *value;
    } * settings; /* --region and so on, to be set over the section's */
    size_t setting_count;
};

typedef const char *handler(struct parse *, const char *value); /* NULL, or what is wrong */

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
        return "must be a number from 1 to " NUMBER_TEXT(OPTIONS_TRANSFERS_MAX);
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

static const struct option {
    const char *name;
    char letter;          /* 0: only the long form */
    const char *only;     /* the commands that have it, a space between; NULL: all */
    const char *argument; /* NULL: takes none */
    const char *help;
    handler *handle; /* NULL: --help and --version, which end the program */
} option_table[] = {
    {"site", 's', NULL, "NAME", "the section of the configuration file to work on", set_site},
    {"to", 't', "fetch", "DIR", "the directory to copy into; made when missing", set_to},
    {"batch", 'b', "commit", "ID", "the batch to commit, as its log's #Batch line has it",
     set_batch},
    {"previous", 'p', "commit", "ID",
     "the last batch that the history of AWStats has of the site, - for none; without --batch, "
     "ledger and history are accepted as they are",
     set_previous},
    {"full", 'f', "cat", NULL, "list all of a site's source, and not only where new objects can be",
     set_full},
    {"json", 'J', "status", NULL, "write JSON, an object for each site", set_json},
    {"wait", 'w', "cat commit", "SECONDS", "wait so long for another run of the site to end",
     set_wait},
    {"jobs", 'j', "cat fetch commit check", "N",
     "objects to transfer at once, 1 to " NUMBER_TEXT(OPTIONS_TRANSFERS_MAX) " (the default)",
     set_jobs},
    {"config", 'c', NULL, "FILE", "the configuration file (default " SITE_CONFIG_DEFAULT ")",
     set_config},
    {"verbose", 'v', NULL, NULL, "say what is being done", set_verbose},
    {"quiet", 'q', NULL, NULL, "say nothing but errors", set_quiet},
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

static bool has_option(const struct command *command, const struct option *option)
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
    for (const struct option *o = option_table; o->name; o++)
        if (has_option(command, o))
            print_option(o->name, o->letter, o->argument, o->help);
    puts("\nSettings, over those of the site's section:");
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
        "\nExit status: 0 done, 1 failed, 2 wrong usage, 3 another run is at work here."
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

/* The OPTIONS and SETTINGS lists of the manual, in mdoc; asked for by the Makefile. */
static void print_manual_list(void)
{
    puts(".Bl -tag -width Ds");
    for (const struct option *o = option_table; o->name; o++) {
        printf(".It Fl %c , Fl \\-%s%s%s\n%s.\n", o->letter, o->name, o->argument ? " Ar " : "",
               o->argument ? o->argument : "", o->help);
        print_manual_commands(o->only);
    }
    for (const struct site_setting *s = site_settings; s->name; s++)
        if (s->is_option)
            printf(".It Fl \\-%s Ar %s\nThe setting\n.Cm %s ,\nsee\n.Sx CONFIGURATION .\n", s->name,
                   s->argument, s->name);
    puts(".El");
}

static void print_manual_settings(void)
{
    puts(".Bl -tag -width Ds");
    for (const struct site_setting *s = site_settings; s->name; s++)
        printf(".It Cm %s No = Ar %s\n%s.\n", s->name, s->argument, s->help);
    puts(".El");
}

static const struct option *find_option(const char *name, size_t size)
{
    for (const struct option *o = option_table; o->name; o++)
        if (strlen(o->name) == size && !memcmp(o->name, name, size))
            return o;
    return NULL;
}

static const struct option *find_letter(char letter)
{
    for (const struct option *o = option_table; o->name; o++)
        if (o->letter == letter)
            return o;
    return NULL;
}

static const struct site_setting *find_setting(const char *name, size_t size)
{
    for (const struct site_setting *s = site_settings; s->name; s++)
        if (s->is_option && strlen(s->name) == size && !memcmp(s->name, name, size))
            return s;
    return NULL;
}

static int usage(const struct command *command, const char *what, const char *which)
{
    message_error("%s%s; see awstats-cloudfront %s%s--help", which, what,
                  command ? command->name : "", command ? " " : "");
    return EXIT_USAGE;
}

/* Handles argv[i], an option, and its value.  Returns -1 and moves *i over it, or an exit status.
 */
static int parse_option(struct parse *parse, int argc, char **argv, int *i)
{
    const struct command *command = parse->options->command;
    const char *word = argv[*i], *value = NULL;
    const struct option *option;
    const struct site_setting *setting = NULL;
    if (word[1] == '-') {
        size_t size = strcspn(word + 2, "=");
        if (word[2 + size])
            value = word + 2 + size + 1;
        option = find_option(word + 2, size);
        if (!option)
            setting = find_setting(word + 2, size);
    } else {
        option = find_letter(word[1]);
        if (word[2])
            value = word + 2;
    }
    if (!option && !setting)
        return usage(command, ": no such option", word);
    if (option && option->handle == NULL) {
        if (option->letter == 'V')
            puts("awstats-cloudfront " VERSION);
        else
            print_help(parse->commands, command);
        return EXIT_DONE;
    }
    if (option && !has_option(command, option))
        return usage(command, ": not an option of this command", word);
    if (option && !option->argument) {
        if (value)
            return usage(command, ": takes no value", word);
    } else if (!value && !(value = argv[++*i < argc ? *i : argc])) {
        return usage(command, ": needs a value", word);
    }
    const char *wrong = NULL;
    if (option)
        wrong = option->handle(parse, value);
    else {
        struct site trial = {0};
        wrong = site_set(&trial, setting->name, value);
        site_free(&trial);
        parse->settings[parse->setting_count].name = setting->name;
        parse->settings[parse->setting_count++].value = value;
    }
    if (wrong) {
        struct buffer shown = {0};
        if (setting && !strcmp(setting->name, "endpoint"))
            url_add_shown(&shown, value);
        else
            buffer_add_text(&shown, value);
        message_error("%s \"%s\": %s", option ? option->name : setting->name,
                      shown.failed ? "" : shown.data, wrong);
        buffer_free(&shown);
        return EXIT_USAGE;
    }
    return -1;
}

static int parse_words(struct parse *parse, int argc, char **argv)
{
    struct options *options = parse->options;
    bool only_operands = false;
    for (int i = 1; i < argc; i++) {
        if (!only_operands && !strcmp(argv[i], "--")) {
            only_operands = true;
        } else if (!only_operands && argv[i][0] == '-' && argv[i][1]) {
            int status = parse_option(parse, argc, argv, &i);
            if (status >= 0)
                return status;
        } else if (!options->command) {
            if (!strcmp(argv[i], "help")) {
                print_help(parse->commands, NULL);
                return EXIT_DONE;
            }
            for (const struct command *c = parse->commands; c->name; c++)
                if (!strcmp(c->name, argv[i]))
                    options->command = c;
            if (!options->command)
                return usage(NULL, ": no such command", argv[i]);
        } else {
            options->sources[options->source_count++] = argv[i];
        }
    }
    if (!options->command)
        return usage(NULL, "no command given", "");
    return -1;
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
    options->sources = calloc((size_t)argc + 1, sizeof *options->sources);
    parse.settings = calloc((size_t)argc + 1, sizeof *parse.settings);
    int status = EXIT_FAILED;
    if (!options->sources || !parse.settings) {
        message_error("out of memory");
        goto out;
    }
    status = parse_words(&parse, argc, argv);
    if (status >= 0)
        goto out;
    if (parse.site) {
        if (options->source_count) {
            status = usage(options->command, "give either --site or a SOURCE, not both", "");
            goto out;
        }
        bool is_said = options->command->says_site_problem;
        if (is_said)
            message_divert(&options->site_problem);
        options->site_given = site_read(&options->site, options->config, parse.site) == 0;
        message_divert(NULL);
        if (!options->site_given) {
            status = is_said && options->site_problem.size ? -1 : EXIT_FAILED;
            goto out;
        }
    }
    for (size_t i = 0; i < parse.setting_count; i++)
        site_set(&options->site, parse.settings[i].name, parse.settings[i].value);
out:
    free(parse.settings);
    return status;
}

void options_free(struct options *options)
{
    free(options->sources);
    site_free(&options->site);
    buffer_free(&options->site_problem);
}
