#include "commands/check_settings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "awstats/history.h"
#include "memory/allocate.h"
#include "normalized/columns.h"

/* A setting, and the place of its line. */
struct setting {
    const char *name;
    char *value;         /* NULL: the configuration does not have it */
    struct buffer where; /* FILE:LINE, or FILE */
};

struct settings {
    struct check *check;
    const char *site;
    const struct awstats_config *config;
    enum awstats_log log;
    struct setting log_file, format, type;
    bool is_right;
};

/* ---- values and their lines ------------------------------------------------------------------ */

static struct setting read_setting(const struct awstats_config *config, const char *name)
{
    struct awstats_place place;
    struct setting setting = {.name = name,
                              .value = awstats_config_get_place(config, name, &place)};
    awstats_place_add(&setting.where, &place);
    return setting;
}

static void free_setting(struct setting *setting)
{
    free(setting->value);
    buffer_free(&setting->where);
}

/* Prints that the setting is missing, or has a value that does not work.  WHY says what the setting must be or do, and
 * what to write. */
static void fail(struct settings *settings, const struct setting *setting, const char *why)
{
    settings->is_right = false;
    if (setting->value)
        check_step(settings->check, false, "settings", "%s: %s=\"%s\" %s", setting->where.data,
                   setting->name, setting->value, why);
    else
        check_step(settings->check, false, "settings", "%s: there is no line %s, which %s",
                   setting->where.data, setting->name, why);
}

/* ---- each setting ---------------------------------------------------------------------------- */

/* awstats.pl does not start when it cannot read a file that the configuration includes. */
static bool check_includes(struct settings *settings)
{
    struct awstats_place place;
    char *missing = awstats_config_missing(settings->config, &place);
    if (missing && access(missing, R_OK) == 0)
        check_step(settings->check, false, "settings",
                   "%s:%u: includes %s, which is more than %d levels deep, so awstats.pl does not "
                   "start; let no file include itself",
                   place.path, place.line, missing, AWSTATS_INCLUDES_MAX);
    else if (missing)
        check_step(settings->check, false, "settings",
                   "%s:%u: includes %s, which does not exist or which this user may not read, so "
                   "awstats.pl does not start; correct the path, or remove the line",
                   place.path, place.line, missing);
    free(missing);
    return !missing;
}

static void check_log_file(struct settings *settings)
{
    const struct setting *log_file = &settings->log_file;
    struct buffer why = {0};
    size_t size = log_file->value ? strlen(log_file->value) : 0;
    bool is_pipe = size && log_file->value[size - 1] == '|';
    bool may_be_script = is_pipe && !strstr(log_file->value, "awstats-cloudfront");
    if (settings->log != AWSTATS_LOG_OTHER)
        return;
    buffer_printf(
        &why,
        "must read the logs of [%s]; write LogFile=\"site:%s\" with LogFormat=\"cloudfront\" "
        "and LoadPlugin=\"cloudfront\", or LogFile=\"awstats-cloudfront cat --commit --site "
        "%s |\" without the plugin",
        settings->site, settings->site, settings->site);
    if (may_be_script)
        check_warn(
            "settings",
            "%s: LogFile=\"%s\" %s; ignore this warning if that command runs awstats-cloudfront",
            log_file->where.data, log_file->value, why.data);
    else
        fail(settings, log_file, why.data);
    buffer_free(&why);
}

/* Whether a field of a LogFormat reads or skips any column. */
static bool fits_all(const char *field)
{
    return !strcmp(field, "%other") || !strcmp(field, "%logname") || !strncmp(field, "%extra", 6);
}

/* Finds the first field of a LogFormat that does not fit the normalized log.  Stores in *FOUND the field (NULL: the
 * format ends there), and returns the field that must be there; NULL when all fields fit. */
static const char *find_misfit(char *format, const char **found)
{
    static const char *const tags[] = {
#define COLUMN(identifier, name, text, tag) tag,
#define INPUT(identifier, name)
#include "normalized/columns.def"
#undef COLUMN
#undef INPUT
    };
    char *save = NULL, *word = strtok_r(format, " \t", &save);
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (tags[i] && !*tags[i])
            continue; /* the field of the column before reads this column, too */
        *found = word;
        if (!word && i > COLUMN_STATUS)
            return NULL;
        if (!word || (tags[i] && strcmp(word, tags[i]) != 0 && !fits_all(word)))
            return tags[i];
        word = strtok_r(NULL, " \t", &save);
    }
    *found = word;
    return word ? "the end" : NULL;
}

