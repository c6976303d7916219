#include "config/site.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "s3/endpoint.h"
#include "s3/uri.h"
#include "text/buffer.h"
#include "text/ini.h"
#include "text/message.h"
#include "text/url.h"

const struct site_setting site_settings[] = {
    {"source", "SOURCE", "where the logs are: s3://BUCKET/PREFIX, a directory or a file", false},
    {"type", "TYPE", "the kind of distribution: auto, download or streaming (default auto)", true},
    {"region", "REGION", "the bucket's AWS region (default: found out)", true},
    {"profile", "NAME", "the profile of ~/.aws to take credentials from", true},
    {"endpoint", "URL", "the address of an S3-compatible store (default: AWS's)", true},
    {"client", "FIELD", "whose address counts: c-ip or x-forwarded-for (default c-ip)", true},
    {"host", "FIELD", "the virtual host: x-host-header or cs(Host) (default x-host-header)", true},
    {"state", "FILE", "where the site's state is kept (default " SITE_STATE_FOLDER "/NAME.db)",
     false},
    {"after", "WHAT",
     "what becomes of objects once they are counted: keep, delete, or move s3://BUCKET/PREFIX "
     "(default keep)",
     false},
    {"settle", "DURATION",
     "leave an object alone until its hour is over for so long, such as 24h (default 0)", false},
    {"lookback", "DURATION",
     "how late objects may come and still be found at once, not with the full listing of each day "
     "(default 48h)",
     false},
    {0},
};

static const char *set_text(char **text, const char *value)
{
    char *copy = strdup(value);
    if (!copy)
        return "cannot be kept: out of memory";
    free(*text);
    *text = copy;
    return NULL;
}

/* The place of VALUE among the NULL-terminated NAMES, or -1. */
static int choose(const char *value, const char *const *names)
{
    for (int i = 0; names[i]; i++)
        if (!strcmp(names[i], value))
            return i;
    return -1;
}

enum site_kind site_kind(const char *source)
{
    return s3_uri_is(source) ? SITE_BUCKET : strcmp(source, "-") ? SITE_PATH : SITE_STDIN;
}

static const char *set_source(struct site *site, const char *value)
{
    site->kind = site_kind(value);
    return set_text(&site->source, value);
}

static const char *set_type(struct site *site, const char *value)
{
    int type = choose(value, (const char *const[]){"auto", "download", "streaming", NULL});
    if (type < 0)
        return "must be auto, download or streaming";
    site->type = (enum site_type)type;
    return NULL;
}

static const char *set_region(struct site *site, const char *value)
{
    if (!s3_endpoint_is_region(value))
        return "must be a region's name such as eu-west-1";
    return set_text(&site->region, value);
}

static const char *set_profile(struct site *site, const char *value)
{
    return set_text(&site->profile, value);
}

static const char *set_endpoint(struct site *site, const char *value)
{
    if (strncmp(value, "https://", 8) && strncmp(value, "http://", 7))
        return "must begin with https:// (or http://, without encryption)";
    return set_text(&site->endpoint, value);
}

static const char *set_client(struct site *site, const char *value)
{
    int client = choose(value, (const char *const[]){"c-ip", "x-forwarded-for", NULL});
    if (client < 0)
        return "must be c-ip or x-forwarded-for";
    site->client = (enum site_client)client;
    return NULL;
}

static const char *set_host(struct site *site, const char *value)
{
    int host = choose(value, (const char *const[]){"x-host-header", "cs(Host)", NULL});
    if (host < 0)
        return "must be x-host-header or cs(Host)";
    site->host = (enum site_host)host;
    return NULL;
}

static const char *set_state(struct site *site, const char *value)
{
    if (*value != '/')
        return "must be an absolute path";
    if (value[strlen(value) - 1] == '/')
        return "must be a file, not a folder";
    return set_text(&site->state, value);
}

