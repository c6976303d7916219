#include "config/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/environment_file.h"
#include "config/option_hints.h"
#include "config/option_table.h"
#include "config/site_file.h"
#include "memory/allocate.h"
#include "text/message.h"
#include "text/url.h"
#include "version.h"

/* Prints one line: WORD, ERROR, HINT (NULL: none), and how to get help.  Frees HINT.  Returns the exit status. */
static int usage_with_hint(const struct command *command, const char *error, const char *word,
                           struct buffer *hint)
{
    bool is_question = hint && hint->size && hint->data[hint->size - 1] == '?';
    message_error("%s%s%s%s awstats-cloudfront %s%s--help", word, error,
                  hint && hint->size ? hint->data : "", is_question ? " See" : "; see",
                  command ? command->name : "", command ? " " : "");
    if (hint)
        buffer_free(hint);
    return EXIT_USAGE;
}

static int usage(const struct command *command, const char *error, const char *word)
{
    return usage_with_hint(command, error, word, NULL);
}

/* ---- the parser ----------------------------------------------------------------------------- */

enum {
    /* getopt_long() returns this plus an index for a long option: first all options, then all
     * settings. */
    LONG_OPTION = 256,
    LONG_MAX_COUNT = OPTION_MAX + SITE_SETTING_COUNT + 1
};

/* Fills in getopt's table of long options from ours: those of COMMAND, so that no option of another command makes a
 * shortened one ambiguous; NULL: all. */
static void make_longs(struct option longs[LONG_MAX_COUNT], const struct command *command)
{
    size_t count = 0;
    bool takes_settings = !command || command->flags & COMMAND_USES_SOURCE;
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *o = &option_table[i];
        int argument = option_value_may_be_missing(o) ? optional_argument
                       : o->argument                  ? required_argument
                                                      : no_argument;
        if (option_is_of(o, command))
            longs[count++] = (struct option){o->name, argument, NULL, LONG_OPTION + (int)i};
    }
    for (size_t i = 0; takes_settings && i < SITE_SETTING_COUNT; i++) {
        const struct option_row *same = option_find(site_settings[i].name);
        if (site_settings[i].is_option && (!same || !option_is_of(same, command)))
            longs[count++] = (struct option){site_settings[i].name, required_argument, NULL,
                                             LONG_OPTION + (int)(option_count + i)};
    }
    longs[count] = (struct option){0};
}

/* Fills in getopt's list of letters, those of all commands. */
static void make_letters(char letters[3 * OPTION_MAX + 3])
{
    *letters++ = '-'; /* return operands in their order */
    *letters++ = ':'; /* return ':' for a missing value */
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *o = &option_table[i];
        bool is_optional = option_value_may_be_missing(o);
        if (o->letter)
            *letters++ = o->letter;
        if (o->letter && o->argument)
            *letters++ = ':';
        if (o->letter && is_optional)
            *letters++ = ':';
    }
    *letters = '\0';
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

/* Returns how many of the options in LONGS could be NAME, shortened, perhaps with =VALUE.  FOUND gets them, the only one
 * if NAME is not shortened. */
static size_t find_longs(const struct option *found[LONG_MAX_COUNT], const char *name,
                         const struct option *longs)
{
    size_t size = strcspn(name, "="), count = 0;
    for (; longs->name; longs++)
        if (!strncmp(longs->name, name, size)) {
            found[count++] = longs;
            if (!longs->name[size]) {
                *found = longs;
                return 1;
            }
        }
    return count;
}

/* Prints that WORD could be several options.  Returns the exit status. */
static int explain_ambiguous(const struct command *command, const char *word,
                             const struct option *const *found, size_t count)
{
    struct buffer names = {0};
    buffer_add_text(&names, ": ambiguous; write ");
    for (size_t i = 0; i < count; i++)
        buffer_printf(&names, "%s--%s", !i ? "" : i + 1 < count ? ", " : " or ", found[i]->name);
    int status = usage(command, names.data, word);
    buffer_free(&names);
    return status;
}

