/* Reads a configuration as Parse_Config of awstats.pl does. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "awstats/config.h"
#include "memory/allocate.h"

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

/* Removes a comment, which begins with "#" at the beginning of the line or after white space. */
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
    awstats_visit_setting *visit; /* NULL: none */
    void *user;
    const char *plugin;           /* the plugin to search for; NULL: none */
    bool has_plugin;              /* a value has named `plugin` */
    char *value;                  /* the last one of the setting `name` */
    struct awstats_place place;   /* of `value` */
    struct awstats_place comment; /* the last comment that would load `plugin`; line 0: none */
    char *missing;                /* the first file to include that cannot be opened; NULL: none */
    struct awstats_place missing_place;
};

static bool read_file(struct reading *reading, const char *path, int level);

static void read_included(struct reading *reading, const char *path, int level,
                          const struct awstats_place *place)
{
    struct buffer full = {0};
    if (*path != '/')
        buffer_printf(&full, "%s/", reading->directory);
    expand(&full, path);
    if (!read_file(reading, full.data, level + 1) && !reading->missing) {
        reading->missing = memory_copy_text(full.data);
        reading->missing_place = *place;
    }
    buffer_free(&full);
}

bool awstats_config_names_plugin(const char *value, const char *plugin)
{
    size_t size = strcspn(value, " \t"), wanted = strlen(plugin);
    size -= size > 3 && !strncasecmp(value + size - 3, ".pm", 3) ? 3 : 0;
    return size >= wanted && !strncmp(value + size - wanted, plugin, wanted) &&
           (size == wanted || strchr("/\\", value[size - wanted - 1]));
}

/* Takes a line NAME=VALUE apart, with or without quotes around the value.  Returns false for any other line. */
static bool split_setting(char *line, char **name, char **value)
{
    char *equals = strchr(line, '=');
    if (!equals)
        return false;
    *equals = '\0';
    *name = trim(line);
    *value = trim(equals + 1);
    *value += **value == '"';
    size_t size = strlen(*value);
    if (size > 1 && !strcmp(*value + size - 2, "\";"))
        size -= 2;
    else if (size && (*value)[size - 1] == '"')
        size--;
    (*value)[size] = '\0';
    return true;
}

static void read_setting(struct reading *reading, char *line, const struct awstats_place *place)
{
    char *name, *value;
    cut_comment(line);
    if (!split_setting(line, &name, &value) ||
        strncmp(name, reading->name, strlen(reading->name)) != 0)
        return;
    struct buffer expanded = {0};
    expand(&expanded, value);
    if (reading->visit)
        reading->visit(reading->user, name, expanded.data);
    free(reading->value);
    reading->value = expanded.data;
    reading->place = *place;
    reading->has_plugin |= reading->plugin && expanded.data &&
                           awstats_config_names_plugin(expanded.data, reading->plugin);
}

/* Reads a comment, which may be a setting behind "#", such as # LoadPlugin="NAME". */
static void read_comment(struct reading *reading, char *line, const struct awstats_place *place)
{
    char *name, *value;
    line += strspn(line, "# \t");
    cut_comment(line);
    if (reading->plugin && split_setting(line, &name, &value) && !strcmp(name, reading->name) &&
        awstats_config_names_plugin(value, reading->plugin))
        reading->comment = *place;
}

/* Reads a file with the files that it includes.  Returns false when the file cannot be opened, or is too deep. */
static bool read_file(struct reading *reading, const char *path, int level)
{
    struct awstats_place place = {.line = 0};
    FILE *file = level <= AWSTATS_INCLUDES_MAX ? fopen(path, "re") : NULL;
    char *line = NULL;
    size_t capacity = 0;
    snprintf(place.path, sizeof place.path, "%s", path);
    while (file && getline(&line, &capacity, file) >= 0) {
        place.line++;
        const char *include = included(line);
        if (include)
            read_included(reading, include, level, &place);
        else if (line[strspn(line, " \t")] == '#')
            read_comment(reading, line, &place);
        else
            read_setting(reading, line, &place);
    }
    free(line);
    if (file)
        fclose(file);
    return file;
}

static void free_reading(struct reading *reading)
{
    free(reading->value);
    free(reading->missing);
}

void awstats_place_add(struct buffer *out, const struct awstats_place *place)
{
    buffer_add_text(out, place->path);
    if (place->line)
        buffer_printf(out, ":%u", place->line);
}

char *awstats_config_get_place(const struct awstats_config *config, const char *name,
                               struct awstats_place *place)
{
    struct reading reading = {.directory = config->directory, .name = name};
    read_file(&reading, config->path, 1);
    char *value = reading.value;
    reading.value = NULL;
    *place = reading.place;
    if (!value)
        snprintf(place->path, sizeof place->path, "%s", config->path);
    free_reading(&reading);
    return value;
}

char *awstats_config_get(const struct awstats_config *config, const char *name)
{
    struct awstats_place place;
    return awstats_config_get_place(config, name, &place);
}

void awstats_config_visit(const struct awstats_config *config, awstats_visit_setting *visit,
                          void *user)
{
    struct reading reading = {
        .directory = config->directory, .name = "", .visit = visit, .user = user};
    read_file(&reading, config->path, 1);
    free_reading(&reading);
}

/* Reads all lines LoadPlugin, to find the plugin.  The caller calls free_reading(). */
static struct reading read_plugins(const struct awstats_config *config, const char *plugin)
{
    struct reading reading = {
        .directory = config->directory, .name = "LoadPlugin", .plugin = plugin};
    read_file(&reading, config->path, 1);
    return reading;
}

bool awstats_config_loads(const struct awstats_config *config, const char *plugin)
{
    struct reading reading = read_plugins(config, plugin);
    free_reading(&reading);
    return reading.has_plugin;
}

bool awstats_config_has_comment(const struct awstats_config *config, const char *plugin,
                                struct awstats_place *place)
{
    struct reading reading = read_plugins(config, plugin);
    free_reading(&reading);
    *place = reading.comment;
    return place->line;
}

char *awstats_config_missing(const struct awstats_config *config, struct awstats_place *place)
{
    struct reading reading = {.directory = config->directory, .name = "LogFile"};
    read_file(&reading, config->path, 1);
    char *missing = reading.missing;
    reading.missing = NULL;
    *place = reading.missing_place;
    free_reading(&reading);
    return missing;
}
