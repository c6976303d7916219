#include "shards/awstats_settings.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "files/read_file.h"
#include "memory/allocate.h"
#include "shards/escaped.h"
#include "text/digest.h"

struct setting {
    char *name;          /* escaped */
    struct buffer value; /* the last one, or all */
};

struct settings {
    struct setting *list;
    size_t count, capacity;
};

/* The beginnings of names of settings that decide no figure: they are about reports, permissions, messages, and the
 * order of rows.  settings_allow_shards() and the plan itself check DNSLookup, BuildHistoryFormat and DirData. */
static const char *const others[] = {
    "AddData",
    "AddLink",
    "AllowAccess",
    "AllowFullYearView",
    "AllowToUpdate",
    "Bar",
    "Build",
    "CreateDirData",
    "DNS",
    "DebugMessages",
    "Detailed",
    "Dir",
    "EnableLock",
    "ErrorMessages",
    "Expires",
    "FirstDayOfWeek",
    "HTML",
    "IncludeInternal",
    "KeepBackup",
    "Lang",
    "LinksTo",
    "LogFile",
    "Logo",
    "MaxLengthOfShown",
    "MaxNbOf",
    "MaxRows",
    "MinHit",
    "MiscTracker",
    "NbOfLines",
    "SaveDatabase",
    "Show",
    "StyleSheet",
    "UseFrames",
    "UseHTTPSLink",
    "WarningMessage",
    "WrapperScript",
    "color_",
    "ExtraSectionAdd",
};

/* AWStats obeys this one when it counts. */
#define COUNTED "ShowHTTPErrorsPageDetail"

static bool decides(const char *name)
{
    size_t i = 0, count = sizeof others / sizeof *others;
    while (i < count && strncmp(name, others[i], strlen(others[i])) != 0)
        i++;
    return i == count || !strcmp(name, COUNTED);
}

/* Returns the value of a setting, to which the caller adds. */
static struct buffer *find(struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->count; i++)
        if (!strcmp(settings->list[i].name, name))
            return &settings->list[i].value;
    settings->list =
        array_grow(settings->list, settings->count, &settings->capacity, sizeof *settings->list);
    struct setting *setting = &settings->list[settings->count++];
    *setting = (struct setting){.name = memory_copy_text(name)};
    return &setting->value;
}

/* Adds the content of a file that a value names.  awstats.pl fails without the file. */
static void add_file(struct buffer *value, const char *path)
{
    size_t size = 0;
    char *text = read_file(path, SSIZE_MAX - 1, &size);
    if (text)
        buffer_add(value, text, size);
    free(text);
}

/* Adds the files of a list, each a word @FILE. */
static void add_files(struct buffer *value, const char *list)
{
    char *copy = memory_copy_text(list), *rest = copy, *word;
    while ((word = strtok_r(rest, " \t", &rest)))
        if (*word == '@')
            add_file(value, word + 1);
    free(copy);
}

/* Adds this plugin, with the one parameter that decides figures, unless it has its default value. */
static void add_own_plugin(struct buffer *value, const char *plugin)
{
    static const char partial[] = "partial=";
    char *copy = memory_copy_text(plugin), *rest = copy, *word;
    buffer_add_text(value, "cloudfront");
    while ((word = strtok_r(rest, " \t", &rest)))
        if (!strncmp(word, partial, strlen(partial)) && strcmp(word + strlen(partial), "exact"))
            buffer_add_text(value, word);
    free(copy);
}

static void take(void *user, const char *name, const char *text)
{
    struct settings *settings = user;
    struct buffer escaped = {0};
    if (!decides(name))
        return;
    escaped_add(&escaped, name);
    struct buffer *value = find(settings, escaped.data);
    buffer_free(&escaped);
    bool is_plugin = !strcmp(name, "LoadPlugin"), is_file = !strcmp(name, "SkipReferrersBlackList");
    if (!is_plugin && !is_file) /* else all values count */
        buffer_clear(value);
    if (is_plugin && awstats_config_names_plugin(text, "cloudfront"))
        add_own_plugin(value, text);
    else
        buffer_add_text(value, text);
    buffer_add_text(value, "\n");
    if (is_file)
        add_file(value, text);
    if (!strcmp(name, "HostAliases"))
        add_files(value, text);
}