static int explain_setting(const struct command *command, const char *name)
{
    char word[64];
    snprintf(word, sizeof word, "--%s", name);
    return usage(
        command,
        ": a setting, which this command reads in the section of the site alone; write it there",
        word);
}

/* Prints that the option NAME is one of other commands.  Returns the exit status. */
static int explain_other_command(const struct parse *parse, const char *name)
{
    char word[64];
    struct buffer hint = {0};
    snprintf(word, sizeof word, "--%s", name);
    hint_commands_with(&hint, parse->commands, name);
    return usage_with_hint(parse->options->command, ": not an option of this command", word, &hint);
}

/* Prints why WORD, --NAME or --NAME=VALUE, is no option of the command.  Returns the exit status. */
static int explain_unknown(const struct parse *parse, const char *word)
{
    struct option all[LONG_MAX_COUNT];
    const struct option *found[LONG_MAX_COUNT];
    make_longs(all, NULL);
    if (find_longs(found, word + 2, all) == 1) {
        const char *name = found[0]->name;
        int setting = site_find_setting(name);
        return setting >= 0 && site_settings[setting].is_option
                   ? explain_setting(parse->options->command, name)
                   : explain_other_command(parse, name);
    }
    struct buffer hint = {0};
    hint_option(&hint, parse->options->command, word + 2);
    return usage_with_hint(parse->options->command, ": no such option", word, &hint);
}

/* Prints why getopt_long() rejects a word.  GIVEN is getopt_long()'s result: ':' for a missing value, or '?'.
 * Returns the exit status. */
static int explain_mistake(const struct parse *parse, char **argv, const struct option *longs,
                           int given)
{
    const struct command *command = parse->options->command;
    const struct option *found[LONG_MAX_COUNT];
    const char *word = argv[optind - 1];
    char letter[3] = {'-', (char)optopt, '\0'};
    bool is_long = optopt == 0 || optopt >= LONG_OPTION;
    const char *shown = is_long ? word : letter;
    if (given == ':')
        return usage(command, ": needs a value", shown);
    if (optopt >= LONG_OPTION)
        return usage(command, ": takes no value", shown);
    if (!is_long)
        return usage(command, ": no such option", shown);
    size_t count = find_longs(found, word + 2, longs);
    return count > 1 ? explain_ambiguous(command, word, found, count)
                     : explain_unknown(parse, word);
}

static int explain_value(const char *name, const char *value, const char *value_error)
{
    struct buffer shown = {0};
    if (!strcmp(name, "endpoint"))
        url_add_shown(&shown, value);
    else
        buffer_add_text(&shown, value);
    message_error("--%s \"%s\": %s", name, shown.data, value_error);
    buffer_free(&shown);
    return EXIT_USAGE;
}

/* Prints that an option is given twice, with different values.  Returns the exit status. */
static int explain_second(const struct command *command, const char *name, const char *first,
                          const char *second)
{
    struct buffer text = {0};
    buffer_printf(&text, ": given twice, as \"%s\" and as \"%s\"; give it once", first, second);
    char word[64];
    snprintf(word, sizeof word, "--%s", name);
    int status = usage(command, text.data, word);
    buffer_free(&text);
    return status;
}

/* Stores the value of the option or setting NAME in parse->values[I].  Returns -1, or an exit status if NAME was given
 * before with another value. */
static int keep_value(struct parse *parse, const char *name, size_t i, const char *value)
{
    const char *first = parse->values[i];
    parse->values[i] = value;
    if (!first || !strcmp(first, value))
        return -1;
    return explain_second(parse->options->command, name, first, value);
}

/* Stores a setting for later, if it can be set.  Returns -1 or an exit status. */
static int take_setting(struct parse *parse, const struct site_setting *setting, const char *value)
{
    size_t number = OPTION_MAX + (size_t)(setting - site_settings);
    int status = keep_value(parse, setting->name, number, value);
    if (status >= 0)
        return status;
    struct site trial = {0};
    const char *error = site_set(&trial, setting->name, value);
    site_free(&trial);
    if (error)
        return explain_value(setting->name, value, error);
    option_add_setting(parse->options, setting->name, value);
    return -1;
}

