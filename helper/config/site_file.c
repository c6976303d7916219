#include "config/site_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/real_path.h"
#include "config/same_ledger.h"
#include "config/sources.h"
#include "memory/allocate.h"
#include "s3/uri.h"
#include "text/ini.h"
#include "text/message.h"
#include "text/nearest.h"
#include "text/url.h"

/* All sections of a file, while the file is read and checked.  An error of a section concerns only its site; an
 * error of the file concerns all sites. */
struct sections {
    const char *path;
    struct buffer *error; /* of the file */
    struct section {
        struct site site;
        struct buffer error;              /* one line; empty: none */
        unsigned line;                    /* of the section's header */
        unsigned set[SITE_SETTING_COUNT]; /* the line of each setting; 0: not set */
        bool is_again;                    /* an earlier section has the same name */
    } * list;
    size_t count, capacity;
};

static void sections_free(struct sections *sections)
{
    for (size_t i = 0; i < sections->count; i++) {
        site_free(&sections->list[i].site);
        buffer_free(&sections->list[i].error);
    }
    free(sections->list);
}

static struct section *find_section(const struct sections *sections, const char *name)
{
    for (size_t i = 0; i < sections->count; i++)
        if (!strcmp(sections->list[i].site.name, name))
            return &sections->list[i];
    return NULL;
}

static bool start_section(struct sections *sections, const struct ini_line *line)
{
    if (!*line->section) {
        buffer_printf(sections->error, "%s:%u: a section needs a name, such as [cdn]",
                      sections->path, line->line);
        return false;
    }
    struct section *same = find_section(sections, line->section);
    if (same && !same->error.size)
        buffer_printf(&same->error,
                      "%s:%u: section [%s] is at line %u already; join the two, or rename "
                      "one",
                      sections->path, line->line, line->section, same->line);
    bool is_again = same != NULL;
    sections->list =
        array_grow(sections->list, sections->count, &sections->capacity, sizeof *sections->list);
    sections->list[sections->count++] = (struct section){
        .site.name = memory_copy_text(line->section), .line = line->line, .is_again = is_again};
    return true;
}

static void explain_unknown_setting(struct buffer *error, const char *path,
                                    const struct ini_line *line)
{
    struct nearest nearest = {.word = line->name};
    for (const struct site_setting *s = site_settings; s->name; s++)
        nearest_try(&nearest, s->name);
    buffer_printf(error, "%s:%u: %s: unknown setting; ", path, line->line, line->name);
    if (nearest.name)
        buffer_printf(error, "did you mean %s? ", nearest.name);
    buffer_add_text(error, nearest.name ? "The settings are " : "the settings are ");
    for (const struct site_setting *s = site_settings; s->name; s++)
        buffer_printf(error, "%s%s", s == site_settings ? "" : s[1].name ? ", " : " and ", s->name);
}

static bool is_quoted(const char *value)
{
    size_t size = strlen(value);
    return size > 1 && (*value == '"' || *value == '\'') && value[size - 1] == *value;
}

/* Returns whether the value contains a "#" that begins a comment in other INI files. */
static bool has_hash(const char *value)
{
    return strstr(value, " #") || strstr(value, "\t#");
}

static void explain_value(struct buffer *error, const char *path, const struct ini_line *line,
                          const char *value_error)
{
    buffer_printf(error, "%s:%u: %s = ", path, line->line, line->name);
    if (!strcmp(line->name, "endpoint"))
        url_add_shown(error, line->value);
    else
        buffer_add_text(error, line->value);
    buffer_printf(error, ": %s%s", value_error,
                  has_hash(line->value) ? "; a comment after a value begins with ;" : "");
}

/* Returns whether TARGET is inside SOURCE, by their names. */
static bool is_inside(const char *source, const char *target)
{
    size_t size = strlen(source);
    if (strncmp(source, target, size))
        return false;
    bool is_prefix = site_kind(source) == SITE_BUCKET && *s3_uri_prefix(source);
    return is_prefix || !target[size] || target[size] == '/' || source[size - 1] == '/';
}

/* Returns whether PLACE, a bucket or a directory, is inside SOURCE.  A directory is also inside if its name leads there
 * by a symbolic link in SOURCE, since a source is read with all its links. */
