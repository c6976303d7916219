#include "commands/setup_remove.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/check_step.h"
#include "setup/new_file.h"
#include "setup/report_file.h"
#include "setup/section.h"
#include "setup/timer.h"
#include "text/by_number.h"
#include "text/message.h"

/* Returns the word printed before a thing that is removed, or would be. */
static const char *word(const struct setup_site *setup)
{
    return setup->options->dry_run ? "take" : "gone";
}

static bool remove_timer(const struct setup_site *setup, struct buffer *error)
{
    struct buffer name = {0};
    bool done = true;
    if (geteuid() == 0 && !setup->place.is_own && timer_is_there() &&
        timer_is_enabled(setup->name)) {
        timer_add_name(&name, setup->name);
        done = setup->options->dry_run || timer_disable(setup->name, error);
        if (done)
            check_say(word(setup), "timer", "%s", name.data);
    }
    buffer_free(&name);
    return done;
}

/* Replaces the configuration file by TEXT, or removes the file if TEXT is empty. */
static bool rewrite_config(const struct setup_site *setup, const struct buffer *text,
                           struct buffer *error)
{
    struct new_file file;
    if (text->size)
        return new_file_write(&file, setup->place.config, text->data, text->size, 0600, 0, error) &&
               new_file_keep(&file, error);
    if (unlink(setup->place.config) == 0)
        return true;
    buffer_printf(error, "%s: %s", setup->place.config, strerrordesc_np(errno));
    return false;
}

static bool remove_section(const struct setup_site *setup, struct buffer *error)
{
    const char *config = setup->place.config, *name = setup->name;
    struct buffer text = {0};
    bool done = true;
    buffer_add(&text, setup->config.size ? setup->config.data : "", setup->config.size);
    enum section_state state = section_find(&text, name, true);
    if (state == SECTION_UNCHANGED) {
        done = setup->options->dry_run || rewrite_config(setup, &text, error);
        if (done)
            check_say(word(setup), "configuration",
                      text.size ? "%s, section [%s]" : "%s, all of it", config, name);
    } else if (setup->has_section) {
        check_say("left", "configuration", "%s, section [%s]: %s", config, name,
                  state == SECTION_CHANGED
                      ? "somebody has changed it since setup wrote it; remove it by hand"
                      : "setup has not written it; remove it by hand if nobody needs it");
    }
    buffer_free(&text);
    return done;
}

/* Removes the AWStats configuration, whose text is TEXT, unless somebody has changed it. */
static bool remove_report(const struct setup_site *setup, const struct buffer *text,
                          struct buffer *error)
{
    const char *report = setup->place.report;
    enum report_file_state state = report_file_find(text);
    if (state != REPORT_FILE_UNCHANGED) {
        check_say("left", "report", "%s: %s", report,
                  state == REPORT_FILE_CHANGED
                      ? "somebody has changed it since setup wrote it; remove it by hand"
                      : "setup has not written it; remove it by hand if nobody needs it");
        return true;
    }
    if (!setup->options->dry_run && unlink(report) < 0) {
        buffer_printf(error, "%s cannot be removed: %s", report, strerrordesc_np(errno));
        return false;
    }
    check_say(word(setup), "report", "%s", report);
    return true;
}

/* Removes the empty folders of a list, from the last one to the first. */
static void remove_folders(const struct setup_site *setup, struct buffer *list)
{
    while (list->size) {
        list->data[--list->size] = '\0';
        char *line = strrchr(list->data, '\n');
        char *path = line ? line + 1 : list->data;
        if (setup->options->dry_run)
            check_say(word(setup), "folder", "%s, if it is empty", path);
        else if (rmdir(path) == 0)
            check_say(word(setup), "folder", "%s", path);
        else if (errno != ENOENT)
            check_say("left", "folder", "%s: %s", path,
                      errno == ENOTEMPTY || errno == EEXIST ? "it is not empty"
                                                            : strerrordesc_np(errno));
        list->size = line ? (size_t)(path - list->data) : 0;
    }
}

/* awstatsMMYYYY.NAME.txt, or with a day or an hour before MM.  Returns whether FILE is such a file
 * of the site. */
static bool is_history(const char *file, const char *name)
{
    static const char begin[] = "awstats";
    size_t size = strlen(file),
           digits = strspn(file + (strncmp(file, begin, 7) ? size : 7), "0123456789");
    struct buffer end = {0};
    buffer_printf(&end, ".%s.txt", name);
    bool is_one = digits >= 6 && !strcmp(file + 7 + digits, end.data);
    buffer_free(&end);
    return is_one;
}

static void print_left(const struct setup_site *setup)
{
    const struct place *place = &setup->place;
    DIR *folder = opendir(place->history);
    const struct dirent *entry;
    size_t count = 0;
    while (folder && (entry = readdir(folder)))
        count += is_history(entry->d_name, setup->name);
    if (folder)
        closedir(folder);
    if (access(place->ledger, F_OK) == 0)
        check_say("left", "ledger",
                  "%s: this file knows what was counted; delete it if the site is gone for good",
                  place->ledger);
    if (count)
        check_say("left", "history",
                  "%s: %zu %s awstats*.%s.txt, the figures of the reports; remove them if nobody "
                  "needs the reports",
                  place->history, count, by_number(count, "file", "files"), setup->name);
}

/* Removes everything that setup has made.  Returns false with one line in ERROR. */
static bool remove_all(const struct setup_site *setup, struct buffer *error)
{
    struct buffer report = {0}, folders = {0}, copy = {0};
    buffer_add(&copy, setup->config.size ? setup->config.data : "", setup->config.size);
    int found = setup->has_report ? file_read(&report, setup->place.report, error) : 0;
    bool is_ours = section_find(&copy, setup->name, false) != SECTION_NOT_MARKED ||
                   report_file_find(&report) != REPORT_FILE_NOT_MARKED;
    if (found >= 0 && !is_ours)
        buffer_printf(error,
                      "setup has made nothing for the site %s, so nothing is removed: setup has "
                      "written neither a section of %s for it, nor %s",
                      setup->name, setup->place.config, setup->place.report);
    if (is_ours && report_file_find(&report) == REPORT_FILE_UNCHANGED)
        report_file_get_folders(&report, &folders);
    bool done = found >= 0 && is_ours && remove_timer(setup, error) &&
                remove_section(setup, error) && (!found || remove_report(setup, &report, error));
    if (done) {
        print_left(setup);
        remove_folders(setup, &folders);
    }
    buffer_free(&report);
    buffer_free(&folders);
    buffer_free(&copy);
    return done;
}

int setup_remove(const struct setup_site *setup)
{
    struct buffer error = {0};
    bool is_locked = false, done = false;
    int lock = -1;
    bool changes_nothing = setup->options->dry_run || (!setup->has_config && !setup->has_report);
    if (changes_nothing)
        done = remove_all(setup, &error);
    else if (place_is_writable(&setup->place, &error) &&
             (lock = place_lock(&setup->place, &is_locked, &error)) >= 0)
        done = remove_all(setup, &error);
    if (lock >= 0)
        close(lock);
    if (!done)
        message_error("%s", error.data);
    buffer_free(&error);
    return done ? EXIT_DONE : is_locked ? EXIT_RUNNING : EXIT_FAILED;
}
