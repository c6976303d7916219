#include "config/option_hints.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/option_table.h"
#include "config/site_command.h"
#include "config/site_file.h"
#include "memory/allocate.h"
#include "text/nearest.h"

static void add_question(struct buffer *text, const char *dashes, const struct nearest *nearest)
{
    if (nearest->name)
        buffer_printf(text, "; did you mean %s%s?", dashes, nearest->name);
}

void hint_command(struct buffer *text, const struct command *commands, const char *word)
{
    struct nearest nearest = {.word = word};
    for (const struct command *c = commands; c->name; c++)
        nearest_try(&nearest, c->name);
    add_question(text, "", &nearest);
}

void hint_option(struct buffer *text, const struct command *command, const char *word)
{
    char *name = memory_copy_bytes(word, strcspn(word, "="));
    struct nearest nearest = {.word = name};
    for (const struct site_setting *s = site_settings; s->name; s++)
        if (!s->is_option && !strcmp(s->name, name)) {
            buffer_printf(text, "; %s is a setting of the configuration file alone", name);
            free(name);
            return;
        }
    for (const struct option_row *o = option_table; o->name; o++)
        if (option_is_of(o, command))
            nearest_try(&nearest, o->name);
    for (const struct site_setting *s = site_settings; s->name; s++)
        if (s->is_option)
            nearest_try(&nearest, s->name);
    add_question(text, "--", &nearest);
    free(name);
}

/* Adds the separator before item INDEX of COUNT. */
static void add_separator(struct buffer *text, size_t index, size_t count)
{
    buffer_add_text(text, !index ? "" : index + 1 < count ? ", " : " and ");
}

void hint_commands_with(struct buffer *text, const struct command *commands, const char *name)
{
    const struct option_row *option = option_find(name);
    size_t count = 0, index = 0;
    for (const struct command *c = commands; c->name; c++)
        count += option_is_of(option, c);
    for (const struct command *c = commands; c->name; c++)
        if (option_is_of(option, c)) {
            buffer_add_text(text, index ? "" : "; ");
            add_separator(text, index++, count);
            buffer_add_text(text, c->name);
        }
    if (count)
        buffer_add_text(text, count > 1 ? " have this option" : " has this option");
}

/* Returns the names of the sites, or NULL after an error; the caller frees them with
 * site_file_free_names(). */
static char **read_sites(const char *config)
{
    struct buffer error = {0};
    char **names = site_file_names(config, &error);
    buffer_free(&error);
    return names;
}

void hint_sites(struct buffer *text, const char *config)
{
    char **names = read_sites(config);
    size_t count = 0;
    while (names && names[count])
        count++;
    if (count)
        buffer_printf(text, count > 1 ? "; the sites of %s are " : "; the site of %s is ", config);
    for (size_t i = 0; i < count; i++) {
        add_separator(text, i, count);
        buffer_add_text(text, names[i]);
    }
    site_file_free_names(names);
}

/* Adds the command line for the site, in quotes. */
static void add_command(struct buffer *text, const struct options *options, const char *site)
{
    buffer_add_text(text, "\"");
    site_command_add_named(text, options->config, site, options->command->name);
    buffer_add_text(text, "\"");
}

/* Adds a hint if an operand is the name of a site, or similar to one.  Returns whether it is. */
static bool explain_site(struct buffer *text, const struct options *options, const char *operand)
{
    char **names = read_sites(options->config);
    struct nearest nearest = {.word = operand};
    for (char **name = names; name && *name; name++)
        nearest_try(&nearest, *name);
    bool is_site = nearest.name && !nearest.distance;
    if (is_site)
        buffer_printf(text, "%s is a site of %s, and not a file or directory; run ", operand,
                      options->config);
    else if (nearest.name)
        buffer_printf(text, "%s: no such file or directory; for the site %s, run ", operand,
                      nearest.name);
    if (nearest.name)
        add_command(text, options, nearest.name);
    bool is_near = nearest.name;
    site_file_free_names(names);
    return is_near;
}

/* Whether the source can only be a file in the working folder, and does not exist. */
static bool is_missing(const char *source)
{
    return site_kind(source) == SITE_PATH && !strchr(source, '/') && access(source, F_OK) < 0;
}

bool hint_operands(struct buffer *text, const struct options *options)
{
    enum command_flags flags = options->command->flags;
    if (flags & (COMMAND_TAKES_OPERANDS | COMMAND_TAKES_REST))
        return true;
    for (size_t i = 0; i < options->source_count; i++) {
        const char *operand = options->sources[i];
        const char *error = site_source_error(operand);
        if (error)
            buffer_printf(text, "%s: %s", operand, error);
        else if (is_missing(operand) && explain_site(text, options, operand))
            ;
        else if (!(flags & COMMAND_TAKES_SOURCES))
            buffer_printf(text,
                          "%s: this command takes no SOURCE; %s"
                          "see awstats-cloudfront %s --help",
                          operand,
                          flags & (COMMAND_NEEDS_SITE | COMMAND_TAKES_SITES)
                              ? "name sites with --site NAME; "
                              : "",
                          options->command->name);
        if (text->size)
            return false;
    }
    return true;
}