static bool has_place(const char *source, const char *place)
{
    if (site_kind(source) != site_kind(place))
        return false;
    if (is_inside(source, place) && !(site_kind(source) == SITE_PATH && strstr(place, "/..")))
        return true;
    if (site_kind(source) != SITE_PATH)
        return false;
    char *real_source = real_path(source), *real_place = real_path(place);
    bool has = is_inside(real_source, real_place);
    free(real_source);
    free(real_place);
    return has;
}

bool site_has_place(const struct site *site, const char *place)
{
    struct buffer one = {0};
    bool has = false;
    for (const char *rest = site->source; (rest = sources_next(rest, &one));)
        has |= has_place(one.data, place);
    buffer_free(&one);
    return has;
}

bool site_overlaps(const struct site *site, const struct site *other)
{
    struct buffer one = {0};
    bool overlaps = false;
    for (const char *rest = site->source; (rest = sources_next(rest, &one));)
        overlaps |= site_has_place(other, one.data);
    for (const char *rest = other->source; (rest = sources_next(rest, &one));)
        overlaps |= site_has_place(site, one.data);
    buffer_free(&one);
    return overlaps;
}

static bool overlap(const char *a, const char *b)
{
    return has_place(a, b) || has_place(b, a);
}

/* Checks that the source of this line and the earlier ones do not overlap. */
static void check_source(struct section *section, const char *path, const struct ini_line *line)
{
    const char *rest = section->site.source, *added = strrchr(rest, '\n');
    struct buffer one = {0};
    while ((rest = sources_next(rest, &one)) && *rest && !section->error.size)
        if (overlap(one.data, added + 1))
            buffer_printf(&section->error,
                          "%s:%u: source = %s: has objects of the source %s of the same section, "
                          "which would be found twice; remove one of the two lines",
                          path, line->line, line->value, one.data);
    buffer_free(&one);
}

/* Sets the setting of a line.  Adds one line to the section's error when it cannot be set. */
static void take_setting(struct section *section, const char *path, const struct ini_line *line)
{
    int setting = site_find_setting(line->name);
    if (setting < 0) {
        explain_unknown_setting(&section->error, path, line);
        return;
    }
    bool may_repeat = !strcmp(line->name, "source");
    if (section->set[setting] && !may_repeat) {
        buffer_printf(&section->error, "%s:%u: %s: already set at line %u; remove one of the two",
                      path, line->line, line->name, section->set[setting]);
        return;
    }
    const char *value_error = is_quoted(line->value)
                                  ? "quotes would be part of the value; leave them out"
                                  : site_set(&section->site, line->name, line->value);
    if (value_error)
        explain_value(&section->error, path, line, value_error);
    if (may_repeat && !value_error)
        check_source(section, path, line);
    section->set[setting] = line->line;
}

static bool visit_line(void *user, const struct ini_line *line)
{
    struct sections *sections = user;
    if (!line->name)
        return start_section(sections, line);
    if (!sections->count) {
        buffer_printf(
            sections->error,
            "%s:%u: %s: this setting is in no section; begin one with a line such as [cdn]",
            sections->path, line->line, line->name);
        return false;
    }
    struct section *section = &sections->list[sections->count - 1];
    if (!section->error.size)
        take_setting(section, sections->path, line);
    return true;
}

/* Adds what the names of all objects of SOURCE begin with after the move to TARGET.  In a bucket, that is the target
 * and the part of the source's prefix behind its last slash, since the objects keep their folders below that. */
static void add_moved(struct buffer *moved, const char *source, const char *target)
{
    buffer_add_text(moved, target);
    if (site_kind(source) != SITE_BUCKET)
        return;
    const char *prefix = s3_uri_prefix(source), *slash = strrchr(prefix, '/');
    if (!*s3_uri_prefix(target) && target[strlen(target) - 1] != '/')
        buffer_add_text(moved, "/");
    buffer_add_text(moved, slash ? slash + 1 : prefix);
}

/* Checks the target to which the objects of SOURCE, one of the site's sources, are moved.  Returns NULL, or an error
 * (static). */
static const char *check_target(const struct site *site, const char *source)
{
    const char *target = site->after_to;
    bool is_bucket = site_kind(source) == SITE_BUCKET;
    if (is_bucket != (site_kind(target) == SITE_BUCKET))
        return is_bucket ? "must be s3://BUCKET/PREFIX, because the source is a bucket"
                         : "must be a directory, because the source is a directory";
    if (!is_bucket && *target != '/')
        return "must be s3://BUCKET/PREFIX or an absolute path";
    struct s3_uri uri = {0};
    const char *uri_error = is_bucket ? s3_uri_parse(&uri, target) : NULL;
    s3_uri_free(&uri);
    if (uri_error)
        return uri_error;
    struct buffer moved = {0};
    char *whole = sources_are_several(site->source) ? sources_target(source, target) : NULL;
    add_moved(&moved, source, whole ? whole : target);
    bool is_found_again = site_has_place(site, target) || site_has_place(site, moved.data);
    buffer_free(&moved);
    free(whole);
    return is_found_again ? "is inside the source, so counted objects would be found again; choose "
                            "a place outside the source"
                          : NULL;
}

