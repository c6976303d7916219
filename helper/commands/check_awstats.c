#include "commands/check_awstats.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "awstats/config.h"
#include "awstats/history.h"
#include "awstats/perl.h"
#include "commands/check_hosts.h"
#include "commands/check_settings.h"
#include "commands/check_state.h"
#include "config/site_command.h"
#include "ledger/ledger.h"
#include "memory/allocate.h"
#include "text/buffer.h"
#include "text/by_number.h"
#include "text/shell_word.h"
#include "text/user_name.h"
#include "update/history.h"
#include "update/owner.h"
#include "version.h"

enum { NAMED_MAX = 10 }; /* hosts that a message names */

/* ---- AWStats and the plugin ----------------------------------------------------------------- */

/* Checks that the plugin has the same version as this program, because a plugin rejects a log of another version
 * if the columns differ.  Checks also that the plugin's compiled part loads. */
static void check_plugin(struct check *check, const struct awstats *awstats)
{
    const char *version = awstats->plugin_version;
    struct buffer none = {0}, error = {0};
    if (strcmp(version, VERSION) != 0)
        check_step(check, false, "plugin",
                   "%s is of version %s, and this program of version " VERSION
                   "; install both from the same version",
                   awstats->plugin, *version ? version : "unknown");
    else if (!awstats_perl(awstats, "load", (char *[]){NULL}, &none, &none, &error))
        check_step(check, false, "plugin",
                   "%s does not load; build and install the plugin again for the perl of %s (%s)",
                   awstats->plugin, awstats->program, error.data);
    else
        check_step(check, true, "plugin", "%s, version %s", awstats->plugin, version);
    buffer_free(&none);
    buffer_free(&error);
}

void check_find_awstats(const char *given, struct awstats *awstats)
{
    if (given)
        awstats_open(awstats, given);
    else
        awstats_find(awstats);
}

void check_awstats(struct check *check, const char *given, const struct awstats *awstats)
{
    if (!awstats->program[0]) {
        check_step(check, false, "awstats",
                   "%s not found; install AWStats (apt-get install awstats, or dnf install "
                   "awstats), or name awstats.pl with --awstats or the site's setting awstats",
                   given ? given : "awstats.pl");
        return;
    }
    check_step(check, true, "awstats", "%s, version %s%s", awstats->program,
               awstats->version[0] ? awstats->version : "unknown",
               awstats->plugin[0] ? ""
                                  : "; the plugin cloudfront is not installed there, so run the "
                                    "updates with awstats-cloudfront update, or let LogFile be a "
                                    "pipe, \"awstats-cloudfront cat --commit --site NAME |\"");
    if (awstats->plugin[0])
        check_plugin(check, awstats);
}

/* ---- a site's configuration ------------------------------------------------------------------ */

/* Returns a setting of the configuration; "" when the setting is missing.  The caller frees the text. */
static char *get(const struct awstats_config *config, const char *name)
{
    char *value = awstats_config_get(config, name);
    return value ? value : memory_copy_text("");
}

static int by_records(const void *a, const void *b)
{
    const struct check_host *x = *(struct check_host *const *)a;
    const struct check_host *y = *(struct check_host *const *)b;
    if (x->records != y->records)
        return x->records < y->records ? 1 : -1;
    return strcmp(x->entry.key, y->entry.key);
}