/* Takes an option of the command line.  Returns -1 or an exit status. */
static int take_option(struct parse *parse, const struct option_row *option, const char *value)
{
    const struct command *command = parse->options->command;
    if (!option->handle) {
        if (option->letter == 'V')
            puts("awstats-cloudfront " VERSION);
        else
            option_print_help(parse->commands, command);
        return EXIT_DONE;
    }
    int setting = site_find_setting(option->name);
    if (setting >= 0 && site_settings[setting].is_option &&
        (!command || !option_is_of(option, command)))
        return take_setting(parse, &site_settings[setting], value);
    if (!option_is_of(option, command))
        return explain_other_command(parse, option->name);
    int status =
        option_is_list(option)
            ? -1
            : keep_value(parse, option->name, (size_t)(option - option_table), value ? value : "");
    if (status >= 0)
        return status;
    const char *error = option->handle(parse, value);
    return error ? explain_value(option->name, value, error) : -1;
}

/* Takes an operand: the first one is the command, all others are sources.  Returns -1 or an exit status. */
static int take_operand(struct parse *parse, char *word)
{
    struct options *options = parse->options;
    if (options->command) {
        options->sources[options->source_count++] = word;
        return -1;
    }
    for (const struct command *c = parse->commands; c->name; c++)
        if (!strcmp(c->name, word))
            options->command = c;
    if (options->command)
        return -1;
    struct buffer hint = {0};
    hint_command(&hint, parse->commands, word);
    return usage_with_hint(NULL, ": no such command", word, &hint);
}

/* Takes the next word as the value of an option whose value may be missing, if the word is a number.  getopt_long()
 * itself takes only a value that is joined to the option.  Returns NULL when the next word is no number. */
static const char *take_number(int argc, char **argv)
{
    const char *word = optind < argc ? argv[optind] : "";
    if (!*word || word[strspn(word, "0123456789")])
        return NULL;
    optind++;
    return word;
}

/* Whether all words that follow are operands of the command. */
static bool takes_rest(const struct command *command)
{
    return command && command->flags & COMMAND_TAKES_REST;
}

/* Takes all words of the command line.  Returns -1 or an exit status. */
static int parse_words(struct parse *parse, int argc, char **argv)
{
    struct option longs[LONG_MAX_COUNT];
    char letters[3 * OPTION_MAX + 3];
    int given, status = -1;
    make_longs(longs, NULL);
    make_letters(letters);
    opterr = 0;
    while (status < 0 && !takes_rest(parse->options->command) &&
           (given = getopt_long(argc, argv, letters, longs, NULL)) >= 0) {
        if (given == 1) {
            bool is_first = !parse->options->command;
            status = take_operand(parse, optarg);
            if (is_first)
                make_longs(longs, parse->options->command);
        } else if (given == '?' || given == ':') {
            status = explain_mistake(parse, argv, longs, given);
        } else {
            size_t i = find_index(given);
            if (i >= option_count)
                status = take_setting(parse, &site_settings[i - option_count], optarg);
            else if (optarg || !option_value_may_be_missing(&option_table[i]))
                status = take_option(parse, &option_table[i], optarg);
            else
                status = take_option(parse, &option_table[i], take_number(argc, argv));
        }
    }
    if (status < 0 && takes_rest(parse->options->command) && optind < argc &&
        !strcmp(argv[optind], "--help"))
        status = take_option(parse, option_find("help"), NULL);
    while (status < 0 && optind < argc)
        status = take_operand(parse, argv[optind++]);
    if (status < 0 && !parse->options->command)
        status = usage(NULL, "no command given", "");
    return status;
}

/* Checks that the command has the site or the sources that it needs.  Returns -1 or an exit status. */
static int check_operands(const struct options *options, const char *site)
{
    const struct command *command = options->command;
    struct buffer text = {0};
    if (!hint_operands(&text, options)) {
        message_error("%s: %s", command->name, text.data);
        buffer_free(&text);
        return EXIT_USAGE;
    }
    if (site || options->source_count || !(command->flags & COMMAND_NEEDS_SITE))
        return -1;
    hint_sites(&text, options->config);
    return usage_with_hint(command,
                           command->flags & COMMAND_TAKES_SOURCES
                               ? ": needs --site NAME or a SOURCE"
                               : ": needs --site NAME",
                           command->name, &text);
}

