#include "commands/setup_remove.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/check_step.h"
#include "files/folders.h"
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

/* What a file of the folder is for the site. */
enum kind { KIND_NONE, KIND_MAIN, KIND_OTHER };

typedef enum kind find_kind(const char *file, const char *name);

/* awstatsMMYYYY.NAME.txt, or with a day or an hour before MM, is a history file of the site; locks, backups, replaced
 * files and those of an update that was interrupted are others.  Names of other sites may begin with NAME and a dot. */
static enum kind find_history_kind(const char *file, const char *name)
{
    static const char begin[] = "awstats";
    static const char *const others[] = {".txt.gz", ".txt.replaced-", ".bak", ".tmp.",
                                         ".cloudfront"};
    size_t size = strlen(name);
    if (strncmp(file, begin, 7) != 0)
        return KIND_NONE;
    size_t digits = strspn(file + 7, "0123456789");
    const char *end = file + 7 + digits;
    if (*end != '.' || strncmp(end + 1, name, size) != 0)
        return KIND_NONE;
    end += 1 + size;
    if (digits >= 6 && !strcmp(end, ".txt"))
        return KIND_MAIN;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        size_t length = strlen(others[i]);
        if (!strncmp(end, others[i], length) && !strstr(end + length, ".txt") &&
            !strstr(end + length, ".cloudfront"))
            return KIND_OTHER;
    }
    return KIND_NONE;
}

/* NAME is the ledger.  Its lock, the files that SQLite keeps beside it, those of request IDs and the replaced ones are
 * others. */
static enum kind find_ledger_kind(const char *file, const char *name)
{
    static const char *const others[] = {"-wal",  "-shm",       "-journal",   ".lock",
                                         ".plan", ".requests-", ".replaced-", ".restore"};
    size_t size = strlen(name);
    if (strncmp(file, name, size) != 0)
        return KIND_NONE;
    if (!file[size])
        return KIND_MAIN;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strncmp(file + size, others[i], strlen(others[i])))
            return KIND_OTHER;
    return KIND_NONE;
}

/* Returns how many files of the folder PATH are of the kind KIND_MAIN, and adds the names of others to NAMES: " NAME NAME".
 */
static size_t find_files(struct buffer *names, const char *path, const char *name, find_kind *find)
{
    struct dirent **entries = NULL;
    size_t count = 0;
    int entry_count = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < entry_count; i++) {
        enum kind kind = find(entries[i]->d_name, name);
        count += kind == KIND_MAIN;
        if (kind == KIND_OTHER)
            buffer_printf(names, " %s", entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return count;
}

static void print_left_ledger(const char *ledger)
{
    struct buffer others = {0};
    char *folder = folders_above(ledger);
    const char *slash = strrchr(ledger, '/'), *name = slash ? slash + 1 : ledger;
    if (find_files(&others, folder, name, find_ledger_kind))
        check_say(
            "left", "ledger",
            "%s: this file knows what was counted; delete it%s%s if the site is gone for good",
            ledger, others.size ? ", and beside it" : "", others.size ? others.data : "");
    else if (others.size)
        check_say("left", "ledger", "%s: what is left of a ledger that is gone; delete:%s", folder,
                  others.data);
    buffer_free(&others);
    free(folder);
}

static void print_left_history(const char *folder, const char *name)
{
    struct buffer others = {0};
    size_t count = find_files(&others, folder, name, find_history_kind);
    if (count)
        check_say("left", "history",
                  "%s: %zu %s awstats??????.%s.txt, the figures of the reports%s%s; remove them if "
                  "nobody needs the reports",
                  folder, count, by_number(count, "file", "files"), name,
                  others.size ? ", and beside them" : "", others.size ? others.data : "");
    else if (others.size)
        check_say("left", "history", "%s: what is left of updates; remove:%s", folder, others.data);
    buffer_free(&others);
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
        print_left_ledger(setup->place.ledger);
        print_left_history(setup->place.history, setup->name);
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