/* Whether the site has both buckets and directories. */
static bool is_mixed(const struct site *site)
{
    struct buffer one = {0};
    bool has[2] = {false, false};
    for (const char *rest = site->source; (rest = sources_next(rest, &one));)
        has[site_kind(one.data) == SITE_BUCKET] = true;
    buffer_free(&one);
    return has[0] && has[1];
}

const char *site_move_error(const struct site *site)
{
    struct buffer one = {0};
    const char *error = NULL, *rest = site->source;
    if (site->after == SITE_AFTER_MOVE && is_mixed(site))
        return "buckets and directories of one site cannot be moved to one target; set after = "
               "keep or after = delete, or give the directories a section of their own";
    while (site->after == SITE_AFTER_MOVE && !error && (rest = sources_next(rest, &one)))
        error = check_target(site, one.data);
    buffer_free(&one);
    return error;
}

static void explain_file(const struct sections *sections, enum ini_result result, unsigned line)
{
    struct buffer *error = sections->error;
    if (result == INI_UNREADABLE && errno == ENOENT)
        buffer_printf(error,
                      "%s: there is no such file; create it, with a section [NAME] and a line "
                      "\"source = s3://BUCKET/PREFIX\", or name another with --config",
                      sections->path);
    else if (result == INI_UNREADABLE)
        buffer_printf(error,
                      "%s: cannot be read: %s; make it readable for this user, or name another "
                      "file with --config",
                      sections->path, strerrordesc_np(errno));
    else
        buffer_printf(error, "%s:%u: %s", sections->path, line, ini_error(result));
}

/* Checks that no objects are deleted or moved that may have records of other hosts, too.  Returns false after
 * adding an error. */
static bool check_hosts(struct section *section, const char *path)
{
    const struct site *site = &section->site;
    if (!site->hosts || site->after == SITE_AFTER_KEEP)
        return true;
    buffer_printf(&section->error,
                  "%s:%u: after = %s: with host = %s, records of other hosts are not counted, and "
                  "they would leave the source with the counted objects; set after = keep, or "
                  "remove the host names from the setting \"host\"",
                  path, section->set[site_find_setting("after")],
                  site->after == SITE_AFTER_MOVE ? "move" : "delete", site->hosts);
    return false;
}

/* Returns the number of the line that names the ledger of a section, or else of the section's header. */
static unsigned ledger_line(const struct section *section)
{
    unsigned line = section->set[site_find_setting("state")];
    return line ? line : section->line;
}

/* Checks that no other section has the same ledger: each site would take the objects that the other has counted for its
 * own.  Returns false after adding an error to this section; the check of the other section adds the same error. */
static bool check_ledger(const struct sections *sections, struct section *section)
{
    for (const struct section *other = sections->list; other < sections->list + sections->count;
         other++) {
        const struct section *first = other < section ? other : section;
        const struct section *second = other < section ? section : other;
        if (!same_ledger(&first->site, &second->site))
            continue;
        char *ledger = same_ledger_path(&section->site);
        buffer_printf(&section->error,
                      "%s: the sections [%s] at line %u and [%s] at line %u have one ledger file, "
                      "%s; give each site a file of its own, with the setting \"state\"",
                      sections->path, first->site.name, ledger_line(first), second->site.name,
                      ledger_line(second), ledger);
        free(ledger);
        return false;
    }
    return true;
}

