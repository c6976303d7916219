#include "config/environment_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/site.h"
#include "memory/allocate.h"
#include "text/ini.h"
#include "text/message.h"

enum { FILES = 2 };

/* Makes the path of a file: NUMBER 0 is the file of all sites, 1 the file of the site. */
static void make_path(struct buffer *path, size_t number, const char *site)
{
    int size = (int)(strlen(SITE_CONFIG_DEFAULT) - strlen(".conf"));
    buffer_clear(path);
    buffer_printf(path, "%.*s.%s%senv", size, SITE_CONFIG_DEFAULT, number ? site : "",
                  number ? "." : "");
}

static bool has_files(const char *config, const char *site)
{
    return !strcmp(config, SITE_CONFIG_DEFAULT) && !strchr(site, '/');
}

static bool add_variable(void *user, const struct ini_line *line)
{
    struct buffer *list = user;
    const char *value = line->value;
    size_t size = value ? strlen(value) : 0;
    if (!value || strncmp(line->name, "AWS_", 4))
        return true;
    if (size > 1 && (*value == '"' || *value == '\'') && value[size - 1] == *value) {
        value++;
        size -= 2;
    }
    buffer_printf(list, "%s=%.*s\n", line->name, (int)size, value);
    return true;
}

void environment_file_add(struct buffer *list, const char *config, const char *site)
{
    struct buffer path = {0};
    unsigned line;
    for (size_t i = 0; i < FILES && has_files(config, site); i++) {
        make_path(&path, i, site);
        ini_read(path.data, add_variable, list, &line);
    }
    buffer_free(&path);
}

/* Sets the variable of a line NAME=VALUE, unless the environment has it already. */
static void set_variable(const char *line, size_t size)
{
    char *name = memory_copy_bytes(line, size), *value = strchr(name, '=');
    *value++ = '\0';
    setenv(name, value, 0);
    free(name);
}

void environment_file_take(const char *config, const char *site)
{
    struct buffer list = {0};
    environment_file_add(&list, config, site);
    /* From the last line backwards, since a later line has precedence over an earlier one. */
    for (size_t end = list.size; end;) {
        size_t start = --end;
        while (start && list.data[start - 1] != '\n')
            start--;
        set_variable(list.data + start, end - start);
        end = start;
    }
    buffer_free(&list);
    char *closed = environment_file_find_closed(config, site);
    if (closed)
        message_verbose("%s: this user may not read this file, which only root and systemd do",
                        closed);
    free(closed);
}

char *environment_file_find_closed(const char *config, const char *site)
{
    struct buffer path = {0};
    bool is_closed = false;
    for (size_t i = 0; i < FILES && !is_closed && has_files(config, site); i++) {
        make_path(&path, i, site);
        is_closed = access(path.data, R_OK) < 0 && errno == EACCES;
    }
    char *found = is_closed ? memory_copy_text(path.data) : NULL;
    buffer_free(&path);
    return found;
}
