#include "commands/setup_make.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "awstats/config.h"
#include "commands/check_step.h"
#include "config/site_file.h"
#include "files/folders.h"
#include "memory/allocate.h"
#include "setup/changes.h"
#include "setup/new_file.h"
#include "setup/report_file.h"
#include "setup/section.h"
#include "setup/shipped.h"
#include "setup/timer.h"
#include "text/file_error.h"

enum { CONFIG_MODE = 0640, REPORT_MODE = 0644, FOLDER_MODE = 0755, DATA_FOLDER_MODE = 0750 };

/* ---- the plan ---------------------------------------------------------------------------------- */

/* Returns whether the plugin finds the program without a path in its configuration. */
static bool is_usual_program(const char *program)
{
    return !strcmp(program, "/usr/bin/awstats-cloudfront") ||
           !strcmp(program, "/usr/local/bin/awstats-cloudfront");
}

static bool has_white_space(const char *text)
{
    return text[strcspn(text, " \t")];
}

static bool make_report(struct setup_plan *plan, const struct setup_site *setup,
                        const struct names *names, bool is_streaming, struct buffer *error)
{
    const struct place *place = &setup->place;
    char include[PATH_MAX], program[PATH_MAX];
    if (!shipped_find(include,
                      is_streaming ? "cloudfront-streaming.conf" : "cloudfront-download.conf",
                      error))
        return false;
    bool names_program = shipped_program(program) && !is_usual_program(program);
    if (place->is_own && has_white_space(place->config)) {
        buffer_printf(error,
                      "%s: this path has white space, which AWStats does not accept in LoadPlugin; "
                      "choose a --config FILE whose path has no white space",
                      place->config);
        return false;
    }
    if (!awstats_config_takes_path(place->report, error))
        return false;
    const struct report_file file = {
        .name = setup->name,
        .include = include,
        .config = place->is_own ? place->config : NULL,
        .program = names_program && !has_white_space(program) ? program : NULL,
        .site_domain = names->site_domain.data,
        .aliases = names->aliases.data,
        .history = place->history,
        .folders = plan->folders.size ? plan->folders.data : "",
        .is_streaming = is_streaming,
    };
    report_file_add(&plan->report, &file);
    return true;
}

/* Makes the lines of the section.  The section names the AWStats configuration if AWStats would not find it, and
 * awstats.pl if the command line names one. */
static void make_section(struct setup_plan *plan, const struct setup_site *setup)
{
    buffer_add(&plan->section, setup->settings.data, setup->settings.size);
    if ((setup->place.is_own || setup->options->config_folder) &&
        site_find_setting("awstats-config") >= 0)
        buffer_printf(&plan->section, "awstats-config = %s\n", setup->place.report);
    if (setup->options->awstats && site_find_setting("awstats") >= 0) {
        char *program = place_absolute(setup->options->awstats);
        buffer_printf(&plan->section, "awstats = %s\n", program);
        free(program);
    }
}

bool setup_plan_make(struct setup_plan *plan, const struct setup_site *setup,
                     const struct names *names, bool is_streaming, struct buffer *error)
{
    place_add_missing(&setup->place, &plan->folders);
    if (!setup->has_section)
        make_section(plan, setup);
    plan->timer = setup_has_timer(setup) && !timer_is_enabled(setup->name);
    return setup->has_report || make_report(plan, setup, names, is_streaming, error);
}

bool setup_has_timer(const struct setup_site *setup)
{
    return geteuid() == 0 && !setup->place.is_own && !setup->options->no_timer && timer_is_there();
}

bool setup_plan_is_empty(const struct setup_plan *plan)
{
    return !plan->section.size && !plan->report.size && !plan->folders.size && !plan->timer;
}

void setup_plan_print(const struct setup_plan *plan, const struct setup_site *setup)
{
    struct buffer section = {0}, timer = {0};
    size_t before = setup->config.size;
    buffer_add(&section, setup->config.size ? setup->config.data : "", before);
    if (plan->section.size) {
        section_append(&section, setup->name, plan->section.data);
        printf("# %s%s\n%s\n", setup->place.config, before ? ", added at its end:" : ":",
               section.data + before);
    }
    if (plan->report.size)
        printf("# %s:\n%s\n", setup->place.report, plan->report.data);
    const char *line = plan->folders.size ? plan->folders.data : "";
    for (; *line; line += strcspn(line, "\n") + 1)
        printf("# the folder %.*s\n", (int)strcspn(line, "\n"), line);
    timer_add_name(&timer, setup->name);
    if (plan->timer)
        printf("# the timer %s, enabled\n", timer.data);
    printf("# The user %s runs the updates.\n", setup->place.account.name);
    buffer_free(&section);
    buffer_free(&timer);
}

