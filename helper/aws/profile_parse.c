#include "aws/profile_parse.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "memory/allocate.h"

/* A file while it is parsed. */
struct parse {
    struct sections *sections;
    struct section *section; /* the present one; NULL: before the first header */
    char *value_end;         /* of the setting that a further line may continue; NULL: none */
    size_t defaults;         /* the index of [DEFAULT] in the sections, and 1; 0: none yet */
    size_t indent;           /* bytes before the last header, or setting that is not nested */
    unsigned line;
    bool is_config;
    const char *path;
    struct buffer *error;
};

static const char neither[] =
    "the line is neither [SECTION] nor NAME = VALUE; correct or remove it";

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static char *skip_space(char *text)
{
    while (is_space(*text))
        text++;
    return text;
}

/* Ends TEXT before the white space at its end.  Returns the new end. */
static char *trim_end(char *text)
{
    char *end = text + strlen(text);
    while (end > text && is_space(end[-1]))
        end--;
    *end = '\0';
    return end;
}

static bool fail(struct parse *parse, const char *what)
{
    buffer_printf(parse->error, "%s:%u: %s", parse->path, parse->line, what);
    return false;
}

/* Ends TEXT before a comment behind it.  In a command, no comment begins between quotes. */
static void cut_comment(char *text, bool is_command)
{
    char quote = '\0';
    for (char *p = text; *p; p++) {
        if (quote)
            quote = *p == quote ? '\0' : quote;
        else if (is_command && (*p == '"' || *p == '\''))
            quote = *p;
        else if (p > text && (*p == '#' || *p == ';') && is_space(p[-1]))
            *p-- = '\0'; /* ends the loop, too */
    }
}

/* ---- headers -------------------------------------------------------------------------------- */

/* Returns what follows WORD and white space in HEADER; NULL if HEADER begins with another word. */
static char *after_word(char *header, const char *word)
{
    size_t size = strlen(word);
    if (strncmp(header, word, size) != 0 || !is_space(header[size]))
        return NULL;
    return skip_space(header + size);
}

/* Takes away the quotes around a name. */
static char *unquote(char *name)
{
    size_t size = strlen(name);
    if (size < 2 || (*name != '"' && *name != '\'') || name[size - 1] != *name)
        return name;
    name[size - 1] = '\0';
    return name + 1;
}

static void classify(struct section *section, char *header, bool is_config)
{
    static const struct {
        const char *word;
        enum section_kind kind;
    } kinds[] = {{"profile", SECTION_PROFILE},
                 {"sso-session", SECTION_SESSION},
                 {"services", SECTION_SERVICES}};
    section->kind = SECTION_PROFILE;
    section->name = header;
    if (!is_config || !strcmp(header, "default"))
        return;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char *name = after_word(header, kinds[i].word);
        if (name) {
            trim_end(name);
            section->kind = kinds[i].kind;
            section->name = unquote(name);
            return;
        }
    }
    section->kind = SECTION_OTHER;
    section->name = header;
}

/* Returns the "]" that ends a header, which is not between quotes; NULL: there is none. */
static char *find_end(char *header)
{
    char quote = '\0';
    for (char *p = header; *p; p++) {
        if (quote)
            quote = *p == quote ? '\0' : quote;
        else if ((*p == '"' || *p == '\'') && (p == header || is_space(p[-1])))
            quote = *p;
        else if (*p == ']')
            return p;
    }
    return quote ? strchr(header, ']') : NULL;
}

