#include "shards/map.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/sources.h"
#include "memory/allocate.h"
#include "run/run.h"
#include "shards/outcomes.h"
#include "shards/shard_log.h"
#include "shards/work.h"
#include "source/key_filter.h"
#include "text/by_number.h"
#include "text/message.h"

/* A part that is being read. */
struct mapping {
    struct task *task;
    pthread_mutex_t lock; /* protects the outcomes */
    struct outcomes *outcomes;
    struct shard_writer **writers; /* of each shard */
    uint64_t records;
    bool has_failed; /* a writer has failed */
};

static void keep_left_out(void *user, size_t object, enum batch_outcome why, const char *error)
{
    struct mapping *mapping = user;
    pthread_mutex_lock(&mapping->lock);
    struct outcome *outcome = &mapping->outcomes->objects[object];
    free(outcome->error);
    *outcome = (struct outcome){.why = why, .error = memory_copy_text(error)};
    pthread_mutex_unlock(&mapping->lock);
}

static void keep_read(void *user, size_t object, const struct reader_summary *summary, bool stays)
{
    struct mapping *mapping = user;
    struct outcomes *outcomes = mapping->outcomes;
    pthread_mutex_lock(&mapping->lock);
    outcomes->objects[object] = (struct outcome){.is_read = true,
                                                 .stays = stays,
                                                 .digest = summary->digest,
                                                 .bad = summary->bad + summary->inner_bad};
    const struct hosts_left_out *left_out = &summary->hosts.left_out;
    if (left_out->records && !outcomes->other_host)
        outcomes->other_host = memory_copy_text(left_out->first);
    outcomes->other_hosts += left_out->records;
    outcomes->has_own |= summary->records > 0;
    pthread_mutex_unlock(&mapping->lock);
}

static void put_record(void *user, const char *record, size_t size, uint32_t time)
{
    struct mapping *mapping = user;
    (void)time;
    unsigned shard = shard_of(record, size, mapping->task->plan.shards);
    if (!mapping->has_failed && !shard_writer_put(mapping->writers[shard], record, size))
        mapping->has_failed = true;
    mapping->records++;
}

static bool open_logs(struct mapping *mapping, const char *folder)
{
    unsigned count = mapping->task->plan.shards;
    bool done = true;
    mapping->writers = memory_allocate(count, sizeof *mapping->writers);
    for (unsigned i = 0; done && i < count; i++) {
        char *path = path_of("%s/%u.zst", folder, i);
        mapping->writers[i] = shard_writer_new(path, &mapping->task->error.text);
        done = mapping->writers[i];
        free(path);
    }
    return done;
}

static bool end_logs(struct mapping *mapping)
{
    bool done = !mapping->has_failed;
    for (unsigned i = 0; done && i < mapping->task->plan.shards; i++) {
        struct shard_writer *writer = mapping->writers[i];
        mapping->writers[i] = NULL;
        done = shard_writer_end(writer);
    }
    return done;
}

static void free_logs(struct mapping *mapping)
{
    for (unsigned i = 0; mapping->writers && i < mapping->task->plan.shards; i++)
        shard_writer_free(mapping->writers[i]);
    free(mapping->writers);
}

bool map_part(struct task *task, const struct part *part, const bool *is_dropped,
              const char *folder, struct outcomes *outcomes)
{
    struct mapping mapping = {
        .task = task, .lock = PTHREAD_MUTEX_INITIALIZER, .outcomes = outcomes};
    const struct run_part run_part = {.objects = part->objects,
                                      .count = part->count,
                                      .is_dropped = is_dropped,
                                      .left_out = keep_left_out,
                                      .read = keep_read,
                                      .user = &mapping};
    struct run_options options = {
        .site = &task->site, .part = &run_part, .batch = {.transfers = task->options->transfers}};
    struct run *run = NULL;
    outcomes_init(outcomes, part->count);
    bool done = open_logs(&mapping, folder) && run_open(&run, &options, &task->error) &&
                run_read(run) && run_visit(run, put_record, &mapping) && end_logs(&mapping);
    run_close(run);
    if (done)
        message_verbose("part of %zu %s: records: %llu", part->count,
                        by_number(part->count, "object", "objects"),
                        (unsigned long long)mapping.records);
    free_logs(&mapping);
    pthread_mutex_destroy(&mapping.lock);
    return done;
}

