#include "source/key_filter.h"

#include <fnmatch.h>
#include <string.h>

#include "config/site.h"
#include "s3/uri.h"
#include "text/pattern_list.h"

void key_filter_init(struct key_filter *filter, const char *source, const char *include,
                     const char *exclude)
{
    bool is_bucket = site_kind(source) == SITE_BUCKET;
    *filter = (struct key_filter){.is_bucket = is_bucket,
                                  .prefix = is_bucket ? s3_uri_prefix(source) : source,
                                  .include = include,
                                  .exclude = exclude};
}

static bool is_border(char byte)
{
    return byte == '/' || byte == '.' || byte == '=' || byte == '\0';
}

/* Whether a key has these words, whole ones.  A border at their end is part of them. */
static bool has_words(const char *key, const char *words)
{
    size_t size = strlen(words);
    for (const char *s = key; (s = strstr(s, words)); s++)
        if ((s == key || is_border(s[-1])) && (is_border(s[size - 1]) || is_border(s[size])))
            return true;
    return false;
}

bool key_filter_has(const struct key_filter *filter, const char *key)
{
    const char *prefix = filter->prefix;
    size_t size = strlen(prefix);
    if (strncmp(key, prefix, size) != 0)
        return false;
    return filter->is_bucket || !size || !key[size] || key[size] == '/' || prefix[size - 1] == '/';
}

/* Returns the key after the prefix or the folder of the source. */
static const char *key_in_source(const struct key_filter *filter, const char *key)
{
    const char *prefix = filter->prefix;
    size_t size = strlen(prefix);
    const char *slash = strrchr(key, '/');
    if (strncmp(key, prefix, size) != 0)
        return key;
    if (!key[size]) /* the source is this object */
        return slash ? slash + 1 : key;
    key += size;
    return *key == '/' ? key + 1 : key;
}

static bool is_glob(const char *pattern)
{
    return strpbrk(pattern, "*?[");
}

static bool matches(const struct key_filter *filter, const char *key, const char *pattern)
{
    if (!is_glob(pattern))
        return has_words(key_in_source(filter, key), pattern);
    return !fnmatch(pattern, key, 0) || !fnmatch(pattern, key_in_source(filter, key), 0);
}

static bool matches_any(const struct key_filter *filter, const char *key, const char *patterns)
{
    char pattern[PATTERN_LIST_SIZE_MAX + sizeof "*"];
    while ((patterns = pattern_list_next(patterns, pattern))) {
        char *end = pattern + strlen(pattern);
        if (end[-1] == '/' && is_glob(pattern))
            stpcpy(end, "*");
        if (matches(filter, key, pattern))
            return true;
    }
    return false;
}

bool key_filter_takes(const struct key_filter *filter, const char *key)
{
    return (!filter->include || matches_any(filter, key, filter->include)) &&
           !(filter->exclude && matches_any(filter, key, filter->exclude));
}