void setup_plan_free(struct setup_plan *plan)
{
    buffer_free(&plan->section);
    buffer_free(&plan->report);
    buffer_free(&plan->folders);
}

/* ---- the files --------------------------------------------------------------------------------- */

/* Returns whether a setting of the AWStats configuration has this value. */
static bool is_value(const struct awstats_config *config, const char *name, const char *value)
{
    char *found = awstats_config_get(config, name);
    bool is_same = found && !strcmp(found, value);
    free(found);
    return is_same;
}

/* Returns whether AWStats would read the right LogFile and DirData from the new file. */
static bool is_report(const struct setup_site *setup, const struct new_file *file)
{
    struct awstats_config config = {0};
    struct buffer log_file = {0};
    strncpy(config.path, file->beside, sizeof config.path - 1);
    strncpy(config.directory, setup->place.folder, sizeof config.directory - 1);
    buffer_printf(&log_file, "site:%s", setup->name);
    bool is_same = is_value(&config, "LogFile", log_file.data) &&
                   is_value(&config, "DirData", setup->place.history);
    buffer_free(&log_file);
    return is_same;
}

static bool write_report(const struct setup_plan *plan, const struct setup_site *setup,
                         struct changes *changes, struct buffer *error)
{
    struct new_file file;
    const struct buffer *text = &plan->report;
    if (!new_file_write(&file, setup->place.report, text->data, text->size, REPORT_MODE, 0, error))
        return false;
    if (is_report(setup, &file))
        return changes_keep_file(changes, &file, NULL, error);
    buffer_printf(error,
                  "%s: a path has characters that mean something else to AWStats (__ or #); "
                  "choose other names for the folders",
                  setup->place.report);
    new_file_drop(&file);
    return false;
}

/* Returns whether the section can be read from the new file, whose text is TEXT, with the right settings.  Stores in
 * REASON why the section itself is an error. */
static bool is_section(const struct setup_plan *plan, const struct setup_site *setup,
                       const struct new_file *file, const struct buffer *text,
                       struct buffer *reason)
{
    struct site site = {0};
    struct buffer lines = {0};
    bool is_same = site_file_read(&site, file->beside, setup->name, reason) == 0;
    section_read(&lines, text, setup->name);
    is_same = is_same && !strcmp(lines.data, plan->section.data);
    site_free(&site);
    buffer_free(&lines);
    return is_same;
}

static bool write_section(const struct setup_plan *plan, const struct setup_site *setup,
                          struct changes *changes, struct buffer *error)
{
    struct new_file file;
    struct buffer now = {0}, text = {0}, reason = {0};
    bool done = false;
    int found = file_read(&now, setup->place.config, error);
    if (found < 0)
        goto out;
    if (now.size != setup->config.size ||
        (now.size && memcmp(now.data, setup->config.data, now.size) != 0)) {
        buffer_printf(error,
                      "%s was changed by somebody else at the same time; run the command "
                      "again",
                      setup->place.config);
        goto out;
    }
    buffer_add(&text, now.size ? now.data : "", now.size);
    section_append(&text, setup->name, plan->section.data);
    if (!new_file_write(&file, setup->place.config, text.data, text.size, CONFIG_MODE,
                        setup->place.account.group, error))
        goto out;
    size_t beside_size = strlen(file.beside);
    if (is_section(plan, setup, &file, &text, &reason)) {
        done = changes_keep_file(changes, &file, found ? &now : NULL, error);
    } else if (reason.size > beside_size && !memcmp(reason.data, file.beside, beside_size)) {
        buffer_printf(error, "%s%s", setup->place.config, reason.data + beside_size);
        new_file_drop(&file);
    } else {
        new_file_drop(&file);
        buffer_printf(error,
                      "%s: this file cannot store SOURCE or the value of an option, because it "
                      "begins or ends with white space or quotes, or has a ; after white space; "
                      "choose another value",
                      setup->place.config);
    }
out:
    buffer_free(&reason);
    buffer_free(&now);
    buffer_free(&text);
    return done;
}

/* ---- all ---------------------------------------------------------------------------------------- */