/* Checks a section as a whole.  Returns false when it has an error. */
static bool check_section(const struct sections *sections, struct section *section)
{
    const char *path = sections->path;
    const struct site *site = &section->site;
    if (section->error.size)
        return false;
    if (!site->source) {
        buffer_printf(&section->error,
                      "%s:%u: section [%s] has no source; add a line \"source = "
                      "s3://BUCKET/PREFIX\"",
                      path, section->line, site->name);
        return false;
    }
    if (site->proxies && site->client != SITE_CLIENT_X_FORWARDED_FOR) {
        buffer_printf(&section->error,
                      "%s:%u: trusted-proxies: needs the line \"client = x-forwarded-for\", since "
                      "c-ip is never the address behind a proxy; add it to section [%s]",
                      path, section->set[site_find_setting("trusted-proxies")], site->name);
        return false;
    }
    const char *move_error = site_move_error(site);
    if (move_error)
        buffer_printf(&section->error, "%s:%u: after = move %s: %s", path,
                      section->set[site_find_setting("after")], site->after_to, move_error);
    return !move_error && check_hosts(section, path) && check_ledger(sections, section);
}

/* Reads the file.  Returns false after adding one line to the sections' error. */
static bool read_sections(struct sections *sections)
{
    unsigned line;
    enum ini_result result = ini_read(sections->path, visit_line, sections, &line);
    if (result == INI_ENDED)
        return false;
    if (result) {
        explain_file(sections, result, line);
        return false;
    }
    if (!sections->count)
        buffer_printf(sections->error,
                      "%s: no section; a site is a section [NAME] with a line \"source = "
                      "s3://BUCKET/PREFIX\"",
                      sections->path);
    return sections->count > 0;
}

/* Adds the error that no section has this name.  The caller adds the names of all sections. */
static void explain_missing(const struct sections *sections, const char *name)
{
    struct nearest nearest = {.word = name};
    for (size_t i = 0; i < sections->count; i++)
        nearest_try(&nearest, sections->list[i].site.name);
    buffer_printf(sections->error, "%s: no section [%s]; ", sections->path, name);
    if (nearest.name)
        buffer_printf(sections->error,
                      "did you mean [%s]? Name one of these with --site: ", nearest.name);
    else
        buffer_add_text(sections->error, "add it, or name another one with --site: ");
}

/* Warns if a source seems to end with a comment, unless a file or directory has this name. */
static void warn_of_hash(const struct site *site, const char *path)
{
    struct buffer one = {0};
    for (const char *rest = site->source; (rest = sources_next(rest, &one));)
        if (has_hash(one.data) &&
            !(site_kind(one.data) == SITE_PATH && access(one.data, F_OK) == 0))
            message_warning("%s: [%s]: source = %s: the # and the text after it are part of the "
                            "value; if they are a comment, begin it with ; instead of #",
                            path, site->name, one.data);
    buffer_free(&one);
}

int site_file_read(struct site *site, const char *path, const char *name, struct buffer *error)
{
    struct sections sections = {.path = path, .error = error};
    int result = -1;
    if (!read_sections(&sections))
        goto out;
    struct section *section = find_section(&sections, name);
    if (!section) {
        explain_missing(&sections, name);
        for (size_t i = 0; i < sections.count; i++)
            if (!sections.list[i].is_again)
                buffer_printf(error, "%s%s", i ? ", " : "", sections.list[i].site.name);
        goto out;
    }
    if (!check_section(&sections, section)) {
        buffer_add_text(error, section->error.data);
        goto out;
    }
    warn_of_hash(&section->site, path);
    *site = section->site;
    site->config = strcmp(path, SITE_CONFIG_DEFAULT) != 0 ? path : NULL;
    section->site = (struct site){0};
    result = 0;
out:
    sections_free(&sections);
    return result;
}

char **site_file_names(const char *path, struct buffer *error)
{
    struct sections sections = {.path = path, .error = error};
    char **names = NULL;
    if (read_sections(&sections)) {
        size_t count = 0;
        names = memory_allocate(sections.count + 1, sizeof *names);
        for (size_t i = 0; i < sections.count; i++)
            if (!sections.list[i].is_again) {
                names[count++] = sections.list[i].site.name;
                sections.list[i].site.name = NULL;
            }
    }
    sections_free(&sections);
    return names;
}

void site_file_free_names(char **names)
{
    for (char **name = names; name && *name; name++)
        free(*name);
    free(names);
}

void site_file_read_correct(struct site *sites, const char *path, const char *const *names,
                            size_t count)
{
    struct buffer error = {0};
    struct sections sections = {.path = path, .error = &error};
    bool is_read = read_sections(&sections);
    for (size_t i = 0; is_read && i < count; i++) {
        struct section *section = find_section(&sections, names[i]);
        if (!section || !check_section(&sections, section))
            continue;
        sites[i] = section->site;
        section->site = (struct site){.name = memory_copy_text(names[i])};
    }
    sections_free(&sections);
    buffer_free(&error);
}