/* Prints the hosts that AWStats does not count, with their records.  NAMES has a host in each line. */
static void print_not_listed(struct check *check, const struct awstats_config *config, char *names)
{
    struct check_hosts *hosts = &check->hosts;
    struct check_host **host = memory_allocate(hosts->table.entries + 1, sizeof *host);
    struct buffer text = {0};
    size_t count = 0;
    uint64_t records = 0;
    for (char *name; (name = strsep(&names, "\n"));) {
        if (!*name)
            continue;
        host[count] = table_get(&hosts->table, name, strlen(name));
        records += host[count++]->records;
    }
    if (count) {
        qsort(host, count, sizeof *host, by_records);
        for (size_t i = 0; i < count && i < NAMED_MAX; i++)
            buffer_printf(&text, "%s%s %" PRIu64, i ? ", " : "", host[i]->entry.key,
                          host[i]->records);
        if (count > NAMED_MAX)
            buffer_printf(&text, " and %zu more %s", count - NAMED_MAX,
                          by_number(count - NAMED_MAX, "host", "hosts"));
        check_step(check, false, "hosts",
                   "%" PRIu64 " of %" PRIu64 " %s in the newest logs %s for hosts that are "
                   "neither SiteDomain nor in HostAliases of %s, so AWStats does not count them: "
                   "%s; add the hosts to HostAliases",
                   records, hosts->records, by_number(hosts->records, "record", "records"),
                   by_number(records, "is", "are"), config->path, text.data);
    } else {
        check_step(check, true, "hosts",
                   "records in the newest logs: %" PRIu64 ", all for SiteDomain or HostAliases",
                   hosts->records);
    }
    buffer_free(&text);
    free(host);
}

/* Compares the hosts of the logs with the configuration. */
static void check_site_hosts(struct check *check, const struct awstats *awstats,
                             const struct awstats_config *config)
{
    const struct table *table = &check->hosts.table;
    struct buffer names = {0}, not_listed = {0}, error = {0};
    char *is_pipe = awstats_config_is_pipe(config) ? "1" : "";
    struct awstats_place place;
    char *domain = awstats_config_get_place(config, "SiteDomain", &place);
    char *aliases = get(config, "HostAliases");
    for (size_t i = 0; i < table->slots; i++)
        if (table->slot[i])
            buffer_printf(&names, "%s\n", table->slot[i]->key);
    if (!domain)
        check_step(check, false, "hosts",
                   "%s: there is no SiteDomain, without which awstats.pl does not start; write "
                   "SiteDomain=\"HOST\" with the main host name of the site",
                   place.path);
    else if (!*domain)
        check_step(check, false, "hosts",
                   "%s:%u: SiteDomain is empty, so awstats.pl does not start; write the main host "
                   "name of the site there",
                   place.path, place.line);
    else if (!names.size || !awstats->plugin[0])
        ; /* no hosts are known, or no plugin to compare them */
    else if (awstats_perl(awstats, "hosts_not_listed", (char *[]){domain, aliases, is_pipe, NULL},
                          &names, &not_listed, &error))
        print_not_listed(check, config, not_listed.data);
    else
        check_step(check, false, "hosts",
                   "%s: SiteDomain or HostAliases cannot be read: %s; correct them", config->path,
                   error.data);
    free(domain);
    free(aliases);
    buffer_free(&names);
    buffer_free(&not_listed);
    buffer_free(&error);
}

/* Warns of records that AWStats without the plugin does not count. */
static void check_pipe(const struct check *check, const struct awstats_config *config)
{
    if (awstats_config_is_pipe(config) && check->hosts.patch)
        check_warn("methods",
                   "%" PRIu64 " of %" PRIu64
                   " %s in the newest logs %s the method PATCH, which AWStats does not count when "
                   "LogFile is a pipe, as in %s; to count them, load the plugin cloudfront there",
                   check->hosts.patch, check->hosts.records,
                   by_number(check->hosts.records, "record", "records"),
                   by_number(check->hosts.patch, "has", "have"), config->path);
}

/* Checks that the user who runs the updates may write to DirData: the owner of the ledger, or of DirData as long as
 * there is no ledger. */
