#include "shards/plan_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "files/folders.h"
#include "files/replace_file.h"
#include "memory/allocate.h"
#include "text/file_error.h"

void plan_free(struct plan *plan)
{
    free(plan->config);
    free(plan->site);
    free(plan->dirdata);
    free(plan->name);
    free(plan->generation);
    free(plan->before);
    free(plan->settings);
    free(plan->awstats);
    free(plan->newest);
    free(plan->state);
}

bool plan_write(const struct plan *plan, const char *work, struct buffer *error)
{
    struct buffer text = {0};
    char *path = path_of("%s/plan", work);
    buffer_printf(&text,
                  "awstats-cloudfront-plan 2\nid %s\nbatch %s\nshards %u\nparts %u\nconfig %s\n"
                  "site %s\ndirdata %s\nname %s\ngeneration %s\nbefore %s\nsettings %s\neveryone "
                  "%d\nnewest %s\nawstats %s\nstate %s\n",
                  plan->id, plan->batch, plan->shards, plan->parts, plan->config, plan->site,
                  plan->dirdata, plan->name, plan->generation, plan->before ? plan->before : "-",
                  plan->settings, plan->is_for_everyone, plan->newest ? plan->newest : "",
                  plan->awstats, plan->state);
    bool done =
        replace_file(path, 0644, text.data, text.size) == 0 && folders_sync_above(path) == 0;
    if (!done)
        file_error_add_path(error, path, errno);
    free(path);
    buffer_free(&text);
    return done;
}

/* Takes the next line, "NAME VALUE", and returns the value; NULL when the line has another name. */
static char *take(char **text, const char *name)
{
    char *line = *text, *end = strchr(line, '\n');
    size_t size = strlen(name);
    if (!end || strncmp(line, name, size) != 0 || line[size] != ' ')
        return NULL;
    *end = '\0';
    *text = end + 1;
    return line + size + 1;
}

static bool take_text(char **text, const char *name, char **value)
{
    char *found = take(text, name);
    *value = memory_copy_optional(found);
    return found;
}

static bool take_name(char **text, const char *name, char *value, size_t size)
{
    char *found = take(text, name);
    if (!found || strlen(found) >= size)
        return false;
    memcpy(value, found, strlen(found) + 1);
    return true;
}

static bool take_count(char **text, const char *name, unsigned *value)
{
    char *found = take(text, name), *end = found;
    unsigned long number = found ? strtoul(found, &end, 10) : 0;
    *value = (unsigned)number;
    return found && !*end && number >= 1 && number <= OPTIONS_SHARDS_MAX;
}

static bool parse(struct plan *plan, char *text)
{
    const char *version = take(&text, "awstats-cloudfront-plan"), *everyone = NULL;
    bool done =
        version && !strcmp(version, "2") && take_name(&text, "id", plan->id, sizeof plan->id) &&
        take_name(&text, "batch", plan->batch, sizeof plan->batch) &&
        take_count(&text, "shards", &plan->shards) && take_count(&text, "parts", &plan->parts) &&
        take_text(&text, "config", &plan->config) && take_text(&text, "site", &plan->site) &&
        take_text(&text, "dirdata", &plan->dirdata) && take_text(&text, "name", &plan->name) &&
        take_text(&text, "generation", &plan->generation) &&
        take_text(&text, "before", &plan->before) &&
        take_text(&text, "settings", &plan->settings) && (everyone = take(&text, "everyone")) &&
        take_text(&text, "newest", &plan->newest) && take_text(&text, "awstats", &plan->awstats);
    plan->is_for_everyone = everyone && !strcmp(everyone, "1");
    plan->state = memory_copy_optional(done ? take(&text, "state") : NULL);
    if (done && !strcmp(plan->before, "-")) {
        free(plan->before);
        plan->before = NULL;
    }
    return done;
}

/* Whether the folders of the generations are inside the plan's DirData.  Tasks remove these folders, so a changed
 * file must not name others. */
static bool has_its_folders(const struct plan *plan)
{
    char *folder = path_of("%s/%s.shards/", plan->dirdata, plan->name);
    size_t size = strlen(folder);
    bool has = *plan->dirdata == '/' && !strchr(plan->name, '/') &&
               !strncmp(plan->generation, folder, size) &&
               !strcmp(plan->generation + size, plan->id) && !strchr(plan->id, '/') &&
               (!plan->before ||
                (!strncmp(plan->before, folder, size) && !strchr(plan->before + size, '/')));
    free(folder);
    return has;
}

bool plan_parse(struct plan *plan, char *text, const char *name, struct buffer *error)
{
    bool done = parse(plan, text) && has_its_folders(plan);
    if (!done)
        buffer_printf(error,
                      "%s: this is no plan of this version of awstats-cloudfront; make a new one",
                      name);
    return done;
}
