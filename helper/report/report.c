#include "report/report.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/folders.h"
#include "memory/allocate.h"
#include "report/history.h"
#include "report/icons.h"
#include "report/index.h"
#include "report/made.h"
#include "report/month.h"
#include "report/page.h"
#include "report/web_file.h"
#include "text/file_error.h"
#include "text/hex.h"
#include "text/progress.h"
#include "version.h"

/* The report of a site that is being made. */
struct work {
    const struct report_options *options;
    struct report_result *result;
    struct buffer *error;
    struct buffer path; /* of the site's folder */
    int all, site;      /* the folders: of all sites, and of the site */
    struct made made;
    struct month_maker *maker;
};

/* Adds the reason (errno) why a file or folder cannot be written. */
static bool fail(struct work *work, const char *path)
{
    int number = errno;
    buffer_printf(work->error, "%s cannot be written: ", path);
    file_error_add(work->error, path, "", number);
    return false;
}

/* ---- folders -------------------------------------------------------------------------------- */

/* Opens the folder of all sites, copies the icons, and opens and locks the folder of the site. */
static bool open_folders(struct work *work)
{
    const char *path = work->options->folder;
    char *name = index_folder_name(work->options->site);
    buffer_printf(&work->path, "%s/%s", path, name);
    buffer_printf(&work->result->index, "%s/" INDEX_NAME, work->path.data);
    work->all = folders_make(path, 0755) == 0 ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    bool done = work->all >= 0 && web_folder_lock(work->all);
    done = (done || fail(work, path)) && index_may_write(work->all, path, work->error);
    done = done && (icons_copy(work->options->awstats, work->all, &work->result->has_icons) ||
                    fail(work, path));
    if (work->all >= 0)
        web_folder_unlock(work->all);
    if (done) {
        work->site = web_folder_open(work->all, name);
        done = (work->site >= 0 && web_folder_lock(work->site)) || fail(work, work->path.data);
        done = done && index_may_write(work->site, work->path.data, work->error);
    }
    free(name);
    return done;
}

/* Opens the folder of a month's pages. */
static int open_month(const struct work *work, const struct made_month *month)
{
    char name[MADE_MONTH_SIZE];
    made_name_month(name, month->month);
    return web_folder_open(work->site, month->is_newest ? "." : name);
}

/* ---- pages of earlier runs ------------------------------------------------------------------ */

