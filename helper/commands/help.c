/* help: prints the section of the manual about a command or another topic. */
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "config/option_table.h"
#include "manual/topics.h"
#include "text/buffer.h"
#include "text/message.h"
#include "text/nearest.h"

enum { WIDTH = 80 };

static bool is_command(const struct options *options, const char *name)
{
    for (const struct command *c = options->commands; c->name; c++)
        if (!strcmp(c->name, name))
            return true;
    return false;
}

/* Prints the names of all topics that are not commands. */
static void print_topics(const struct options *options)
{
    size_t column = WIDTH;
    fputs("\nTopics, for awstats-cloudfront help TOPIC:", stdout);
    for (const struct topic *t = manual_topics; t->name; t++) {
        size_t size = strlen(t->name);
        if (is_command(options, t->name))
            continue;
        column += 1 + size;
        if (column >= WIDTH) {
            fputs("\n ", stdout);
            column = 2 + size;
        }
        printf(" %s", t->name);
    }
    putchar('\n');
}

/* Returns the topic whose name is the beginning of NAMES, up to a space. */
static const struct topic *find_part(const char *names)
{
    size_t size = strcspn(names, " ");
    const struct topic *t = manual_topics;
    while (t->name && (strncmp(t->name, names, size) != 0 || t->name[size]))
        t++;
    return t;
}

/* Prints the topic's text.  A section without a text of its own, which has only its heading, has all its text in its
 * parts: prints these. */
static void print_topic(const struct topic *topic)
{
    bool has_text = strstr(topic->text, "\n ");
    fputs(topic->text, stdout);
    for (const char *name = topic->parts; !has_text && *name; name += strspn(name, " ")) {
        putchar('\n');
        fputs(find_part(name)->text, stdout);
        name += strcspn(name, " ");
    }
    if (has_text && *topic->parts)
        printf("\nParts, for awstats-cloudfront help TOPIC: %s\n", topic->parts);
}

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

/* Adds the name of a topic, made from the words of the command line: "exit status" and "Exit-Status" become
 * exit-status. */
static void join_words(struct buffer *name, const struct options *options)
{
    for (size_t i = 0; i < options->source_count; i++) {
        if (i)
            buffer_add_text(name, "-");
        for (const char *s = options->sources[i]; *s; s++) {
            char byte = *s == ' ' || *s == '_' ? '-' : lower(*s);
            buffer_add(name, &byte, 1);
        }
    }
    buffer_add(name, "", 0);
}

/* Whether one of the words of NAME begins with WORD: exit-status has status and stat. */
static bool has_word(const char *name, const char *word)
{
    size_t size = strlen(word);
    for (; size; name++) {
        if (!strncmp(name, word, size))
            return true;
        name = strchr(name, '-');
        if (!name)
            break;
    }
    return false;
}

/* Returns the topic NAME, or the only topic that has NAME as a word.  Otherwise returns NULL, and stores how many
 * topics have the word. */
static const struct topic *find_topic(const char *name, size_t *count)
{
    const struct topic *found = NULL;
    *count = 0;
    for (const struct topic *t = manual_topics; t->name; t++)
        if (!strcmp(t->name, name))
            return t;
    for (const struct topic *t = manual_topics; t->name; t++)
        if (has_word(t->name, name)) {
            found = t;
            ++*count;
        }
    return *count == 1 ? found : NULL;
}

static void explain_unknown(const char *name, size_t count)
{
    struct buffer text = {0};
    struct nearest nearest = {.word = name};
    for (const struct topic *t = manual_topics; t->name; t++) {
        nearest_try(&nearest, t->name);
        if (count && has_word(t->name, name))
            buffer_printf(&text, "%s%s", text.size ? ", " : "", t->name);
    }
    if (count)
        message_error("help: %s: several topics have this word: %s", name, text.data);
    else if (nearest.name)
        message_error("help: %s: no such topic; did you mean %s? All topics: awstats-cloudfront "
                      "help",
                      name, nearest.name);
    else
        message_error("help: %s: no such topic; all topics: awstats-cloudfront help", name);
    buffer_free(&text);
}

int command_help(const struct options *options)
{
    struct buffer name = {0};
    size_t count;
    join_words(&name, options);
    const struct topic *topic = find_topic(name.data, &count);
    if (!options->source_count) {
        option_print_help(options->commands, NULL);
        print_topics(options);
    } else if (topic) {
        print_topic(topic);
    } else {
        explain_unknown(name.data, count);
    }
    buffer_free(&name);
    return topic || !options->source_count ? EXIT_DONE : EXIT_USAGE;
}