static const char *set_after(struct site *site, const char *value)
{
    int after = choose(value, (const char *const[]){"keep", "delete", NULL});
    const char *to = value + strcspn(value, " \t");
    if (after < 0 && to - value == 4 && !strncmp(value, "move", 4) && *to) {
        to += strspn(to, " \t");
        after = SITE_AFTER_MOVE;
        const char *wrong = set_text(&site->after_to, to);
        if (wrong)
            return wrong;
    }
    if (after < 0)
        return "must be keep, delete, or move and s3://BUCKET/PREFIX";
    site->after = (enum site_after)after;
    return NULL;
}

/* NUMBER
 * NUMBER s | NUMBER m | NUMBER h | NUMBER d
 * Seconds, minutes, hours, days; up to ten years. */
static const char *set_duration(int64_t *seconds, const char *value)
{
    static const char wrong[] = "must be a duration such as 90m, 24h or 2d";
    static const struct {
        const char *unit;
        int64_t seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    char *end;
    errno = 0;
    long number = strtol(value, &end, 10);
    if (errno || *value < '0' || *value > '9' || number > 10 * 366 * 86400L)
        return wrong;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcmp(end, units[i].unit)) {
            *seconds = number * units[i].seconds;
            return *seconds > 10 * 366 * 86400L ? wrong : NULL;
        }
    return wrong;
}

static const char *set_settle(struct site *site, const char *value)
{
    return set_duration(&site->settle, value);
}

static const char *set_lookback(struct site *site, const char *value)
{
    const char *wrong = set_duration(&site->lookback, value);
    return wrong || site->lookback >= 3600 ? wrong : "must be an hour or more";
}

/* In the order of site_settings. */
static const char *(*const setters[])(struct site *, const char *) = {
    set_source, set_type,  set_region, set_profile, set_endpoint, set_client,
    set_host,   set_state, set_after,  set_settle,  set_lookback,
};
_Static_assert(sizeof setters / sizeof *setters + 1 == sizeof site_settings / sizeof *site_settings,
               "a setter for each setting");

static int find_setting(const char *name)
{
    for (int i = 0; site_settings[i].name; i++)
        if (!strcmp(site_settings[i].name, name))
            return i;
    return -1;
}

const char *site_set(struct site *site, const char *name, const char *value)
{
    int setting = find_setting(name);
    if (setting < 0)
        return "unknown setting";
    if (!*value)
        return "must not be empty";
    return setters[setting](site, value);
}

char *site_state_path(const struct site *site)
{
    struct buffer path = {0};
    if (site->state)
        return strdup(site->state);
    buffer_add_text(&path, SITE_STATE_FOLDER "/");
    for (const char *p = site->name; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c <= ' ' || c >= 0x7f || c == '/' || c == '%' || (p == site->name && c == '.'))
            buffer_printf(&path, "%%%02X", c);
        else
            buffer_add(&path, p, 1);
    }
    buffer_add_text(&path, ".db");
    if (path.failed)
        buffer_free(&path);
    return path.data;
}

void site_free(struct site *site)
{
    free(site->name);
    free(site->source);
    free(site->region);
    free(site->profile);
    free(site->endpoint);
    free(site->after_to);
    free(site->state);
    *site = (struct site){0};
}

/* All sections of a file, while it is read and checked. */
struct sections {
    const char *path;
    struct section {
        struct site site;
        unsigned line;                                  /* of its header */
        unsigned set[sizeof setters / sizeof *setters]; /* line of each setting, 0: not set */
    } * list;
    size_t count;
};

static void sections_free(struct sections *sections)
{
    for (size_t i = 0; i < sections->count; i++)
        site_free(&sections->list[i].site);
    free(sections->list);
}

static struct section *find_section(const struct sections *sections, const char *name)
{
    for (size_t i = 0; i < sections->count; i++)
        if (!strcmp(sections->list[i].site.name, name))
            return &sections->list[i];
    return NULL;
}

