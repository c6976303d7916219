/* ledger/generation: every copy of a ledger file beside every log that it ever had.  Either the two have the last
 * commit of the log, or the ledger rejects them. */
#include "ledger/generation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/ledger.h"
#include "tap.h"

enum { MOMENTS = 24, SIZE_MAX_COPY = 1024 * 1024 };

/* One moment: both files, and the content of the ledger. */
static struct moment {
    struct buffer file, log, content;
} moments[MOMENTS];

static struct buffer error;

static void read_file(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "r");
    if (file) {
        out->size += fread(buffer_extend(out, SIZE_MAX_COPY), 1, SIZE_MAX_COPY, file);
        fclose(file);
    }
}

static void write_file(const char *path, const struct buffer *in)
{
    FILE *file = fopen(path, "w");
    if (!file || fwrite(in->data, 1, in->size, file) != in->size)
        printf("Bail out! %s cannot be written\n", path);
    if (file)
        fclose(file);
}

/* Adds the content of the ledger, without the tables of generations. */
static void add_content(const char *path, struct buffer *out)
{
    static const char *const queries[] = {
        "SELECT count(*) || ' ' || coalesce(group_concat(key), '') FROM object",
        "SELECT group_concat(name || '=' || value) FROM state",
        "SELECT group_concat(id) FROM batch",
    };
    sqlite3 *db;
    sqlite3_stmt *statement;
    sqlite3_open(path, &db);
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        if (sqlite3_prepare_v2(db, queries[i], -1, &statement, NULL) == SQLITE_OK &&
            sqlite3_step(statement) == SQLITE_ROW)
            buffer_printf(out, "%s|", (const char *)sqlite3_column_text(statement, 0));
        else
            buffer_printf(out, "UNREADABLE %s|", sqlite3_errmsg(db));
        sqlite3_finalize(statement);
    }
    sqlite3_close(db);
}

static bool count_batch(struct ledger *ledger, int number)
{
    struct ledger_batch batch = {.begun = 1000};
    struct ledger_revision revision = {.bad = 1};
    snprintf(batch.id, sizeof batch.id, "batch-%d", number);
    bool done = ledger_begin(ledger, &batch);
    for (int i = 0; done && i < 60; i++) {
        char key[64];
        snprintf(key, sizeof key, "%02x/%04d-%02d.of-some-length", (number * 37 + i * 91) % 256,
                 number, i);
        done = ledger_add(ledger,
                          &(struct ledger_object){.key = key, .tag = "t", .size = 1, .content = ""},
                          NULL);
    }
    return done && ledger_begun(ledger, true) &&
           ledger_prepare(ledger, NULL, 0, NULL, 0, &revision) &&
           ledger_commit(ledger, batch.id, false, false, batch.id, NULL, NULL);
}

/* Changes the ledger: some batches, some small changes.  The log is long and short, and begins anew within a run
 * and in the next run. */
static void live(const char *path, const char *log)
{
    struct ledger *ledger = NULL;
    for (int i = 0; i < MOMENTS; i++) {
        if (!ledger && ledger_open(&ledger, path, true, &error) != 1)
            break;
        bool done = true;
        if (i % 3 == 1)
            done = count_batch(ledger, i);
        else if (i % 3 == 2)
            for (int n = 0; done && n < (i % 4 ? 1 : 70); n++) {
                char id[16];
                snprintf(id, sizeof id, "%d-%d", i, n);
                done = ledger_set_previous(ledger, id);
            }
        if (!done)
            ok(false, "moment %d: %s", i, error.data);
        read_file(path, &moments[i].file);
        read_file(log, &moments[i].log);
        add_content(path, &moments[i].content);
        if (i % 7 == 6) {
            ledger_close(ledger);
            ledger = NULL;
        }
    }
    ledger_close(ledger);
}