static void check_user(struct check *check, const struct site *site, const char *folder,
                       uid_t owner)
{
    struct stat status;
    char owner_name[USER_NAME_SIZE], name[USER_NAME_SIZE], self[USER_NAME_SIZE];
    char *ledger = site_state_path(site);
    uid_t user = stat(ledger, &status) == 0 ? status.st_uid : owner;
    user_name(owner, owner_name);
    user_name(user, name);
    /* An update that root starts switches to the owner of DirData, who cannot open a ledger of root. */
    bool is_of_root = user == 0 && owner != 0;
    if (!is_of_root && owner_may_write(user, folder)) {
        const char *right = user == owner ? "owns DirData" : "may write to DirData";
        if (geteuid() == user)
            check_step(check, true, "user", "%s %s, and runs this check", name, right);
        else
            check_step(check, true, "user",
                       "run updates as %s, who %s; this check runs as %s, who may have other "
                       "rights and credentials",
                       name, right, user_name(geteuid(), self));
    } else if (user != owner) {
        char *quoted = shell_word(ledger);
        check_step(check, false, "user",
                   "the ledger file %s belongs to %s, but DirData %s to %s%s; run all updates as "
                   "%s, and run once%s: chown %s %s*",
                   ledger, name, folder, owner_name,
                   is_of_root ? "" : ", where the first user may not write", owner_name,
                   geteuid() == 0 ? "" : " as root", owner_name, quoted);
        free(quoted);
    } else {
        check_step(check, false, "dirdata",
                   "%s belongs to %s, who runs the updates, but may not write there; correct the "
                   "permissions of this folder, and of those above it",
                   folder, name);
    }
    free(ledger);
}

/* Returns whether FILE is a history file of another configuration, whose name differs from that of this one only in
 * upper and lower case. */
static bool is_in_other_case(const struct awstats_config *config, const char *file)
{
    static const char prefix[] = "awstats";
    size_t size = strlen(config->name);
    if (strncmp(file, prefix, sizeof prefix - 1) != 0)
        return false;
    const char *date = file + sizeof prefix - 1, *rest = date + strspn(date, "0123456789");
    return rest > date && *rest == '.' && !strncasecmp(rest + 1, config->name, size) &&
           strncmp(rest + 1, config->name, size) != 0 && !strcmp(rest + 1 + size, ".txt");
}

/* Checks that AWStats without the plugin takes no history file of another configuration for one of its own. */
static void check_other_case(struct check *check, const struct awstats_config *config,
                             const char *folder)
{
    DIR *files = awstats_config_is_pipe(config) ? opendir(folder) : NULL;
    const struct dirent *file;
    while (files && (file = readdir(files)))
        if (is_in_other_case(config, file->d_name)) {
            check_step(check, false, "dirdata",
                       "%s/%s is of another configuration, whose name differs from \"%s\" only in "
                       "upper and lower case, so AWStats counts records into the wrong month; give "
                       "one of the two another DirData, or load the plugin cloudfront in %s",
                       folder, file->d_name, config->name, config->path);
            break;
        }
    if (files)
        closedir(files);
}

/* Whether the site has no ledger yet, or one that no AWStats history has used. */
static bool is_new(const struct site *site)
{
    struct ledger *ledger = NULL;
    struct buffer error = {0}; /* not printed: the step "state" reports errors of the ledger */
    char previous[BATCH_ID_SIZE], *history = NULL;
    char *path = site_state_path(site);
    int found = ledger_open_without_lock(&ledger, path, LEDGER_WAIT, &error);
    bool is = found == 0 || (found > 0 && ledger_get_previous(ledger, previous) &&
                             ledger_get_history(ledger, &history) && !history &&
                             !strcmp(previous, BATCH_ID_NONE));
    ledger_close(ledger);
    buffer_free(&error);
    free(history);
    free(path);
    return is;
}

/* Warns of a history that another program has counted, into which the first update would count the same logs.
 * AWStats without the plugin drops these as old. */
static void check_first_update(const struct site *site, const struct awstats_config *config,
                               const char *folder)
{
    struct buffer file = {0}, name = {0};
    char *mark = site_command(site, "cat --commit");
    if (!awstats_config_is_pipe(config) &&
        history_find(folder, awstats_config_history(config), &file, &name) && is_new(site))
        check_warn("history",
                   "%s is there, and [%s] has counted nothing yet; if another program has counted "
                   "the logs that are in the source now, mark them as counted before the first "
                   "update: %s >/dev/null",
                   file.data, site->name, mark);
    free(mark);
    buffer_free(&file);
    buffer_free(&name);
}

