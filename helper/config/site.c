#include "config/site.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/region.h"
#include "config/field_list.h"
#include "config/sources.h"
#include "config/trusted_proxies.h"
#include "log/decode.h"
#include "memory/allocate.h"
#include "s3/uri.h"
#include "text/buffer.h"
#include "text/pattern_list.h"
#include "text/percent.h"

const struct site_setting site_settings[SITE_SETTING_COUNT + 1] = {
    {"source", "SOURCE",
     "where the logs are: s3://BUCKET/PREFIX, a directory or a file; a site may have several such "
     "lines",
     false},
    {"type", "auto|download|streaming", "the kind of distribution (default auto: as the logs tell)",
     true},
    {"region", "REGION",
     "the AWS region of the bucket (default: from the AWS settings, or from S3)", true},
    {"profile", "NAME", "the profile of ~/.aws that has the credentials", true},
    {"endpoint", "URL", "the address of an S3-compatible store (default: AWS)", true},
    {"sign", "yes|no",
     "sign requests with credentials; no: read a public bucket without any (default yes)", false},
    {"requester-pays", "yes|no",
     "tell the bucket that the sender of requests pays for them; another account's bucket may "
     "demand it (default no)",
     false},
    {"client", "c-ip|x-forwarded-for", "where the address of the visitor comes from (default c-ip)",
     true},
    {"trusted-proxies", "NETWORKS",
     "the networks of your own proxies, such as \"192.0.2.0/24 2001:db8::/32\", for "
     "client = x-forwarded-for (default: none)",
     true},
    {"anonymize", "none|ip|hash",
     "ip: write the addresses of visitors without their last part; hash: write a name "
     "instead, which is new each day (default none)",
     true},
    {"host", "x-host-header|cs(Host)",
     "where the host comes from: x-host-header is the name that the visitor asked for, "
     "cs(Host) that of the distribution (default x-host-header); with names of hosts such as "
     "*.example.com, only their records are read, and after must be keep",
     true},
    {"fields", "NAMES",
     "the columns of logs without a header, in their order, such as \"date time c-ip\" (default: "
     "found by the number and the look of the columns)",
     true},
    {"delimiter", "TEXT",
     "what separates the values of a row, if the program cannot find it out: tab, space, comma, "
     "semicolon, pipe, or any text",
     true},
    {"include", "PATTERNS",
     "read only objects whose keys match one of these patterns: a word of the key, such as "
     "E2EXAMPLE, or the whole key with * and ?, such as *.gz",
     true},
    {"exclude", "PATTERNS", "do not read objects whose keys match one of these patterns", true},
    {"state", "FILE", "the ledger of the site (default " SITE_STATE_FOLDER "/NAME.db)", false},
    {"after", "ACTION",
     "what to do with objects once they are counted: keep, delete, or move s3://BUCKET/PREFIX "
     "(default keep)",
     false},
    {"unique", "none|x-edge-request-id",
     "count each request once, even if two logs have it (default none)", true},
    {"settle", "DURATION",
     "do not read an object until this long after the end of its hour, such as 24h (default 0)",
     false},
    {"lookback", "DURATION",
     "how late an object may arrive and still be found by the next run; the full listing, once a "
     "day, finds later ones (default 48h)",
     false},
    {"max-inflated", "SIZE",
     "leave out an object (quarantine it) whose compressed data inflates to more than this, such "
     "as 500M or 4G (default 2G)",
     true},
    {"memory", "SIZE",
     "how much memory an update may take for what it has counted before it saves in between, such "
     "as 500M or 4G (default: a quarter of the machine's)",
     false},
    {"awstats-config", "NAME",
     "the AWStats configuration that counts the site: NAME of awstats.NAME.conf, or its path "
     "(default: the site's name, else the one whose LogFile names the site)",
     false},
    {"awstats", "FILE", "the path of awstats.pl (default: where packages put it)", false},
    {"report", "DIR", "the folder into which update writes the pages of the report (default: none)",
     false},
    {0},
};