/* Whether PATH is a folder without entries, as a place where no disk is mounted. */
static bool is_empty_folder(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    bool is = folder;
    while (is && (entry = readdir(folder)))
        is = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
    if (folder)
        closedir(folder);
    return is;
}

/* Checks that this machine has the source PATH, which had an object when the plan was made. */
static bool check_path(struct task *task, const char *path)
{
    bool is_missing = access(path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR);
    return (!is_missing && !is_empty_folder(path)) ||
           task_fail_to_abandon(task,
                                "part %u is not read: %s: %s; on this machine, put the logs there "
                                "again or mount their disk, then run map again; or give the plan "
                                "up: ",
                                task->options->number, path,
                                is_missing ? "No such file or directory" : "the folder is empty");
}

/* Checks the sources on this machine of which an object is gone. */
static bool check_sources(struct task *task, const struct part *part,
                          const struct outcomes *outcomes)
{
    struct buffer path = {0};
    bool done = true;
    for (const char *rest = task->site.source; done && (rest = sources_next(rest, &path));) {
        struct key_filter filter;
        bool is_gone = false;
        key_filter_init(&filter, path.data, NULL, NULL);
        for (size_t i = 0; !filter.is_bucket && !is_gone && i < part->count; i++) {
            const struct outcome *outcome = &outcomes->objects[i];
            is_gone = !outcome->is_read && outcome->why == BATCH_GONE &&
                      key_filter_has(&filter, part->objects[i].key);
        }
        done = !is_gone || check_path(task, path.data);
    }
    buffer_free(&path);
    return done;
}

/* Writes the logs of a part and the file `result` into FOLDER. */
static bool write_map(struct task *task, const struct part *part, const char *folder)
{
    struct outcomes outcomes = {0};
    char *result = path_of("%s/result", folder);
    bool done = map_part(task, part, NULL, folder, &outcomes) &&
                check_sources(task, part, &outcomes) && outcomes_write(task, &outcomes, result);
    outcomes_free(&outcomes);
    free(result);
    return done;
}

/* Reads the part that the options name, unless it was read already. */
static bool map(struct task *task)
{
    unsigned number = task->options->number;
    struct part part = {0};
    char *path = path_of("%s/maps/%u", task->folder, number), *folder = NULL;
    bool is_read = false, done = work_has_result(task, "maps", number, path, &is_read);
    if (done && is_read) {
        message_result("[%s]: part %u was read already", task->site.name, number);
    } else if (done) {
        done = task_check_settings(task) && work_fetch(task, "parts/%u", number) &&
               part_read(task, &part, number) && (folder = task_make_folder(task, path)) &&
               write_map(task, &part, folder) && task_put_in_place(task, folder, path) &&
               work_publish(task, "maps", number, path);
        if (!done && folder)
            remove_tree(folder);
        if (done)
            message_result("[%s]: part %u of %u is read: %zu %s", task->site.name, number,
                           task->plan.parts, part.count,
                           by_number(part.count, "object", "objects"));
    }
    part_free(&part);
    free(folder);
    free(path);
    return done;
}

int shards_map(const struct shards_options *options)
{
    struct task task;
    bool done = task_begin(&task, options);
    if (done && options->number >= task.plan.parts)
        done = task_fail(&task, "there is no part %u: the plan has the parts 0 to %u",
                         options->number, task.plan.parts - 1);
    done = done && map(&task);
    return task_end(&task, done);
}