/* Checks that the site is counted in the history of this configuration.  The plugin's Batch.pm (_check_history) has the
 * same words, and stops an update. */
static void check_history(struct check *check, const struct site *site,
                          const struct awstats_config *config, const char *folder)
{
    struct buffer own = {0}, adopt = {0};
    char *history =
        awstats_config_is_pipe(config) ? NULL : check_read_ledger(site, ledger_get_history);
    if (history && !history_is_of(history, folder, awstats_config_history(config), &own)) {
        site_command_add(&adopt, site, "adopt", "--history=", own.data);
        check_step(check, false, "history",
                   "The site [%s] is counted in the AWStats history %s, but this AWStats "
                   "configuration has the history %s; if it is a second one for the same logs, "
                   "give it a section of its own in %s; if the history has moved or has a new "
                   "name, move or rename its files, and run: %s",
                   site->name, history, own.data, site->config ? site->config : SITE_CONFIG_DEFAULT,
                   adopt.data);
    }
    free(history);
    buffer_free(&own);
    buffer_free(&adopt);
}

/* Checks the folder of the history files. */
static void check_data(struct check *check, const struct site *site, const struct awstats *awstats,
                       const struct awstats_config *config)
{
    struct stat status;
    struct awstats_place place;
    struct buffer where = {0};
    char owner[USER_NAME_SIZE];
    char *setting = awstats_config_get_place(config, "DirData", &place);
    char *folder = awstats_history_folder(awstats->program, setting);
    bool is_set = setting && *setting;
    awstats_place_add(&where, &place);
    if (!is_set) {
        check_step(
            check, false, "dirdata",
            "%s: there is no DirData, so awstats.pl would keep the history beside itself, in "
            "%s; write DirData=\"/var/lib/awstats\", or another folder of the user who runs "
            "the updates",
            where.data, folder);
    } else if (stat(folder, &status) < 0) {
        check_step(
            check, false, "dirdata",
            "%s: DirData=\"%s\": %s: %s; make the folder, writable for the user who runs the "
            "updates",
            where.data, setting, folder, strerrordesc_np(errno));
    } else if (!S_ISDIR(status.st_mode)) {
        check_step(check, false, "dirdata",
                   "%s: DirData=\"%s\" is no folder; name the folder of the history", where.data,
                   setting);
    } else {
        check_step(check, true, "dirdata", "%s, owned by %s", folder,
                   user_name(status.st_uid, owner));
        check_user(check, site, folder, status.st_uid);
        check_other_case(check, config, folder);
        check_first_update(site, config, folder);
        check_history(check, site, config, folder);
    }
    free(setting);
    free(folder);
    buffer_free(&where);
}

void check_awstats_site(struct check *check, const struct options *options, const struct site *site,
                        const struct awstats *awstats)
{
    struct awstats_config config;
    struct buffer error = {0}, ignored = {0};
    if (!awstats->program[0])
        return;
    const char *given = options->awstats_config ? options->awstats_config : site->awstats_config;
    bool found =
        awstats_config_choose(&config, awstats->program, given, site->name, &error) ||
        (!given && (awstats_config_find_pipe(&config, awstats->program, site->name, &ignored) ||
                    (!strchr(site->name, '/') &&
                     awstats_config_find(&config, awstats->program, site->name, &ignored))));
    if (!found && given) {
        check_step(check, false, "report", "%s", error.data);
    } else if (!found) {
        check_warn("report", "%s", error.data);
    } else {
        if (awstats_config_log(&config, site->name) != AWSTATS_LOG_OTHER)
            check_step(check, true, "report", "%s reads the site", config.path);
        check_settings(check, site->name, &config);
        check_site_hosts(check, awstats, &config);
        check_pipe(check, &config);
        check_data(check, site, awstats, &config);
    }
    buffer_free(&ignored);
    buffer_free(&error);
}
