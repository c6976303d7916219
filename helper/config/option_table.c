/* The table of all options, and the functions that take their values. */
#include "config/option_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/option_flags.h"
#include "config/option_numbers.h"
#include "memory/allocate.h"
#include "normalized/batch_id.h"
#include "normalized/figures.h"
#include "normalized/clock.h"
#include "text/progress.h"

void option_add_setting(struct options *options, const char *name, const char *value)
{
    for (size_t i = 0; i < options->setting_count; i++)
        if (!strcmp(options->settings[i].name, name))
            return; /* the same value: see keep_value() of options.c */
    options->settings[options->setting_count++] = (struct option_setting){name, value};
}

static const char *set_config(struct parse *parse, const char *value)
{
    parse->options->config = value;
    return NULL;
}

static const char *set_site(struct parse *parse, const char *value)
{
    parse->site = value;
    parse->options->sites[parse->options->site_count++] = value;
    return NULL;
}

static const char *set_to(struct parse *parse, const char *value)
{
    parse->options->to = value;
    return *value ? NULL : "must be a directory";
}

static const char *set_from(struct parse *parse, const char *value)
{
    parse->options->from = value;
    return *value ? NULL : "must be a directory";
}

static const char *set_output(struct parse *parse, const char *value)
{
    parse->options->output = value;
    return *value && value[strlen(value) - 1] != '/' ? NULL : "must be a file";
}

static const char *set_dirdata(struct parse *parse, const char *value)
{
    parse->options->dirdata = value;
    if (strpbrk(value, "\t\n"))
        return "must be a directory without TAB and line feed in its name";
    return *value == '/' ? NULL : "must be the absolute path of a directory";
}

static const char *set_work(struct parse *parse, const char *value)
{
    parse->options->work = value;
    if (strpbrk(value, "\n"))
        return "must be a directory without a line feed in its name";
    return *value ? NULL : "must be a directory";
}