static const char *set_text(char **text, const char *value)
{
    char *copy = memory_copy_text(value);
    free(*text);
    *text = copy;
    return NULL;
}

/* Returns the index of VALUE in the NULL-terminated NAMES, or -1. */
static int choose(const char *value, const char *const *names)
{
    for (int i = 0; names[i]; i++)
        if (!strcmp(names[i], value))
            return i;
    return -1;
}

enum site_kind site_kind(const char *source)
{
    if (sources_are_several(source))
        return SITE_SEVERAL;
    return s3_uri_is(source) ? SITE_BUCKET : strcmp(source, "-") ? SITE_PATH : SITE_STDIN;
}

const char *site_source_error(const char *source)
{
    const char *colon = strchr(source, ':');
    if (sources_are_several(source))
        return "must not begin with a line end; write ./ before it";
    if (site_kind(source) != SITE_PATH || !colon)
        return NULL;
    if (colon - source == 2 && !strncasecmp(source, "s3", 2))
        return "must be s3://BUCKET/PREFIX, with two slashes after the colon";
    if (!strncmp(colon, "://", 3) && !memchr(source, '/', (size_t)(colon - source)))
        return "must be s3://BUCKET/PREFIX, a directory or a file; no other URL can be read";
    return NULL;
}

static const char *set_source(struct site *site, const char *value)
{
    const char *error = site_source_error(value);
    if (error)
        return error;
    if (site->source && (site_kind(value) == SITE_STDIN || site_kind(site->source) == SITE_STDIN))
        return "the standard input cannot be one of several sources";
    site->source = sources_add(site->source, value);
    site->kind = site_kind(site->source);
    return NULL;
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
    if (!region_is_name(value))
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

static const char *set_requester_pays(struct site *site, const char *value)
{
    int pays = choose(value, (const char *const[]){"no", "yes", NULL});
    if (pays < 0)
        return "must be yes or no";
    site->requester_pays = pays;
    return NULL;
}

static const char *set_sign(struct site *site, const char *value)
{
    int sign = choose(value, (const char *const[]){"no", "yes", NULL});
    if (sign < 0)
        return "must be yes or no";
    site->is_anonymous = !sign;
    return NULL;
}

static const char *set_client(struct site *site, const char *value)
{
    int client = choose(value, (const char *const[]){"c-ip", "x-forwarded-for", NULL});
    if (client < 0)
        return "must be c-ip or x-forwarded-for";
    site->client = (enum site_client)client;
    return NULL;
}

static const char *set_trusted_proxies(struct site *site, const char *value)
{
    return trusted_proxies_read(&site->proxies, &site->proxy_count, value);
}

static const char *set_anonymize(struct site *site, const char *value)
{
    int how = choose(value, (const char *const[]){"none", "ip", "hash", NULL});
    if (how < 0)
        return "must be none, ip or hash";
    site->anonymize = (enum anonymize)how;
    return NULL;
}

/* Adds a pattern in the form in which host names are compared: in lower case, without a port, without a dot at
 * the end. */
static void add_host(struct buffer *hosts, const char *pattern)
{
    char name[3 * PATTERN_LIST_SIZE_MAX];
    size_t size = decode_host(pattern, strlen(pattern), name);
    buffer_printf(hosts, "%s%.*s", hosts->size ? " " : "", (int)size, name);
}

/* [x-host-header | cs(Host)] [NAME...] */
static const char *set_host(struct site *site, const char *value)
{
    static const char error[] = "must be x-host-header or cs(Host), or names of hosts such as "
                                "www.example.com or *.example.com, or both";
    char pattern[PATTERN_LIST_SIZE_MAX + 1];
    struct buffer hosts = {0};
    if (strlen(value) > PATTERN_LIST_SIZE_MAX)
        return "must have at most 4096 bytes";
    for (size_t i = 0; (value = pattern_list_next(value, pattern)); i++) {
        int host = choose(pattern, (const char *const[]){"x-host-header", "cs(Host)", NULL});
        if ((host >= 0 && i) || (host < 0 && !strpbrk(pattern, ".:*"))) {
            buffer_free(&hosts);
            return error;
        }
        if (host >= 0)
            site->host = (enum site_host)host;
        else
            add_host(&hosts, pattern);
    }
    free(site->hosts);
    site->hosts = hosts.data;
    return NULL;
}

static const char *set_fields(struct site *site, const char *value)
{
    const char *error = field_list_check(value);
    return error ? error : set_text(&site->fields, value);
}

static const char *set_delimiter(struct site *site, const char *value)
{
    return delimiter_parse(&site->delimiter, value);
}

static const char *set_patterns(char **patterns, const char *value)
{
    return strlen(value) > PATTERN_LIST_SIZE_MAX ? "must have at most 4096 bytes"
                                                 : set_text(patterns, value);
}

static const char *set_include(struct site *site, const char *value)
{
    return set_patterns(&site->include, value);
}

static const char *set_exclude(struct site *site, const char *value)
{
    return set_patterns(&site->exclude, value);
}

static const char *set_state(struct site *site, const char *value)
{
    if (*value != '/')
        return "must be an absolute path";
    if (value[strlen(value) - 1] == '/')
        return "must be a file, not a folder";
    return set_text(&site->state, value);
}

/* Stores the target of a move.  A target in a bucket is a folder, too, so it gets a slash at its end. */
static void set_target(struct site *site, const char *to)
{
    struct buffer target = {0};
    buffer_add_text(&target, to);
    s3_uri_lower_scheme(target.data);
    if (site_kind(to) == SITE_BUCKET && *s3_uri_prefix(to) && target.data[target.size - 1] != '/')
        buffer_add_text(&target, "/");
    free(site->after_to);
    site->after_to = target.data;
}

static const char *set_after(struct site *site, const char *value)
{
    int after = choose(value, (const char *const[]){"keep", "delete", NULL});
    const char *to = value + strcspn(value, " \t");
    if (after < 0 && to - value == 4 && !strncmp(value, "move", 4) && *to) {
        to += strspn(to, " \t");
        after = SITE_AFTER_MOVE;
        set_target(site, to);
    }
    if (after < 0)
        return "must be keep, delete, or move and a target, s3://BUCKET/PREFIX or /DIRECTORY";
    site->after = (enum site_after)after;
    return NULL;
}

const char *site_set_duration(int64_t *seconds, const char *value)
{
    static const char error[] = "must be a duration such as 90m, 24h or 2d";
    static const struct {
        const char *unit;
        int64_t seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    char *end;
    errno = 0;
    long number = strtol(value, &end, 10);
    if (errno || *value < '0' || *value > '9' || number > 10 * 366 * 86400L)
        return error;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcmp(end, units[i].unit)) {
            *seconds = number * units[i].seconds;
            return *seconds > 10 * 366 * 86400L ? error : NULL;
        }
    return error;
}

static const char *set_unique(struct site *site, const char *value)
{
    int unique = choose(value, (const char *const[]){"none", "x-edge-request-id", NULL});
    if (unique < 0)
        return "must be x-edge-request-id or none";
    site->unique = unique;
    return NULL;
}

static const char *set_settle(struct site *site, const char *value)
{
    return site_set_duration(&site->settle, value);
}

static const char *set_lookback(struct site *site, const char *value)
{
    const char *error = site_set_duration(&site->lookback, value);
    return error || site->lookback >= 3600 ? error : "must be an hour or more";
}

/* Reads a size into *BYTES: NUMBER, or NUMBER and one of the units k, M, G, T (powers of 1024); 1 or
 * more.  Returns NULL, or an error (static). */
static const char *set_size(uint64_t *bytes, const char *value)
{
    static const char error[] = "must be a size such as 500M or 4G";
    static const char units[] = "KMGT"; /* in any case */
    char *end;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    const char *unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
    unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
    if (errno || *value < '1' || *value > '9' || (*end && (!unit || end[1])) ||
        number > UINT64_MAX >> shift)
        return error;
    *bytes = number << shift;
    return NULL;
}

static const char *set_max_inflated(struct site *site, const char *value)
{
    return set_size(&site->max_inflated, value);
}

static const char *set_memory(struct site *site, const char *value)
{
    return set_size(&site->memory, value);
}

/* NAME
 * /PATH/awstats.NAME.conf */
static const char *set_awstats_config(struct site *site, const char *value)
{
    const char *slash = strrchr(value, '/');
    size_t size = slash ? strlen(slash) : 0;
    if (slash && (*value != '/' || size <= strlen("/awstats..conf") ||
                  strncmp(slash, "/awstats.", strlen("/awstats.")) != 0 ||
                  strcmp(slash + size - strlen(".conf"), ".conf") != 0))
        return "must be the NAME of awstats.NAME.conf, or the absolute path of such a file";
    return set_text(&site->awstats_config, value);
}

static const char *set_awstats(struct site *site, const char *value)
{
    return *value == '/' ? set_text(&site->awstats, value)
                         : "must be the absolute path of awstats.pl";
}

static const char *set_report(struct site *site, const char *value)
{
    return *value == '/' ? set_text(&site->report, value) : "must be the absolute path of a folder";
}

/* The setters, in the order of site_settings. */
static const char *(*const setters[SITE_SETTING_COUNT])(struct site *, const char *) = {
    set_source,       set_type,           set_region,         set_profile,         set_endpoint,
    set_sign,         set_requester_pays, set_client,         set_trusted_proxies, set_anonymize,
    set_host,         set_fields,         set_delimiter,      set_include,         set_exclude,
    set_state,        set_after,          set_unique,         set_settle,          set_lookback,
    set_max_inflated, set_memory,         set_awstats_config, set_awstats,         set_report,
};

int site_find_setting(const char *name)
{
    for (int i = 0; site_settings[i].name; i++)
        if (!strcmp(site_settings[i].name, name))
            return i;
    return -1;
}

const char *site_set(struct site *site, const char *name, const char *value)
{
    int setting = site_find_setting(name);
    if (setting < 0)
        return "unknown setting";
    if (!*value)
        return "must not be empty";
    return setters[setting](site, value);
}

static enum reader_kinds reader_kinds(const struct site *site)
{
    switch (site->type) {
    case SITE_DOWNLOAD:
        return READER_DOWNLOAD;
    case SITE_STREAMING:
        return READER_STREAMING;
    default:
        return READER_ALL;
    }
}

struct reader_options site_reader_options(const struct site *site)
{
    return (struct reader_options){
        .normalize = {.client = {.is_forwarded = site->client == SITE_CLIENT_X_FORWARDED_FOR,
                                 .proxies = site->proxies,
                                 .proxy_count = site->proxy_count,
                                 .anonymize = site->anonymize},
                      .host_cs_host = site->host == SITE_HOST_CS_HOST},
        .kinds = reader_kinds(site),
        .max_inflated = site->max_inflated ? site->max_inflated : SITE_MAX_INFLATED_DEFAULT,
        .hosts = site->hosts,
        .fields = site->fields,
        .delimiter = site->delimiter,
    };
}

/* Whether a byte needs no percent-encoding in a file's name. */
static bool is_plain(unsigned char byte)
{
    return byte > ' ' && byte < 0x7f && byte != '/' && byte != '%';
}

char *site_state_path(const struct site *site)
{
    struct buffer path = {0};
    const char *name = site->name;
    if (site->state)
        return memory_copy_text(site->state);
    buffer_add_text(&path, SITE_STATE_FOLDER "/");
    if (*name == '.') { /* the file must not be hidden, nor be ".." */
        buffer_add_text(&path, "%2E");
        name++;
    }
    percent_encode(&path, name, is_plain);
    buffer_add_text(&path, ".db");
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
    free(site->hosts);
    free(site->fields);
    free(site->include);
    free(site->exclude);
    free(site->state);
    free(site->proxies);
    free(site->awstats_config);
    free(site->awstats);
    free(site->report);
    *site = (struct site){0};
}