/* Checks that the words of a command of one site do not name two sites.  Returns -1 or an exit status. */
static int check_one_site(const struct options *options)
{
    for (size_t i = 1; i < options->site_count; i++)
        if (!(options->command->flags & COMMAND_TAKES_SITES) &&
            strcmp(options->sites[0], options->sites[i]) != 0)
            return explain_second(options->command, "site", options->sites[0], options->sites[i]);
    return -1;
}

/* Reads the section that --site names.  Returns -1 or an exit status. */
static int read_site(struct options *options, const char *name)
{
    if (options->source_count && options->command->flags & COMMAND_TAKES_SOURCES)
        return usage(options->command, "give either --site or a SOURCE, not both", "");
    options->site_given =
        site_file_read(&options->site, options->config, name, &options->site_error) == 0;
    if (options->site_given)
        environment_file_take(options->config, name);
    if (options->site_given || options->command->flags & COMMAND_TAKES_SITE_ERROR)
        return -1;
    message_error("%s", options->site_error.data);
    return EXIT_FAILED;
}

/* Prints the names of all sites, one a line, for the completion of shells. */
static int print_sites(const char *config)
{
    struct buffer error = {0};
    char **names = site_file_names(config, &error);
    int status = names ? EXIT_DONE : EXIT_FAILED;
    for (char **name = names; name && *name; name++)
        puts(*name);
    site_file_free_names(names);
    buffer_free(&error);
    return status;
}

/* Checks that the command takes settings.  Any other one reads them in the section of a site alone, so that all runs of
 * the site have the same.  Returns -1 or an exit status. */
static int check_settings(const struct options *options)
{
    if (!options->setting_count || options->command->flags & COMMAND_USES_SOURCE)
        return -1;
    return explain_setting(options->command, options->settings[0].name);
}

/* Checks that --trusted-proxies has an effect.  Returns -1 or an exit status. */
static int check_proxies(const struct options *options)
{
    bool is_given = false;
    for (size_t i = 0; i < options->setting_count; i++)
        is_given |= !strcmp(options->settings[i].name, "trusted-proxies");
    if (!is_given || options->site_error.size ||
        options->site.client == SITE_CLIENT_X_FORWARDED_FOR)
        return -1;
    return usage(options->command,
                 ": needs --client x-forwarded-for, since c-ip is never the address behind a proxy",
                 "--trusted-proxies");
}

int options_parse(struct options *options, const struct command *commands, int argc, char **argv)
{
    *options = (struct options){
        .commands = commands, .config = SITE_CONFIG_DEFAULT, .transfers = OPTIONS_TRANSFERS_MAX};
    if (argc > 1 && !strcmp(argv[1], "--print-sites"))
        return print_sites(argc > 2 ? argv[2] : SITE_CONFIG_DEFAULT);
    struct parse parse = {.commands = commands, .options = options};
    options->sources = memory_allocate((size_t)argc + 1, sizeof *options->sources);
    options->settings = memory_allocate((size_t)argc + 1, sizeof *options->settings);
    options->sites = memory_allocate((size_t)argc + 1, sizeof *options->sites);
    int status = parse_words(&parse, argc, argv);
    if (status < 0)
        status = check_one_site(options);
    if (status < 0)
        status = check_settings(options);
    if (status < 0)
        status = check_operands(options, parse.site);
    if (status < 0 && parse.site && !(options->command->flags & COMMAND_TAKES_SITES))
        status = read_site(options, parse.site);
    for (size_t i = 0; status < 0 && i < options->setting_count; i++)
        site_set(&options->site, options->settings[i].name, options->settings[i].value);
    return status < 0 ? check_proxies(options) : status;
}

void options_free(struct options *options)
{
    free(options->sources);
    free(options->sites);
    free(options->settings);
    free(options->months);
    free(options->domains);
    site_free(&options->site);
    buffer_free(&options->site_error);
}