static const char *set_as(struct parse *parse, const char *value)
{
    static const char *const formats[] = {[WRITE_NORMALIZED] = "normalized",
                                          [WRITE_CLOUDFRONT] = "cloudfront",
                                          [WRITE_COMBINED] = "combined"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (!strcmp(value, formats[i])) {
            parse->options->as = (enum write_as)i;
            return NULL;
        }
    return "must be normalized, cloudfront or combined";
}

static const char *set_metrics(struct parse *parse, const char *value)
{
    parse->options->metrics = value;
    return *value && value[strlen(value) - 1] != '/' ? NULL : "must be a file";
}

static const char *set_max_lag(struct parse *parse, const char *value)
{
    parse->options->max_lag = value;
    return site_set_duration(&parse->options->max_lag_s, value);
}

static const char *set_progress(struct parse *parse, const char *value)
{
    static const char *const modes[] = {
        [PROGRESS_AUTO] = "auto", [PROGRESS_NONE] = "none", [PROGRESS_JSON] = "json"};
    (void)parse;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (!strcmp(value, modes[i])) {
            progress_set_mode((enum progress_mode)i);
            return NULL;
        }
    return "must be auto, none or json";
}

static const char *set_batch(struct parse *parse, const char *value)
{
    parse->options->batch = value;
    return *value ? NULL : "must be a batch's ID";
}

static const char *set_previous(struct parse *parse, const char *value)
{
    parse->options->previous = value;
    return is_batch_id(value, strlen(value)) ? NULL : "must be a batch's ID, or - for none";
}

static const char *set_files(struct parse *parse, const char *value)
{
    parse->options->files = value;
    return value[strspn(value, "0123456789 ")] ? "must be periods such as 202610 202611" : NULL;
}

static const char *set_figures(struct parse *parse, const char *value)
{
    struct figures figures;
    parse->options->figures = value;
    return figures_read(&figures, value) ? NULL : "must be figures such as records=10 counted=10";
}

static const char *set_history(struct parse *parse, const char *value)
{
    parse->options->history = value;
    return *value ? NULL : "must be the path of the history files, as the update names it";
}

static const char *set_former(struct parse *parse, const char *value)
{
    parse->options->former = value;
    return *value ? NULL : "must be the former name of the site";
}

/* YYYY-MM */
static const char *add_month(struct parse *parse, const char *value)
{
    struct options *options = parse->options;
    char date[CLOCK_DATE_SIZE + 1];
    uint32_t days;
    unsigned year, month;
    int size = snprintf(date, sizeof date, "%s-01", value);
    if (size != CLOCK_DATE_SIZE || !clock_parse_date(date, CLOCK_DATE_SIZE, &days) ||
        sscanf(value, "%4u-%2u", &year, &month) != 2)
        return "must be a month, YYYY-MM";
    options->months =
        memory_resize(options->months, options->month_count + 1, sizeof *options->months);
    options->months[options->month_count++] = year * 100 + month;
    return NULL;
}

static const char *set_report(struct parse *parse, const char *value)
{
    parse->options->report = value;
    return *value ? NULL : "must be a folder";
}

static const char *set_awstats(struct parse *parse, const char *value)
{
    parse->options->awstats = value;
    return *value ? NULL : "must be the path of awstats.pl";
}

static const char *set_awstats_config(struct parse *parse, const char *value)
{
    parse->options->awstats_config = value;
    return *value && !strchr(value, '/') ? NULL : "must be the NAME of awstats.NAME.conf";
}

static const char *add_domain(struct parse *parse, const char *value)
{
    struct options *options = parse->options;
    options->domains =
        memory_resize(options->domains, options->domain_count + 1, sizeof *options->domains);
    options->domains[options->domain_count++] = value;
    return *value ? NULL : "must be the name of a host";
}

static const char *set_config_folder(struct parse *parse, const char *value)
{
    parse->options->config_folder = value;
    return *value ? NULL : "must be a directory";
}

/* Returns NULL if the setting NAME can have this value, or an error (static). */
static const char *try_setting(const char *name, const char *value)
{
    struct site trial = {0};
    const char *error = site_set(&trial, name, value);
    site_free(&trial);
    return error;
}

static const char *set_state(struct parse *parse, const char *value)
{
    parse->options->state = value;
    return try_setting("state", value);
}

static const char *set_after(struct parse *parse, const char *value)
{
    parse->options->after = value;
    return try_setting("after", value);
}

static const char *set_day(struct parse *parse, const char *value)
{
    parse->options->day_given = true;
    return strlen(value) == CLOCK_DATE_SIZE &&
                   clock_parse_date(value, CLOCK_DATE_SIZE, &parse->options->day)
               ? NULL
               : "must be a day, YYYY-MM-DD";
}

static const char *set_host(struct parse *parse, const char *value)
{
    parse->options->host = value;
    return NULL;
}

static const char *set_url(struct parse *parse, const char *value)
{
    parse->options->url = value;
    return NULL;
}

static const char *set_status(struct parse *parse, const char *value)
{
    parse->options->status = value;
    return NULL;
}

static const char *set_vhost(struct parse *parse, const char *value)
{
    parse->options->vhost = value;
    return NULL;
}

static const char *set_no_sign_request(struct parse *parse, const char *value)
{
    (void)value;
    option_add_setting(parse->options, "sign", "no");
    return NULL;
}

static const char *set_request_payer(struct parse *parse, const char *value)
{
    option_add_setting(parse->options, "requester-pays", "yes");
    return strcmp(value, "requester") ? "must be requester" : NULL;
}

const struct option_row option_table[] = {
    {"site", 's', NULL, "NAME",
     "the section of the configuration file to work on; update accepts several", set_site},
    {"all", 0, "update", NULL, "update all sites of the configuration file", set_all},
    {"report", 0, "update setup", "DIR",
     "write the pages of the report into this folder: update does so once, setup lets each update "
     "do so (default: the setting \"report\" of the site)",
     set_report},
    {"to", 't', "fetch backup", "DIR", "the directory to copy into; made when missing", set_to},
    {"from", 0, "restore", "DIR",
     "the directory of the backup (default: finish a restore that was interrupted)", set_from},
    {"output", 'o', "merge", "FILE", "the file to write, or to replace", set_output},
    {"dirdata", 0, "backup restore setup", "DIR",
     "the folder of the AWStats history, DirData of its configuration (default: the one that the "
     "ledger or the backup names; for setup: /var/lib/awstats)",
     set_dirdata},
    {"batch", 'b', "commit", "ID", "the batch to commit, as in the #Batch line of its log",
     set_batch},
    {"previous", 'p', "commit", "ID",
     "the last batch of the site in the AWStats history, - for none; without --batch, accept "
     "ledger and history as they are",
     set_previous},
    {"files", 0, "commit", "PERIODS",
     "the months or other periods of the AWStats history files that have the batch, such as "
     "202610; the plugin passes them",
     set_files},
    {"figures", 0, "commit", "FIGURES",
     "how many records AWStats has counted and left out, for status; the plugin passes them",
     set_figures},
    {"history", 0, "commit adopt", "NAME",
     "the AWStats history that counts the site, by the path of its files, such as "
     "/var/lib/awstats/awstatsMMYYYY.cdn.txt",
     set_history},
    {"former", 0, "adopt", "OLDNAME", "the name that the site had before; its ledger goes on",
     set_former},
    {"full", 'f', "cat", NULL, "list the whole source of a site, not only where new objects can be",
     set_full},
    {"commit", 0, "cat", NULL,
     "mark the batch as counted once its log was read; for AWStats without the plugin, and for "
     "other readers that count the log",
     set_commit},
    {"prepare", 0, "cat", NULL,
     "leave the batch open for the command commit, which the reader of the log must run; the "
     "plugin uses this option, which overrides --commit",
     set_prepare},
    {"as", 0, "cat", "normalized|cloudfront|combined",
     "write the log for other programs: cloudfront has the 33 columns of legacy logs, combined is "
     "the format of web servers (default normalized)",
     set_as},
    {"json", 'J', "status", NULL, "write JSON, an object for each site", set_json},
    {"metrics", 0, "status", "FILE",
     "write the numbers for Prometheus into this file, for the textfile collector of "
     "node_exporter; - is the standard output",
     set_metrics},
    {"max-lag", 0, "status", "DURATION",
     "only check: print a line for each site whose newest counted object is older than this, such "
     "as 26h, and exit with status 4",
     set_max_lag},
    {"month", 0, "recount verify", "YYYY-MM",
     "count this month; may be given several times (default: all months)", add_month},
    {"shards", 0, "plan", "N",
     "count the hosts in this many shards, 1 to " SHARDS_MAX " (default 1)", set_shards},
    {"parts", 0, "plan", "M",
     "read the objects in this many parts, 1 to " SHARDS_MAX " (default: as many as shards)",
     set_parts},
    {"work", 0, "plan map prepare reduce collect", "DIR",
     "the folder of the plan, which all machines see, or s3://BUCKET/PREFIX, which needs --site; "
     "plan makes it",
     set_work},
    {"part", 0, "map", "I", "the part to read, from 0", set_number},
    {"shard", 0, "reduce", "K", "the shard to count, from 0", set_number},
    {"abandon", 0, "plan", NULL, "give up the present plan of the site: its logs are new again",
     set_abandon},
    {"dry-run", 0, "recount setup update", NULL, "only show what would change", set_dry_run},
    {"domain", 'd', "setup", "HOST",
     "the main host name of the site, SiteDomain; given again: its other names, HostAliases "
     "(default: the names in the newest logs)",
     add_domain},
    {"yes", 'y', "setup", NULL, "take the host names of the newest logs, and ask nothing", set_yes},
    {"policy", 0, "setup", NULL, "print the IAM policy that the site needs, and nothing else",
     set_policy},
    {"remove", 0, "setup", NULL, "remove what an earlier run for this NAME has made", set_remove},
    {"no-timer", 0, "setup", NULL, "do not enable the timer of the site", set_no_timer},
    {"awstats-config-dir", 0, "setup", "DIR",
     "the folder for awstats.NAME.conf (default /etc/awstats, or the folder of --config)",
     set_config_folder},
    {"state", 0, "setup", "FILE", "the setting \"state\" of the new section: the ledger",
     set_state},
    {"after", 0, "setup", "ACTION",
     "the setting \"after\" of the new section, or for --policy: keep, delete, or \"move "
     "s3://BUCKET/PREFIX\"",
     set_after},
    {"allow-lower", 0, "recount", NULL,
     "replace the months even if the logs have fewer hits than the history, and leave out logs "
     "that include and exclude leave out now",
     set_allow_lower},
    {"visits", 0, "verify", NULL,
     "show figures of visits that differ, too, and treat them as differences", set_visits},
    {"awstats-config", 0, "check recount verify", "NAME",
     "the AWStats configuration, awstats.NAME.conf (default: the one that reads the site)",
     set_awstats_config},
    {"awstats", 0, "check recount verify setup update awstats plan reduce", "FILE",
     "the path of awstats.pl (default: where packages put it)", set_awstats},
    {"day", 0, "explain", "YYYY-MM-DD", "the day whose records to show, UTC", set_day},
    {"host", 0, "explain", "ADDRESS",
     "show records of this client only; * at the end stands for any text, also in --url, --status "
     "and --vhost",
     set_host},
    {"url", 0, "explain", "PATH", "show records of this path only", set_url},
    {"status", 0, "explain", "CODE", "show records of this HTTP status only", set_status},
    {"vhost", 0, "explain", "NAME", "show records of this virtual host only", set_vhost},
    {"wait", 'w',
     "cat commit adopt backup restore recount verify explain update plan prepare collect",
     "[=SECONDS]",
     "wait for another run of the site to end, at most SECONDS, 0 to " WAIT_MAX
     "; without a number, as long as the other run takes (without this option, only plan, "
     "prepare and collect wait, " PLAN_WAIT " seconds)",
     set_wait},
    {"jobs", 'j',
     "cat fetch commit check recount verify explain update plan map prepare reduce collect", "N",
     "transfer at most this many objects at once, 1 to " TRANSFERS_MAX " (default " TRANSFERS_MAX
     "); fewer if the store is not faster with more, or asks for fewer requests",
     set_jobs},
    {"no-sign-request", 0, "setup cat fetch commit check recount verify explain", NULL,
     "send requests without credentials, for a public bucket; the setting sign = no",
     set_no_sign_request},
    {"request-payer", 0, "setup cat fetch commit check recount verify explain", "requester",
     "pay for the requests to a bucket of another account that demands this; the setting "
     "requester-pays = yes",
     set_request_payer},
    {"progress", 0, "cat fetch commit check recount verify explain update", "auto|none|json",
     "show the progress on standard error: auto is a line on a terminal, after the first second; "
     "json is for programs, one object on each line (default auto)",
     set_progress},
    {"config", 'c', NULL, "FILE", "the configuration file (default " SITE_CONFIG_DEFAULT ")",
     set_config},
    {"verbose", 'v', NULL, NULL, "report each step", set_verbose},
    {"quiet", 'q', NULL, NULL, "report errors only", set_quiet},
    {"help", 'h', NULL, NULL, "show this help", NULL},
    {"version", 'V', NULL, NULL, "show the version", NULL},
    {0},
};

const size_t option_count = sizeof option_table / sizeof *option_table - 1;
_Static_assert(sizeof option_table / sizeof *option_table - 1 <= OPTION_MAX, "too many options");

bool option_is_list(const struct option_row *option)
{
    return option->handle == set_site || option->handle == add_month ||
           option->handle == add_domain;
}

const struct option_row *option_find(const char *name)
{
    for (const struct option_row *option = option_table; option->name; option++)
        if (!strcmp(option->name, name))
            return option;
    return NULL;
}