/* Checks that AWStats without the plugin can read the log that cat writes. */
static void check_pipe_format(struct settings *settings)
{
    static const char advice[] =
        "; write LogFormat and LogSeparator as in cloudfront-download.conf, or include this file";
    struct setting *format = &settings->format;
    struct setting separator = read_setting(settings->config, "LogSeparator");
    struct buffer why = {0};
    const char *found = NULL;
    char *copy = memory_copy_text(format->value ? format->value : "");
    const char *wanted = find_misfit(copy, &found);
    if (wanted) {
        buffer_printf(&why,
                      "must name the columns of the normalized log, but %s is where %s must be%s",
                      found ? found : "the end", wanted, advice);
        fail(settings, format, why.data);
    } else if (!separator.value ||
               (strcmp(separator.value, "\\t") && strcmp(separator.value, "\t"))) {
        fail(settings, &separator,
             "must be \"\\t\", since TAB is between the columns of the normalized log; write "
             "LogSeparator=\"\\t\"");
    }
    free(copy);
    free_setting(&separator);
    buffer_free(&why);
}

/* Whether cat writes the normalized log, and AWStats reads it: no program between them may change it. */
static bool is_normalized_pipe(const char *log_file)
{
    const char *cat = strstr(log_file, "awstats-cloudfront");
    const char *pipe = cat ? strchr(cat, '|') : NULL;
    return pipe && !pipe[1] && !strstr(cat, " --as");
}

static void check_format(struct settings *settings)
{
    if (awstats_config_is_plugin_format(settings->format.value))
        return;
    if (settings->log == AWSTATS_LOG_SITE)
        fail(settings, &settings->format,
             "must be cloudfront, since only the plugin reads the LogFile \"site:...\"; write "
             "LogFormat=\"cloudfront\"");
    else if (settings->log == AWSTATS_LOG_PIPE && is_normalized_pipe(settings->log_file.value))
        check_pipe_format(settings);
}

static void check_plugin_is_loaded(struct settings *settings)
{
    static const char why[] = "so awstats.pl cannot read this LogFile or LogFormat";
    struct awstats_place place;
    const char *path = settings->config->path;
    if (awstats_config_loads(settings->config, "cloudfront"))
        return;
    settings->is_right = false;
    if (awstats_config_has_comment(settings->config, "cloudfront", &place))
        check_step(settings->check, false, "settings",
                   "%s:%u: LoadPlugin=\"cloudfront\" is a comment, %s; remove the # before it",
                   place.path, place.line, why);
    else
        check_step(settings->check, false, "settings",
                   "%s: no line loads the plugin, %s; write LoadPlugin=\"cloudfront\"", path, why);
}

static void check_log_type(struct settings *settings, bool has_plugin)
{
    const char *type = settings->type.value;
    if (type && *type && strcmp(type, "W") != 0 && strcmp(type, "S") != 0)
        fail(settings, &settings->type,
             "must be W, the type of web servers' logs, or S for a streaming distribution; write "
             "LogType=W");
    struct setting purge = read_setting(settings->config, "PurgeLogFile");
    if (has_plugin && purge.value && strchr(purge.value, '1'))
        fail(settings, &purge,
             "must be 0, since AWStats must not empty the logs; write PurgeLogFile=0");
    free_setting(&purge);
}

/* A history file has the records of the period that DatabaseBreak names.  Settings.pm of the plugin has the same
 * words. */
static void check_period(struct settings *settings)
{
    struct setting period = read_setting(settings->config, "DatabaseBreak");
    if (period.value && !awstats_history_has_period(period.value))
        fail(settings, &period,
             "must be month, day or hour: AWStats loses days when a history file has more than one "
             "month, and makes no report of it; write DatabaseBreak=month");
    free_setting(&period);
}

void check_settings(struct check *check, const char *site, const struct awstats_config *config)
{
    struct settings settings = {.check = check,
                                .site = site,
                                .config = config,
                                .log = awstats_config_log(config, site),
                                .is_right = true};
    if (!check_includes(&settings))
        return;
    settings.log_file = read_setting(config, "LogFile");
    settings.format = read_setting(config, "LogFormat");
    settings.type = read_setting(config, "LogType");
    bool has_plugin =
        settings.log == AWSTATS_LOG_SITE || awstats_config_is_plugin_format(settings.format.value);
    check_log_file(&settings);
    check_format(&settings);
    if (has_plugin)
        check_plugin_is_loaded(&settings);
    check_log_type(&settings, has_plugin);
    check_period(&settings);
    if (settings.is_right && settings.log != AWSTATS_LOG_OTHER)
        check_step(check, true, "settings", "LogFile=\"%s\", LogFormat=\"%s\"",
                   settings.log_file.value, settings.format.value ? settings.format.value : "");
    free_setting(&settings.log_file);
    free_setting(&settings.format);
    free_setting(&settings.type);
}