/* Adds the path, size and time of a file that pages depend on. */
static void add_file(struct buffer *from, const char *path)
{
    struct stat status = {0};
    stat(path, &status);
    buffer_printf(from, " %s %jd %jd.%09ld", path, (intmax_t)status.st_size,
                  (intmax_t)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

/* Returns a digest of the program, awstats.pl and the configuration, as hexadecimal digits, which the caller
 * frees.  Their paths must not be in the report's folder, which everybody may read. */
static char *digest_sources(const struct work *work)
{
    struct buffer from = {0};
    unsigned char digest[EVP_MAX_MD_SIZE];
    char digits[2 * EVP_MAX_MD_SIZE + 1];
    unsigned size = 0;
    buffer_add_text(&from, VERSION);
    add_file(&from, work->options->awstats->program);
    add_file(&from, work->options->config->path);
    if (!EVP_Digest(from.data, from.size, digest, &size, EVP_sha256(), NULL))
        memory_exhausted();
    hex_write(digits, digest, size);
    buffer_free(&from);
    return memory_copy_text(digits);
}

/* Reads the list of the months that earlier runs have made.  Months from another program or configuration get the
 * size -1, so they are made again. */
static void read_made(struct work *work)
{
    char *from = digest_sources(work);
    if (!made_read(&work->made, work->site))
        work->made.site = memory_copy_text(work->options->site);
    for (size_t i = 0; work->made.from && i < work->made.count; i++)
        if (strcmp(work->made.from, from) != 0)
            work->made.months[i].size = -1;
    free(work->made.from);
    work->made.from = from;
}

/* Whether the folder has all pages of a month, with the sizes in the list. */
static bool has_pages(const struct work *work, const struct made_month *month)
{
    int folder = open_month(work, month);
    bool has = folder >= 0 && month->count;
    for (size_t i = 0; has && i < month->count; i++) {
        struct stat status;
        has = fstatat(folder, month->pages[i].name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
              S_ISREG(status.st_mode) && status.st_size == month->pages[i].size;
    }
    if (folder >= 0)
        close(folder);
    return has;
}

/* Whether the pages of a month were made from this history file, and are in their right folder. */
static bool is_current(const struct work *work, const struct made_month *month,
                       const struct report_history *history, bool is_newest)
{
    return month && month->time == history->time && month->size == history->size &&
           month->is_newest == is_newest && has_pages(work, month);
}

/* ---- a month -------------------------------------------------------------------------------- */

/* Removes pages that MONTH does not have from the folder, and files that a killed run has left. */
static void remove_others(int folder, const struct made_month *month)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    while (directory && (entry = readdir(directory)))
        if (web_file_is_unfinished(entry->d_name) ||
            (page_is_name(entry->d_name) && !made_has_page(month, entry->d_name)))
            unlinkat(folder, entry->d_name, 0);
    if (directory)
        closedir(directory);
}

/* Removes the pages of a month from its own folder, after they were made in the site's folder. */
static void remove_moved(const struct work *work, const struct made_month *month)
{
    struct made_month none = {0};
    char name[MADE_MONTH_SIZE];
    int folder = month->is_newest ? -1 : open_month(work, month);
    if (folder < 0)
        return;
    remove_others(folder, &none);
    close(folder);
    made_name_month(name, month->month);
    unlinkat(work->site, name, AT_REMOVEDIR); /* fails if the folder has other files, too */
}

/* Adds a month that was made to the list, in place of an older entry of this month or of the newest month. */
static void store(struct work *work, const struct made_month *month)
{
    for (size_t i = work->made.count; i-- > 0;) {
        struct made_month *before = &work->made.months[i];
        if (before->month != month->month && !(before->is_newest && month->is_newest))
            continue;
        if (before->month == month->month && month->is_newest)
            remove_moved(work, before);
        made_free_month(before);
        memmove(before, before + 1, (--work->made.count - i) * sizeof *before);
    }
    *made_add(&work->made, month->month) = *month;
}

/* Makes the pages of a month. */
static bool make(struct work *work, const struct report_history *history, bool is_newest)
{
    struct made_month month = {.month = history->month,
                               .is_newest = is_newest,
                               .time = history->time,
                               .size = history->size};
    int folder = open_month(work, &month);
    if (folder < 0)
        return fail(work, work->path.data);
    if (!work->maker) {
        progress_begin(PROGRESS_REPORT, 0, 0);
        work->maker = month_maker_new(work->options);
    }
    bool done = history_add_sums(&month.sums, history->path, work->error) &&
                month_make(work->maker, &month, folder, is_newest ? INDEX_NAME : "../" INDEX_NAME,
                           is_newest ? "../" : "../../", work->error);
    if (done) {
        remove_others(folder, &month);
        work->result->months++;
        work->result->pages += month.count;
        store(work, &month);
        done = made_write(&work->made, work->site) || fail(work, work->path.data);
    } else {
        made_free_month(&month);
    }
    close(folder);
    return done;
}

/* Returns the newest month of the report: the month of the last history file, or a later month whose file was
 * removed, but whose pages still exist. */
static unsigned newest_month(const struct work *work, const struct report_history *last)
{
    unsigned newest = last->month;
    for (size_t i = 0; i < work->made.count; i++) {
        const struct made_month *month = &work->made.months[i];
        if (month->is_newest && month->month > newest && has_pages(work, month))
            newest = month->month;
    }
    return newest;
}

/* Whether a month has a history file. */
static bool has_history(const struct report_history *history, size_t count, unsigned month)
{
    for (size_t i = 0; i < count; i++)
        if (history[i].month == month)
            return true;
    return false;
}

/* Copies a page of the site's folder into the month's own folder. */
static bool copy_page(struct work *work, struct made_page *page, int folder)
{
    struct buffer text = {0};
    bool done = web_file_read(work->site, page->name, &text);
    if (done) {
        struct buffer deeper = page_one_deeper(&text, INDEX_NAME);
        page->size = (int64_t)deeper.size;
        done = web_file_replace(folder, page->name, &deeper);
        buffer_free(&deeper);
    }
    buffer_free(&text);
    return done || fail(work, work->path.data);
}

/* Copies the pages of the newest month into a folder of their own, if a newer month will replace them and they
 * cannot be made again, because the month's history file was removed. */
static bool keep_pages(struct work *work, const struct report_history *history, size_t count,
                       unsigned newest)
{
    bool done = true;
    for (size_t i = 0; done && i < work->made.count; i++) {
        struct made_month *month = &work->made.months[i];
        if (!month->is_newest || month->month >= newest ||
            has_history(history, count, month->month) || !has_pages(work, month))
            continue;
        month->is_newest = false;
        int folder = open_month(work, month);
        done = folder >= 0 || fail(work, work->path.data);
        for (size_t page = 0; done && page < month->count; page++)
            done = copy_page(work, &month->pages[page], folder);
        if (folder >= 0)
            close(folder);
        done = done && (made_write(&work->made, work->site) || fail(work, work->path.data));
    }
    return done;
}

/* Makes the months whose pages are out of date.  The newest month comes last, since it may replace the pages of
 * the month before. */
static bool make_months(struct work *work)
{
    size_t count;
    struct report_history *history = report_find_history(work->options, &count, work->error);
    bool done = !work->error->size;
    unsigned newest = count ? newest_month(work, &history[count - 1]) : 0;
    done = done && keep_pages(work, history, count, newest);
    for (size_t i = 0; done && i < count; i++) {
        bool is_newest = history[i].month == newest;
        if (!is_current(work, made_find(&work->made, history[i].month), &history[i], is_newest))
            done = make(work, &history[i], is_newest);
    }
    report_free_history(history, count);
    return done;
}

/* ---- the index pages ------------------------------------------------------------------------ */

static bool write_indexes(struct work *work)
{
    if (!index_write_site(&work->made, work->site))
        return fail(work, work->result->index.data);
    return (web_folder_lock(work->all) && index_write_all(work->all)) ||
           fail(work, work->options->folder);
}

bool report_make(const struct report_options *options, struct report_result *result,
                 struct buffer *error)
{
    struct work work = {
        .options = options, .result = result, .error = error, .all = -1, .site = -1};
    struct buffer ignored = {0};
    mode_t mask = umask(022); /* all users may read the report */
    bool done = open_folders(&work);
    if (done) {
        read_made(&work);
        done = make_months(&work);
        if (!done)
            work.error = &ignored; /* the error has its one line already */
        done = write_indexes(&work) && done;
    }
    umask(mask);
    buffer_free(&ignored);
    if (work.maker)
        month_maker_free(work.maker);
    made_free(&work.made);
    buffer_free(&work.path);
    if (work.site >= 0)
        close(work.site);
    if (work.all >= 0)
        close(work.all);
    return done;
}