/* Parses the header of a section; HEADER is the text after "[". */
static bool parse_header(struct parse *parse, char *header)
{
    struct sections *sections = parse->sections;
    char *end = find_end(header);
    const char *behind = end ? skip_space(end + 1) : NULL;
    if (!end || (*behind && *behind != ';' && *behind != '#'))
        return fail(parse, neither);
    *end = '\0';
    if (!*skip_space(header))
        return fail(parse, "the section has no name; write one between [ and ]");
    bool is_defaults = !strcmp(header, "DEFAULT");
    parse->value_end = NULL;
    if (is_defaults && parse->defaults) {
        parse->section = &sections->list[parse->defaults - 1];
        return true;
    }
    sections->list =
        array_grow(sections->list, sections->count, &sections->capacity, sizeof *sections->list);
    parse->section = &sections->list[sections->count++];
    *parse->section = (struct section){
        .kind = SECTION_DEFAULTS, .name = header, .header = header, .line = parse->line};
    if (is_defaults)
        parse->defaults = sections->count;
    else
        classify(parse->section, header, parse->is_config);
    return true;
}

/* ---- settings ------------------------------------------------------------------------------- */

static void add_setting(struct parse *parse, const char *name, char *value, const char *below)
{
    struct section *section = parse->section;
    section->settings = array_grow(section->settings, section->count, &section->capacity,
                                   sizeof *section->settings);
    section->settings[section->count++] = (struct setting){name, value, below, parse->line};
}

/* Ends NAME at the first of SEPARATORS, and returns the value behind it.  Returns NULL if there is
 * no separator, or no name. */
static char *split(char *name, const char *separators)
{
    char *value = name + strcspn(name, separators);
    if (!*value || value == name)
        return NULL;
    *value++ = '\0';
    trim_end(name);
    return value;
}

static bool parse_setting(struct parse *parse, char *name)
{
    char *value = split(name, "=:");
    if (!value)
        return fail(parse, neither);
    if (!parse->section)
        return fail(parse, "the setting is before the first [SECTION]; move it into one");
    cut_comment(value, !strcasecmp(name, "credential_process"));
    value = skip_space(value);
    parse->value_end = trim_end(value);
    add_setting(parse, name, value, NULL);
    return true;
}

/* Parses a line that continues the setting before it: a nested setting if that one has no value,
 * else more of its value. */
static bool parse_further(struct parse *parse, char *text)
{
    struct section *section = parse->section;
    struct setting *last = &section->settings[section->count - 1];
    if (last->below || !*last->value) {
        const char *below = last->below ? last->below : last->name;
        char *value = split(text, "=");
        if (!value)
            return fail(parse, "the indented line is not NAME = VALUE; correct it");
        cut_comment(value, false);
        value = skip_space(value);
        trim_end(value);
        add_setting(parse, text, value, below);
        return true;
    }
    cut_comment(text, !strcasecmp(last->name, "credential_process"));
    size_t size = (size_t)(trim_end(text) - text);
    *parse->value_end++ = '\n';
    memmove(parse->value_end, text, size + 1); /* to a lower address: the text stands behind it */
    parse->value_end += size;
    return true;
}

/* Parses one line, which ends in a NUL. */
static bool parse_line(struct parse *parse, char *line)
{
    char *start = skip_space(line);
    size_t indent = (size_t)(start - line);
    trim_end(start);
    if (!*start || *start == '#' || *start == ';')
        return true;
    if (parse->value_end && indent > parse->indent)
        return parse_further(parse, start);
    parse->indent = indent;
    return *start == '[' ? parse_header(parse, start + 1) : parse_setting(parse, start);
}

/* ---- duplicates ----------------------------------------------------------------------------- */

static int compare_texts(const char *a, const char *b)
{
    return !a || !b ? !!a - !!b : strcasecmp(a, b);
}

static int compare_settings(const void *first, const void *second)
{
    const struct setting *const *a = first, *const *b = second;
    int by_place = compare_texts((*a)->below, (*b)->below);
    int order = by_place ? by_place : strcasecmp((*a)->name, (*b)->name);
    return order ? order : (int)((*a)->line > (*b)->line) - (int)((*a)->line < (*b)->line);
}

static int compare_sections(const void *first, const void *second)
{
    const struct section *const *a = first, *const *b = second;
    int order = strcmp((*a)->header, (*b)->header);
    return order ? order : (int)((*a)->line > (*b)->line) - (int)((*a)->line < (*b)->line);
}

