#include "commands/setup_ask.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/check_step.h"
#include "memory/allocate.h"
#include "setup/names.h"
#include "text/message.h"

enum { ALIASES_MAX = 50 }; /* names that HostAliases gets from the logs */

static bool is_in(const struct buffer *list, const char *host)
{
    size_t size = strlen(host);
    for (const char *s = list->size ? list->data : ""; (s = strstr(s, host)); s += size)
        if ((s == list->data || s[-1] == ' ') && (s[size] == ' ' || !s[size]))
            return true;
    return false;
}

static void add(struct buffer *list, const char *host)
{
    if (!is_in(list, host))
        buffer_printf(list, "%s%s", list->size ? " " : "", host);
}

/* Adds the host names of the logs, except the distribution's own name, which the plugin adds. */
static void add_seen(struct buffer *list, const struct look *look)
{
    size_t added = 0;
    for (size_t i = 0; i < look->count; i++) {
        if (setup_is_distribution(look->hosts[i].name))
            continue;
        if (added++ < ALIASES_MAX)
            add(list, look->hosts[i].name);
    }
    if (added > ALIASES_MAX)
        check_say("warn", "hosts",
                  "%zu host names are in the newest logs, and HostAliases gets only the %d with "
                  "the most records; for names such as *.example.com write "
                  "HostAliases=\"REGEX[\\.example\\.com$]\"",
                  added, ALIASES_MAX);
}

/* Copies a host's name in lower case, without white space around it.  Returns false when TEXT is not such a
 * name. */
static bool copy_host(struct buffer *out, const char *text)
{
    buffer_clear(out);
    text += strspn(text, " \t");
    size_t size = strcspn(text, " \t\n");
    for (size_t i = 0; i < size; i++) {
        char c = (char)tolower((unsigned char)text[i]);
        buffer_add(out, &c, 1);
    }
    return !text[size + strspn(text + size, " \t\n")] && size &&
           setup_is_host(out->data, out->size);
}

/* Takes the names of --domain.  Returns an exit status. */
static int take_given(struct names *names, const struct options *options)
{
    struct buffer host = {0};
    int status = EXIT_DONE;
    for (size_t i = 0; i < options->domain_count && status == EXIT_DONE; i++) {
        if (!copy_host(&host, options->domains[i])) {
            message_error("--domain \"%s\": not a host name; give a name such as www.example.com",
                          options->domains[i]);
            status = EXIT_USAGE;
        } else if (i == 0) {
            buffer_add(&names->site_domain, host.data, host.size);
        }
        if (status == EXIT_DONE)
            add(&names->aliases, host.data);
    }
    buffer_free(&host);
    return status;
}

/* ---- questions --------------------------------------------------------------------------------- */

/* Prints a question, and reads a line.  Returns false at the end of the input. */
static bool ask(const char *question, const char *preset, char **line, size_t *capacity)
{
    printf(*preset ? "%s [%s]: " : "%s: ", question, preset);
    fflush(stdout);
    if (getline(line, capacity, stdin) < 0) {
        putchar('\n');
        return false;
    }
    (*line)[strcspn(*line, "\n")] = '\0';
    return true;
}

static bool ask_domain(struct names *names, const char *preset)
{
    char *line = NULL;
    size_t capacity = 0;
    bool found = false, goes_on = true;
    while (!found && goes_on) {
        goes_on = ask("SiteDomain, the main name that visitors see", preset, &line, &capacity);
        if (goes_on && !(found = copy_host(&names->site_domain, *line ? line : preset)))
            puts("This is not a host name such as www.example.com.");
    }
    free(line);
    return found;
}

/* Adds all hosts of a line.  Returns false when a word is not the name of a host. */
static bool add_line(struct buffer *list, char *line)
{
    struct buffer host = {0};
    bool are_hosts = true;
    for (char *word; are_hosts && (word = strsep(&line, " \t"));)
        if (*word && (are_hosts = copy_host(&host, word)))
            add(list, host.data);
    buffer_free(&host);
    return are_hosts;
}

static bool ask_aliases(struct names *names, const char *preset)
{
    char *line = NULL;
    size_t capacity = 0;
    bool found = false, goes_on = true;
    while (!found && goes_on) {
        buffer_clear(&names->aliases);
        add(&names->aliases, names->site_domain.data);
        goes_on = ask(
            *preset ? "HostAliases, its other names, a space between; type none if it has no others"
                    : "HostAliases, its other names, a space between, or Enter for none",
            preset, &line, &capacity);
        char *answer = goes_on && !*line ? memory_copy_text(preset) : NULL;
        if (goes_on)
            found = !strcmp(line, "none") || add_line(&names->aliases, answer ? answer : line);
        if (goes_on && !found)
            puts("These are not host names with a space between.");
        free(answer);
    }
    free(line);
    return found;
}

static int ask_person(struct names *names, const struct look *look)
{
    struct buffer seen = {0}, others = {0};
    add_seen(&seen, look);
    putchar('\n');
    bool answered = ask_domain(names, look->count ? look->hosts[0].name : "");
    char *rest = seen.data;
    for (char *host; answered && (host = strsep(&rest, " "));)
        if (strcmp(host, names->site_domain.data) != 0)
            add(&others, host);
    answered = answered && ask_aliases(names, others.size ? others.data : "");
    buffer_free(&seen);
    buffer_free(&others);
    if (answered)
        return EXIT_DONE;
    message_error("no answer, so nothing was made; give the names with --domain HOST");
    return EXIT_FAILED;
}

/* ---- all --------------------------------------------------------------------------------------- */

int names_find(struct names *names, const struct options *options, const struct look *look)
{
    if (options->domain_count) {
        int status = take_given(names, options);
        if (status == EXIT_DONE)
            add_seen(&names->aliases, look);
        return status;
    }
    if (!options->yes && !options->dry_run && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        return ask_person(names, look);
    if (!look->count) {
        message_error("the newest logs name no host, so nothing was made; give the main host name "
                      "of the site with --domain HOST");
        return EXIT_FAILED;
    }
    if (!options->yes && !options->dry_run) {
        message_error("there is no terminal to ask for the host names; give --yes to take those of "
                      "the newest logs, %s first, or --domain HOST",
                      look->hosts[0].name);
        return EXIT_USAGE;
    }
    buffer_add_text(&names->site_domain, look->hosts[0].name);
    add(&names->aliases, look->hosts[0].name);
    add_seen(&names->aliases, look);
    return EXIT_DONE;
}

void names_free(struct names *names)
{
    buffer_free(&names->site_domain);
    buffer_free(&names->aliases);
}