static int start_section(struct sections *sections, const struct ini_line *line)
{
    const struct section *same = find_section(sections, line->section);
    if (same) {
        message_error("%s:%u: section [%s] is there already, at line %u: join the two, or rename "
                      "one",
                      sections->path, line->line, line->section, same->line);
        return 1;
    }
    if (!*line->section) {
        message_error("%s:%u: a section needs a name, such as [cdn]", sections->path, line->line);
        return 1;
    }
    struct section *list = realloc(sections->list, (sections->count + 1) * sizeof *list);
    if (list)
        sections->list = list;
    char *name = list ? strdup(line->section) : NULL;
    if (!name) {
        message_error("%s: out of memory", sections->path);
        return 1;
    }
    list[sections->count++] = (struct section){.site.name = name, .line = line->line};
    return 0;
}

static void say_unknown_setting(const struct sections *sections, const struct ini_line *line)
{
    struct buffer names = {0};
    for (const struct site_setting *s = site_settings; s->name; s++)
        buffer_printf(&names, "%s%s",
                      s == site_settings ? ""
                      : s[1].name        ? ", "
                                         : " and ",
                      s->name);
    message_error("%s:%u: %s: unknown setting; the settings are %s", sections->path, line->line,
                  line->name, names.data ? names.data : "in the manual");
    buffer_free(&names);
}

static bool is_quoted(const char *value)
{
    size_t size = strlen(value);
    return size > 1 && (*value == '"' || *value == '\'') && value[size - 1] == *value;
}

/* A value with what would be a comment in other files. */
static bool has_hash(const char *value)
{
    return strstr(value, " #") || strstr(value, "\t#");
}

static void say_wrong_value(const struct sections *sections, const struct ini_line *line,
                            const char *wrong)
{
    struct buffer value = {0};
    if (!strcmp(line->name, "endpoint"))
        url_add_shown(&value, line->value);
    else
        buffer_add_text(&value, line->value);
    message_error("%s:%u: %s = %s: %s%s", sections->path, line->line, line->name,
                  value.failed ? "" : value.data, wrong,
                  has_hash(line->value) ? "; a comment behind a value begins with ;" : "");
    buffer_free(&value);
}

static bool visit_line(void *user, const struct ini_line *line)
{
    struct sections *sections = user;
    if (!line->name)
        return start_section(sections, line) == 0;
    int setting = find_setting(line->name);
    if (setting < 0) {
        say_unknown_setting(sections, line);
        return false;
    }
    if (!sections->count) {
        message_error("%s:%u: %s: no section before it; begin one with a line such as [cdn]",
                      sections->path, line->line, line->name);
        return false;
    }
    struct section *section = &sections->list[sections->count - 1];
    if (section->set[setting]) {
        message_error("%s:%u: %s: set already at line %u; remove one of the two", sections->path,
                      line->line, line->name, section->set[setting]);
        return false;
    }
    const char *wrong = is_quoted(line->value) ? "quotes would be part of the value; leave them out"
                                               : site_set(&section->site, line->name, line->value);
    if (wrong) {
        say_wrong_value(sections, line, wrong);
        return false;
    }
    section->set[setting] = line->line;
    return true;
}

/* Whether everything whose name begins with the second begins with the first, a source. */
static bool is_inside(const char *source, const char *target)
{
    size_t size = strlen(source);
    if (strncmp(source, target, size))
        return false;
    return site_kind(source) == SITE_BUCKET || !target[size] || target[size] == '/' ||
           source[size - 1] == '/';
}

/* is_inside() for two directories, by whatever paths and links they are named; what is not there
 * yet is judged by the folder that it will be in. */
static bool is_inside_really(const char *source, const char *target)
{
    char *real_source = realpath(source, NULL), *parent = strdup(target), *real = NULL;
    while (parent && !(real = realpath(parent, NULL)) && strrchr(parent, '/') > parent)
        *strrchr(parent, '/') = '\0';
    bool inside = real_source && real && is_inside(real_source, real);
    free(real_source);
    free(parent);
    free(real);
    return inside;
}