/* Returns the number of the page that has the table generation. */
static size_t find_page_of_generation(const char *path, const struct moment *moment)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    size_t page = 1;
    write_file(path, &moment->file);
    sqlite3_open(path, &db);
    if (sqlite3_prepare_v2(db, "SELECT rootpage FROM sqlite_schema WHERE name = 'generation'", -1,
                           &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        page = (size_t)sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return page;
}

static void remove_all(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[128];
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

/* A power failure while a checkpoint writes a page may leave zero bytes at its end.  The log has the pages that each
 * transaction writes, the first page and the page of the generation, so file and log still belong together.  Returns
 * how many such files are rejected, or have another content than the whole file. */
static unsigned try_torn(const char *path, const char *log, const struct moment *moment)
{
    enum { SECTOR = 512, OFFSET_OF_PAGE_SIZE = 16 };
    const unsigned char *header = (const unsigned char *)moment->file.data;
    size_t page_size = (size_t)(header[OFFSET_OF_PAGE_SIZE] << 8 | header[OFFSET_OF_PAGE_SIZE + 1]);
    size_t pages[] = {1, find_page_of_generation(path, moment)};
    unsigned wrong = 0;
    for (size_t p = 0; p < sizeof pages / sizeof *pages; p++)
        for (size_t kept = 0; kept < page_size; kept += SECTOR) {
            struct buffer torn = {0}, content = {0};
            struct ledger *ledger = NULL;
            remove_all(path);
            write_file(log, &moment->log);
            buffer_add(&torn, moment->file.data, moment->file.size);
            memset(torn.data + (pages[p] - 1) * page_size + kept, 0, page_size - kept);
            write_file(path, &torn);
            if (ledger_open(&ledger, path, true, &error) == 1)
                add_content(path, &content);
            ledger_close(ledger);
            if (!content.size || strcmp(content.data, moment->content.data)) {
                if (!wrong++)
                    printf("# page %zu, %zu bytes kept: %s\n", pages[p], kept,
                           content.size ? content.data : error.data);
            }
            buffer_free(&torn);
            buffer_free(&content);
        }
    return wrong;
}

int main(void)
{
    unsigned torn_wrong = 0;
    char directory[] = "/tmp/generation-XXXXXX", path[64], log[128];
    unsigned refused = 0, mixed = 0, wrong = 0, own_refused = 0, logs = 0;
    if (!mkdtemp(directory)) {
        printf("Bail out! no scratch folder\n");
        return 1;
    }
    snprintf(path, sizeof path, "%s/a b%%?#.db", directory);
    snprintf(log, sizeof log, "%s-wal", path);
    live(path, log);
    for (int i = 0; i < MOMENTS; i++)
        for (int j = 0; j < MOMENTS; j++) {
            struct ledger *ledger = NULL;
            struct buffer content = {0};
            if (!moments[j].log.size)
                continue;
            remove_all(path);
            write_file(path, &moments[i].file);
            write_file(log, &moments[j].log);
            /* Whether a run that only reads has been there must not matter. */
            int opened = ledger_open(&ledger, path, false, &error);
            ledger_close(ledger);
            if (opened != 1)
                opened = ledger_open(&ledger, path, true, &error) == 1 ? -2 : -1;
            logs += i == j;
            own_refused += i == j && opened != 1;
            refused += opened == -1;
            if (opened == 1) {
                add_content(path, &content);
                mixed += i != j;
            } else if (opened == -2) {
                ledger_close(ledger);
            }
            if (opened == -2 || (opened == 1 && strcmp(content.data, moments[j].content.data))) {
                if (wrong++ < 5)
                    printf("# file %d, log %d:\n#  got %.70s\n# want %.70s\n", i, j,
                           content.size ? content.data : "refused, then accepted",
                           moments[j].content.data);
            }
            buffer_free(&content);
        }
    for (int i = 0; i < MOMENTS; i++)
        if (moments[i].log.size && moments[i].file.size) {
            remove_all(path);
            torn_wrong += try_torn(path, log, &moments[i]);
        }
    ok(!torn_wrong, "half-written pages beside their own logs are accepted");
    ok(logs > MOMENTS / 2 && !own_refused, "%u files beside their own logs are accepted", logs);
    ok(!wrong, "what is accepted gives what was committed last");
    ok(mixed > 20, "%u older files whose log has all later changes are accepted", mixed);
    ok(refused > 100, "%u mixtures are refused", refused);
    ok(error.data && strstr(error.data, "-wal, do not match"), "by name");
    remove_all(path);
    rmdir(directory);
    for (int i = 0; i < MOMENTS; i++) {
        buffer_free(&moments[i].file);
        buffer_free(&moments[i].log);
        buffer_free(&moments[i].content);
    }
    buffer_free(&error);
    return done_testing();
}
