/* Reads a configuration as Parse_Config of awstats.pl does. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "awstats/config.h"
#include "memory/allocate.h"

enum { INCLUDES_MAX = 10 }; /* levels, as in awstats.pl */

/* Adds TEXT, with the value of the environment variable NAME in place of each __NAME__. */
static void expand(struct buffer *out, const char *text)
{
    const char *start, *end;
    while ((start = strstr(text, "__")) && start[2] && (end = strstr(start + 3, "__"))) {
        char *name = memory_copy_bytes(start + 2, (size_t)(end - start - 2));
        const char *value = getenv(name);
        buffer_add(out, text, (size_t)(start - text));
        buffer_add_text(out, value ? value : "");
        free(name);
        text = end + 2;
    }
    buffer_add_text(out, text);
}

/* Removes white space at both ends.  Returns the new beginning. */
static char *trim(char *text)
{
    size_t size = strlen(text);
    while (size && isspace((unsigned char)text[size - 1]))
        text[--size] = '\0';
    return text + strspn(text, " \t\r\n\v\f");
}

/* Removes a comment, which begins with "#" at the begin of the line or after white space. */
static void cut_comment(char *line)
{
    for (char *p = strchr(line, '#'); p; p = strchr(p + 1, '#'))
        if (p == line || isspace((unsigned char)p[-1])) {
            *p = '\0';
            return;
        }
}

/* Include "PATH"
 * #include "PATH"
 * Returns the path; NULL when the line is anything else. */
static char *included(char *line)
{
    static const char *const forms[] = {"Include \"", "#include \""};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t size = strlen(forms[i]);
        char *end = strncmp(line, forms[i], size) ? NULL : strchr(line + size, '"');
        if (!end)
            continue;
        *end = '\0';
        return line + size;
    }
    return NULL;
}

struct reading {
    const char *directory, *name;
    const char *plugin; /* NULL: no plugin is searched */
    bool has_plugin;    /* a value has named `plugin` */
    char *value;        /* the last one of the setting `name` */
};

static void read_file(struct reading *reading, const char *path, int level);

static void read_included(struct reading *reading, const char *path, int level)
{
    struct buffer full = {0};
    if (*path != '/')
        buffer_printf(&full, "%s/", reading->directory);
    expand(&full, path);
    read_file(reading, full.data, level + 1);
    buffer_free(&full);
}

/* Whether a value of LoadPlugin, such as "plugins/NAME.pm PARAMETER", names a plugin. */
static bool names_plugin(const char *value, const char *plugin)
{
    size_t size = strcspn(value, " \t"), wanted = strlen(plugin);
    size -= size > 3 && !strncasecmp(value + size - 3, ".pm", 3) ? 3 : 0;
    return size >= wanted && !strncmp(value + size - wanted, plugin, wanted) &&
           (size == wanted || strchr("/\\", value[size - wanted - 1]));
}

/* Reads a line NAME=VALUE, with or without quotes around the value. */
static void read_setting(struct reading *reading, char *line)
{
    cut_comment(line);
    char *value = strchr(line, '=');
    if (!value)
        return;
    *value++ = '\0';
    if (strncmp(trim(line), reading->name, strlen(reading->name)))
        return;
    value = trim(value);
    value += *value == '"';
    size_t size = strlen(value);
    if (size > 1 && !strcmp(value + size - 2, "\";"))
        size -= 2;
    else if (size && value[size - 1] == '"')
        size--;
    value[size] = '\0';
    struct buffer expanded = {0};
    expand(&expanded, value);
    free(reading->value);
    reading->value = expanded.data;
    reading->has_plugin |=
        reading->plugin && expanded.data && names_plugin(expanded.data, reading->plugin);
}

static void read_file(struct reading *reading, const char *path, int level)
{
    FILE *file = level <= INCLUDES_MAX ? fopen(path, "re") : NULL;
    char *line = NULL;
    size_t capacity = 0;
    while (file && getline(&line, &capacity, file) >= 0) {
        const char *include = included(line);
        if (include)
            read_included(reading, include, level);
        else
            read_setting(reading, line);
    }
    free(line);
    if (file)
        fclose(file);
}

char *awstats_config_get(const struct awstats_config *config, const char *name)
{
    struct reading reading = {.directory = config->directory, .name = name};
    read_file(&reading, config->path, 1);
    return reading.value;
}

bool awstats_config_loads(const struct awstats_config *config, const char *plugin)
{
    struct reading reading = {
        .directory = config->directory, .name = "LoadPlugin", .plugin = plugin};
    read_file(&reading, config->path, 1);
    free(reading.value);
    return reading.has_plugin;
}
