#include "ledger/vacuum.h"

#include <sys/statvfs.h>

#include "ledger/generation.h"
#include "text/buffer.h"
#include "text/message.h"

static const int64_t mib = 1 << 20;
static const int64_t free_min = 4 << 20; /* bytes: fewer are not worth it */

enum { PAGES_AT_ONCE = 8192 };

/* The pages of a file, in bytes. */
struct pages {
    int64_t all, free;
    bool is_kept; /* the file keeps its free pages */
};

static bool read_pages(struct database *database, struct pages *pages)
{
    int64_t mode, size;
    if (!database_read_number(database, "PRAGMA auto_vacuum", &mode) ||
        !database_read_number(database, "PRAGMA page_size", &size) ||
        !database_read_number(database, "PRAGMA page_count", &pages->all) ||
        !database_read_number(database, "PRAGMA freelist_count", &pages->free))
        return false;
    pages->all *= size;
    pages->free *= size;
    pages->is_kept = !mode;
    return true;
}

bool vacuum_some(struct database *database)
{
    char sql[48];
    sqlite3_snprintf(sizeof sql, sql, "PRAGMA incremental_vacuum(%d)", PAGES_AT_ONCE);
    return database_run(database, sql);
}

/* Whether the file's disk has room for the journal, and as much again for SQLite's temporary file, which may be on the same
 * disk.  The journal gets the old content of each page that VACUUM overwrites. */
static bool has_room(const char *path, int64_t used)
{
    struct statvfs disk;
    return statvfs(path, &disk) == 0 &&
           (double)disk.f_bavail * (double)disk.f_frsize > 2 * (double)used;
}

/* Takes the file for this process alone, without a log.  Returns false if another process has the file open, and after an
 * error.
 *
 * EXTRA: a power failure cannot bring a deleted journal back.  TRUNCATE: with DELETE, SQLite would keep the journal at its
 * full size while this process has the file alone. */
static bool leave_log(struct database *database)
{
    bool done =
        database_run(database, "PRAGMA synchronous = EXTRA; PRAGMA locking_mode = EXCLUSIVE;"
                               "PRAGMA journal_mode = TRUNCATE");
    if (!done)
        database_run(database, "PRAGMA locking_mode = NORMAL; PRAGMA synchronous = FULL");
    return done;
}

/* Lets other processes open the file again, and begins a log, to which no copy of the old file belongs.  If the first step
 * fails, another process has opened the file already, and has begun the log. */
static void begin_log(struct database *database)
{
    database_run(database, "PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = DELETE;"
                           "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    database->log_pages = 0;
    generation_begin_log(database);
    database_roll_back(database); /* as in database_open() */
}

/* Writes the file anew. */
static void write_anew(struct database *database, struct pages pages)
{
    if (!has_room(database->path, pages.all - pages.free)) {
        message_verbose("%s: keeps %lld MiB of free pages, because its disk has less than %lld "
                        "MiB of room to write the file anew",
                        database->path, (long long)(pages.free / mib),
                        (long long)(2 * (pages.all - pages.free) / mib + 1));
        return;
    }
    bool is_alone = leave_log(database);
    if (is_alone && database_run(database, "PRAGMA auto_vacuum = INCREMENTAL; VACUUM"))
        message_verbose("%s: %lld MiB of free pages were given back to the disk", database->path,
                        (long long)(pages.free / mib));
    else
        message_verbose("%s: keeps %lld MiB of free pages, because the file cannot be written "
                        "anew now: %s",
                        database->path, (long long)(pages.free / mib), database->error->data);
    if (is_alone)
        begin_log(database);
}

void vacuum_if_useful(struct database *database)
{
    struct pages pages = {0};
    if (read_pages(database, &pages) && pages.free >= free_min) {
        if (pages.is_kept && pages.free >= pages.all / 2)
            write_anew(database, pages);
        else if (!pages.is_kept && pages.free >= pages.all / 4 &&
                 database_run(database, "BEGIN IMMEDIATE"))
            database_end(database, vacuum_some(database));
    }
    buffer_clear(database->error);
}
