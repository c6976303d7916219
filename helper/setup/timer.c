#include "setup/timer.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "files/run_command.h"
#include "files/temporary.h"
#include "text/ini.h"
#include "text/shell_word.h"

enum { OUTPUT_MAX = 1024 };

/* The folders of systemd's system units, from systemd.unit(5). */
static const char *const unit_folders[] = {
    "/etc/systemd/system",     "/run/systemd/system", "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system", "/lib/systemd/system",
};

/* Stores the path of a unit's file in the first folder that has one. */
static bool find_unit(char path[PATH_MAX], const char *name)
{
    for (size_t i = 0; i < sizeof unit_folders / sizeof *unit_folders; i++) {
        snprintf(path, PATH_MAX, "%s/%s", unit_folders[i], name);
        if (access(path, R_OK) == 0)
            return true;
    }
    return false;
}

bool timer_is_there(void)
{
    char path[PATH_MAX];
    return access("/run/systemd/system", F_OK) == 0 && /* sd_booted(3) */
           find_unit(path, "awstats-cloudfront@.timer");
}

static bool take_user(void *user, const struct ini_line *line)
{
    if (line->value && !strcmp(line->name, "User"))
        snprintf(user, ACCOUNT_NAME_SIZE, "%s", line->value);
    return true;
}

void timer_find_user(char user[ACCOUNT_NAME_SIZE])
{
    char path[PATH_MAX];
    unsigned line;
    *user = '\0';
    if (find_unit(path, "awstats-cloudfront@.service"))
        ini_read(path, take_user, user, &line);
}

void timer_add_name(struct buffer *out, const char *name)
{
    buffer_printf(out, "awstats-cloudfront@%s.timer", name);
}

/* Adds the first line of the file FD. */
static void add_first_line(struct buffer *out, int fd)
{
    char text[OUTPUT_MAX];
    ssize_t size = pread(fd, text, sizeof text - 1, 0);
    text[size > 0 ? size : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    buffer_add_text(out, *text ? text : "it printed no error message");
}

/* Runs systemctl with VERB and OPTION for the timer of the site NAME. */
static bool systemctl(const char *verb, const char *option, const char *name, struct buffer *error)
{
    struct buffer unit = {0};
    int fd = temporary_open(temporary_directory());
    timer_add_name(&unit, name);
    char *words[] = {"systemctl", (char *)verb, (char *)option, unit.data, NULL};
    int status = fd < 0 ? -1 : run_command(words, -1, fd, fd);
    if (status < 0) {
        buffer_printf(error, "\"systemctl %s %s\" cannot be started: %s", verb, unit.data,
                      strerrordesc_np(errno));
    } else if (status > 0) {
        buffer_printf(error, "\"systemctl %s %s %s\" failed: ", verb, option, unit.data);
        add_first_line(error, fd);
    }
    if (fd >= 0)
        close(fd);
    buffer_free(&unit);
    return status == 0;
}

bool timer_is_enabled(const char *name)
{
    struct buffer ignored = {0};
    bool enabled = systemctl("is-enabled", "--quiet", name, &ignored);
    buffer_free(&ignored);
    return enabled;
}

bool timer_enable(const char *name, struct buffer *error)
{
    return systemctl("enable", "--now", name, error);
}

bool timer_disable(const char *name, struct buffer *error)
{
    return systemctl("disable", "--now", name, error);
}

/* Adds a word of a crontab's command, with "\" before "%", which would end the command. */
static void add_word(struct buffer *out, const char *word)
{
    struct buffer quoted = {0};
    shell_word_add(&quoted, word);
    for (const char *c = quoted.data; *c; c++)
        buffer_printf(out, "%s%c", *c == '%' ? "\\" : "", *c);
    buffer_free(&quoted);
}

void timer_add_cron_line(struct buffer *out, const char *program, const char *name,
                         const char *config, const struct account *owner)
{
    unsigned minute = 0;
    for (const char *s = name; *s; s++)
        minute = (minute * 31 + (unsigned char)*s) % 60;
    buffer_printf(out, "%u * * * *", minute);
    if (owner)
        buffer_printf(out, " %s", owner->name);
    buffer_add_text(out, " ");
    add_word(out, program);
    buffer_printf(out, " update --quiet --site %s", name);
    if (config) {
        buffer_add_text(out, " --config ");
        add_word(out, config);
    }
}