/* What take_plugin_file() needs. */
struct plugin_files {
    struct settings *settings;
    const char *dirdata, *config; /* the name of the configuration; "": awstats.conf */
};

/* Takes the file PLUGIN.CONFIG.txt or PLUGIN.txt; CONFIG is "" for the second one.  Returns whether there is such a
 * file. */
static bool take_file(const struct plugin_files *files, const char *plugin, const char *config)
{
    struct buffer path = {0}, escaped = {0};
    buffer_printf(&path, "%s/%s%s%s.txt", files->dirdata, plugin, *config ? "." : "", config);
    bool is_there = access(path.data, R_OK) == 0;
    if (is_there) {
        buffer_add_text(&escaped, AWSTATS_SETTINGS_FILE);
        escaped_add(&escaped, path.data + strlen(files->dirdata) + 1);
        struct buffer *value = find(files->settings, escaped.data);
        buffer_clear(value);
        add_file(value, path.data);
    }
    buffer_free(&path);
    buffer_free(&escaped);
    return is_there;
}

/* Takes the file that a plugin of AWStats reads if it is one of those that find countries: their function
 * LoadOverrideFile. */
static void take_plugin_file(void *user, const char *name, const char *text)
{
    const struct plugin_files *files = user;
    char *plugin = memory_copy_bytes(text, strcspn(text, " \t"));
    const char *slash = strrchr(plugin, '/');
    char *base = slash ? plugin + (slash + 1 - plugin) : plugin, *end = strrchr(base, '.');
    if (end && !strcasecmp(end, ".pm"))
        *end = '\0';
    if (!strcmp(name, "LoadPlugin") && !strncmp(base, "geoip", strlen("geoip")) &&
        (!*files->config || !take_file(files, base, files->config)))
        take_file(files, base, "");
    free(plugin);
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct setting *)a)->name, ((const struct setting *)b)->name);
}

void awstats_settings_add(struct buffer *text, const struct awstats_config *config,
                          const char *dirdata)
{
    struct settings settings = {0};
    struct plugin_files files = {&settings, dirdata, config->name};
    struct digester *digester = digester_new();
    awstats_config_visit(config, take, &settings);
    awstats_config_visit(config, take_plugin_file, &files);
    if (settings.count)
        qsort(settings.list, settings.count, sizeof *settings.list, compare);
    for (size_t i = 0; i < settings.count; i++) {
        struct setting *setting = &settings.list[i];
        digester_begin(digester);
        digester_add(digester, setting->value.data, setting->value.size);
        const struct digest digest = digester_end(digester);
        buffer_printf(text, "%s%s=%016" PRIx64 "%08" PRIx32, i ? " " : "", setting->name,
                      digest.high, digest.low);
        buffer_free(&setting->value);
        free(setting->name);
    }
    digester_free(digester);
    free(settings.list);
}

static const char *next_word(const char *word)
{
    word += strcspn(word, " ");
    return word + (*word == ' ');
}

static bool is_same_word(const char *a, const char *b)
{
    size_t size = strcspn(a, " ");
    return strcspn(b, " ") == size && !memcmp(a, b, size);
}

/* Returns the one of two words whose name comes first: the other text lacks this setting, unless both words have one
 * name.  An empty word comes last. */
static const char *first(const char *a, const char *b)
{
    size_t size = strcspn(a, "="), other = strcspn(b, "=");
    int order = memcmp(a, b, size < other ? size : other);
    bool is_first = order ? order < 0 : size < other;
    return *a && (is_first || !*b) ? a : b;
}

char *awstats_settings_find_difference(const char *planned, const struct awstats_config *config,
                                       const char *dirdata)
{
    struct buffer now = {0};
    buffer_add_text(&now, "");
    awstats_settings_add(&now, config, dirdata);
    const char *word = now.data;
    while (*word && is_same_word(word, planned)) {
        word = next_word(word);
        planned = next_word(planned);
    }
    const char *name = first(planned, word);
    char *difference = *name ? memory_copy_bytes(name, strcspn(name, "=")) : NULL;
    buffer_free(&now);
    return difference;
}