/* What is wrong with where a site's objects are moved to; NULL: nothing. */
static const char *check_move(const struct site *site)
{
    if (site->after != SITE_AFTER_MOVE)
        return NULL;
    if ((site->kind == SITE_BUCKET) != (site_kind(site->after_to) == SITE_BUCKET))
        return "a bucket's objects move to s3://BUCKET/PREFIX, and files to a directory";
    if (site->kind != SITE_BUCKET && *site->after_to != '/')
        return "must be s3://BUCKET/PREFIX or an absolute path";
    if (is_inside(site->source, site->after_to) ||
        (site->kind != SITE_BUCKET && is_inside_really(site->source, site->after_to)))
        return "is within the source: what was counted would be found again";
    return NULL;
}

/* Reads and checks all of the file.  Returns 0, or -1 after printing one line. */
static int read_sections(struct sections *sections)
{
    unsigned line;
    enum ini_result result = ini_read(sections->path, visit_line, sections, &line);
    if (result == INI_UNREADABLE && errno == ENOENT)
        message_error("%s: there is no such file; make it, with a section [NAME] and a line "
                      "\"source = s3://BUCKET/PREFIX\", or name another with --config",
                      sections->path);
    else if (result == INI_UNREADABLE)
        message_error("%s: cannot be read: %s", sections->path, strerror(errno));
    else if (result == INI_MALFORMED || result == INI_TOO_LONG)
        message_error("%s:%u: %s", sections->path, line, ini_error(result));
    if (result)
        return -1;
    if (!sections->count) {
        message_error("%s: no section; a site is a section [NAME] with a line \"source = "
                      "s3://BUCKET/PREFIX\"",
                      sections->path);
        return -1;
    }
    for (size_t i = 0; i < sections->count; i++) {
        const struct section *section = &sections->list[i];
        if (!section->site.source) {
            message_error("%s:%u: section [%s] has no source; add a line \"source = "
                          "s3://BUCKET/PREFIX\"",
                          sections->path, section->line, section->site.name);
            return -1;
        }
        const char *wrong = check_move(&section->site);
        if (wrong) {
            message_error("%s:%u: after = move %s: %s", sections->path,
                          section->set[find_setting("after")], section->site.after_to, wrong);
            return -1;
        }
    }
    return 0;
}

int site_read(struct site *site, const char *path, const char *name)
{
    struct sections sections = {.path = path};
    struct buffer names = {0};
    int result = -1;
    if (read_sections(&sections) < 0)
        goto out;
    struct section *section = find_section(&sections, name);
    if (!section) {
        for (size_t i = 0; i < sections.count; i++)
            buffer_printf(&names, "%s%s", i ? ", " : "", sections.list[i].site.name);
        message_error("%s: no section [%s]; there is %s", path, name,
                      names.data ? names.data : "none");
        goto out;
    }
    if (has_hash(section->site.source))
        message_warning("%s: [%s]: source = %s: the # and what follows it are part of the value; a "
                        "comment behind a value begins with ;",
                        path, name, section->site.source);
    *site = section->site;
    section->site = (struct site){0};
    result = 0;
out:
    buffer_free(&names);
    sections_free(&sections);
    return result;
}

char **site_names(const char *path)
{
    struct sections sections = {.path = path};
    char **names = NULL;
    if (read_sections(&sections) < 0)
        goto out;
    names = calloc(sections.count + 1, sizeof *names);
    if (!names) {
        message_error("%s: out of memory", path);
        goto out;
    }
    for (size_t i = 0; i < sections.count; i++) {
        names[i] = sections.list[i].site.name;
        sections.list[i].site.name = NULL;
    }
out:
    sections_free(&sections);
    return names;
}