static bool make_data_folders(const struct place *place, struct changes *changes,
                              struct buffer *error)
{
    char *ledger_folder = folders_above(place->ledger);
    bool done =
        changes_make_folder(changes, ledger_folder, DATA_FOLDER_MODE, &place->account, error) &&
        changes_make_folder(changes, place->history, DATA_FOLDER_MODE, &place->account, error) &&
        (!place->pages ||
         changes_make_folder(changes, place->pages, FOLDER_MODE, &place->account, error));
    free(ledger_folder);
    return done;
}

static bool enable_timer(const struct setup_site *setup, struct buffer *error)
{
    struct buffer ignored = {0};
    bool done = timer_enable(setup->name, error);
    if (!done)
        timer_disable(setup->name, &ignored); /* the timer may be enabled, but not started */
    buffer_free(&ignored);
    return done;
}

/* Makes all files and folders, in an order that allows to repeat a killed run: the AWStats configuration has the list
 * of the folders that are made after it.  The folder of the configuration file must exist. */
static bool make(const struct setup_plan *plan, const struct setup_site *setup,
                 struct changes *changes, struct buffer *error)
{
    return changes_make_folder(changes, setup->place.folder, FOLDER_MODE, NULL, error) &&
           (!plan->report.size || write_report(plan, setup, changes, error)) &&
           make_data_folders(&setup->place, changes, error) &&
           (!plan->section.size || write_section(plan, setup, changes, error)) &&
           (!plan->timer || enable_timer(setup, error));
}

static void print_made(const struct setup_plan *plan, const struct setup_site *setup)
{
    const struct place *place = &setup->place;
    struct buffer timer = {0};
    const char *line = plan->folders.size ? plan->folders.data : "";
    for (size_t size; *line; line += size + 1) {
        char owner[ACCOUNT_NAME_SIZE];
        size = strcspn(line, "\n");
        char *folder = memory_copy_bytes(line, size);
        account_name_owner(owner, folder);
        check_say("made", "folder", "%s, of the user %s", folder, owner);
        free(folder);
    }
    check_say(plan->report.size ? "made" : "kept", "report", "%s", place->report);
    check_say(plan->section.size ? "made" : "kept", "configuration", "%s, section [%s]",
              place->config, setup->name);
    timer_add_name(&timer, setup->name);
    if (setup_has_timer(setup))
        check_say(plan->timer ? "made" : "kept", "timer", "%s", timer.data);
    check_say("ok", "user", "%s runs the updates", place->account.name);
    buffer_free(&timer);
}

/* Undoes the changes, and adds this before the error, which may end with a command to run. */
static void undo(struct changes *changes, struct buffer *error)
{
    struct buffer left = {0}, text = {0};
    changes_undo(changes, &left);
    if (!left.size) {
        buffer_add_text(&text, "nothing was made: ");
    } else {
        left.data[--left.size] = '\0';
        for (char *s = left.data; (s = strchr(s, '\n'));)
            *s = ' ';
        buffer_printf(&text,
                      "setup has failed, and could not take back these changes, remove them by "
                      "hand: %s; the error was: ",
                      left.data);
    }
    buffer_add(&text, error->data, error->size);
    buffer_free(error);
    *error = text;
    buffer_free(&left);
}

int setup_make(const struct setup_plan *plan, const struct setup_site *setup, struct buffer *error)
{
    struct changes changes = {0};
    char *folder = folders_above(setup->place.config);
    sigset_t ending, before;
    bool is_locked = false, done = false;
    int lock = -1;
    sigemptyset(&ending);
    for (size_t i = 0; i < 4; i++)
        sigaddset(&ending, ((const int[]){SIGHUP, SIGINT, SIGQUIT, SIGTERM})[i]);
    sigprocmask(SIG_BLOCK, &ending, &before); /* complete or undo the changes before the end */
    done = changes_make_folder(&changes, folder, FOLDER_MODE, NULL, error) &&
           (lock = place_lock(&setup->place, &is_locked, error)) >= 0 &&
           make(plan, setup, &changes, error);
    if (done)
        print_made(plan, setup);
    else
        undo(&changes, error);
    if (lock >= 0)
        close(lock);
    changes_free(&changes);
    sigprocmask(SIG_SETMASK, &before, NULL);
    free(folder);
    return done ? EXIT_DONE : is_locked ? EXIT_RUNNING : EXIT_FAILED;
}
