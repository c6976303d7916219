#include "config/site_command.h"

#include <string.h>

#include "text/shell_word.h"

void site_command_add_named(struct buffer *line, const char *config, const char *name,
                            const char *command)
{
    buffer_printf(line, "awstats-cloudfront %s", command);
    if (strcmp(config, SITE_CONFIG_DEFAULT) != 0) {
        buffer_add_text(line, " --config=");
        shell_word_add(line, config);
    }
    buffer_add_text(line, " --site=");
    shell_word_add(line, name);
}

void site_command_add(struct buffer *line, const struct site *site, const char *command,
                      const char *option, const char *value)
{
    site_command_add_named(line, site->config ? site->config : SITE_CONFIG_DEFAULT, site->name,
                           command);
    if (value) {
        buffer_printf(line, " %s", option);
        shell_word_add(line, value);
    }
}

char *site_command(const struct site *site, const char *command)
{
    struct buffer line = {0};
    site_command_add(&line, site, command, NULL, NULL);
    return line.data;
}