static bool check_settings(struct parse *parse, const struct section *section)
{
    const struct setting **sorted = memory_allocate(section->count, sizeof *sorted);
    bool is_unique = true;
    for (size_t i = 0; i < section->count; i++)
        sorted[i] = &section->settings[i];
    qsort(sorted, section->count, sizeof *sorted, compare_settings);
    for (size_t i = 1; i < section->count && is_unique; i++) {
        const struct setting *a = sorted[i - 1], *b = sorted[i];
        is_unique = compare_texts(a->below, b->below) || strcasecmp(a->name, b->name);
        if (!is_unique)
            buffer_printf(
                parse->error,
                "%s:%u: the setting \"%s\" is also in line %u; remove one of these two lines",
                parse->path, b->line, b->name, a->line);
    }
    free(sorted);
    return is_unique;
}

/* Returns false after adding one line to the error if two sections have the same header, or two
 * settings of a section the same name. */
static bool check_unique(struct parse *parse)
{
    const struct sections *sections = parse->sections;
    const struct section **sorted = memory_allocate(sections->count, sizeof *sorted);
    bool is_unique = true;
    for (size_t i = 0; i < sections->count && is_unique; i++) {
        sorted[i] = &sections->list[i];
        is_unique = check_settings(parse, sorted[i]);
    }
    if (is_unique)
        qsort(sorted, sections->count, sizeof *sorted, compare_sections);
    for (size_t i = 1; i < sections->count && is_unique; i++) {
        const struct section *a = sorted[i - 1], *b = sorted[i];
        is_unique = strcmp(a->header, b->header) != 0;
        if (!is_unique)
            buffer_printf(parse->error,
                          "%s:%u: the section [%s] is also in line %u; move the settings of both "
                          "into one section",
                          parse->path, b->line, b->header, a->line);
    }
    free(sorted);
    return is_unique;
}

/* ---- the whole ------------------------------------------------------------------------------ */

bool profile_parse(struct sections *sections, char *text, size_t size, bool is_config,
                   const char *path, struct buffer *error)
{
    struct parse parse = {
        .sections = sections, .is_config = is_config, .path = path, .error = error};
    char *end = text + size;
    bool is_parsed = true;
    if (!strncmp(text, "\xef\xbb\xbf", 3))
        text += 3;
    while (is_parsed && text < end) {
        char *line_end = memchr(text, '\n', (size_t)(end - text));
        if (!line_end)
            line_end = end;
        *line_end = '\0';
        parse.line++;
        is_parsed =
            strlen(text) == (size_t)(line_end - text)
                ? parse_line(&parse, text)
                : fail(&parse, "the line has a NUL byte, which no text file has; remove this byte");
        text = line_end + 1;
    }
    for (size_t i = 0; i < sections->count && parse.defaults; i++)
        if (i + 1 != parse.defaults)
            sections->list[i].defaults = &sections->list[parse.defaults - 1];
    return is_parsed && check_unique(&parse);
}

void profile_sections_free(struct sections *sections)
{
    for (size_t i = 0; i < sections->count; i++)
        free(sections->list[i].settings);
    free(sections->list);
    *sections = (struct sections){0};
}

/* Returns the setting in the section itself, as profile_section_find() does. */
static const struct setting *find_own(const struct section *section, const char *below,
                                      const char *name)
{
    for (size_t i = 0; section && i < section->count; i++) {
        const struct setting *setting = &section->settings[i];
        if (!strcasecmp(setting->name, name) && !compare_texts(setting->below, below))
            return setting;
    }
    return NULL;
}

const struct setting *profile_section_find(const struct section *section, const char *below,
                                           const char *name)
{
    const struct setting *own = find_own(section, below, name);
    if (own || !section || (below && find_own(section, NULL, below)))
        return own;
    return find_own(section->defaults, below, name);
}
