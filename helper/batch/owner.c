#include "batch/owner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/sources.h"
#include "memory/allocate.h"
#include "s3/uri.h"
#include "text/buffer.h"
#include "text/message.h"

bool owner_is(struct ledger *ledger, const struct site *site, const char *path,
              struct batch_error *error)
{
    struct ledger_owner owner;
    if (!ledger_get_owner(ledger, &owner))
        return false;
    bool is = !owner.site || !strcmp(owner.site, site->name);
    if (!is) {
        batch_error_set(error, BATCH_OF_OTHER_SITE,
                        "the ledger file %s (what is counted so far) belongs to another site, [%s]",
                        path, owner.site);
        free(error->site);
        error->site = memory_copy_text(owner.site);
    }
    ledger_owner_free(&owner);
    return is;
}

/* Finds the canonical name of one source, which the caller frees; NULL for a path that does not
 * exist now.  Returns false when GIVEN cannot be a source. */
static bool resolve_one(const char *given, char **name, struct batch_error *error)
{
    struct s3_uri uri;
    struct buffer text = {0};
    if (site_kind(given) != SITE_BUCKET) {
        *name = realpath(given, NULL);
        return true;
    }
    const char *reason = s3_uri_parse(&uri, given);
    if (reason)
        return batch_error_set(error, BATCH_ERROR, "%s: %s", given, reason);
    buffer_printf(&text, "s3://%s/%s", uri.bucket, uri.prefix);
    s3_uri_free(&uri);
    *name = text.data;
    return true;
}

/* Finds the canonical names of several sources, as resolve_one() does. */
static bool resolve_list(const char *given, char **names, struct batch_error *error)
{
    struct buffer one = {0}, list = {0};
    bool done = true, are_there = true;
    while (done && (given = sources_next(given, &one))) {
        char *name = NULL;
        done = resolve_one(one.data, &name, error);
        if (name && strchr(name, '\n'))
            done = batch_error_set(error, BATCH_ERROR,
                                   "%s: one of several sources must have a path without a line end",
                                   one.data);
        are_there = are_there && name;
        buffer_printf(&list, "\n%s", name ? name : "");
        free(name);
    }
    buffer_free(&one);
    if (!done || !are_there)
        buffer_free(&list);
    *names = list.data;
    return done;
}

/* Finds the canonical name of the site's source, or a list of names.  BEFORE is the ledger's, or NULL.  If BEFORE
 * is a list, keys are whole names, so the result is a list, too, even of one source. */
static bool resolve(const char *given, const char *before, char **name, struct batch_error *error)
{
    bool is_list = sources_are_several(given) || (before && sources_are_several(before));
    return is_list ? resolve_list(given, name, error) : resolve_one(given, name, error);
}

void owner_add_whole(struct buffer *text, const char *source)
{
    struct s3_uri uri;
    buffer_add_text(text, "");
    if (site_kind(source) != SITE_BUCKET || s3_uri_parse(&uri, source))
        return;
    buffer_printf(text, "s3://%s/", uri.bucket);
    s3_uri_free(&uri);
}

/* Adds the text that all keys of a source begin with: the prefix of a bucket, or the path of a
 * directory. */
static void add_root(struct buffer *root, const char *source)
{
    if (site_kind(source) == SITE_BUCKET)
        buffer_add_text(root, strchr(source + strlen("s3://"), '/') + 1);
    else
        buffer_printf(root, "%s/", source);
}

/* Returns whether neither root contains the other. */
static bool are_apart(const struct buffer *a, const struct buffer *b)
{
    return memcmp(a->data, b->data, a->size < b->size ? a->size : b->size) != 0;
}

/* Whether two sources are prefixes of two buckets. */
static bool are_in_other_buckets(const char *a, const char *b)
{
    size_t scheme = strlen("s3://");
    if (site_kind(a) != SITE_BUCKET || site_kind(b) != SITE_BUCKET)
        return false;
    size_t size = strcspn(a + scheme, "/");
    return strcspn(b + scheme, "/") != size || strncmp(a + scheme, b + scheme, size) != 0;
}

/* Whether the source may change.  It may not while a batch is open, nor between one bucket and one path, whose
 * objects have different names. */
static bool may_change(struct ledger *ledger, const struct site *site, const char *from,
                       const char *to, const struct ledger_batch *open, struct batch_error *error)
{
    char previous[BATCH_ID_SIZE];
    if (!ledger_get_previous(ledger, previous))
        return false;
    if (open) {
        char *old = sources_show(from), *new = sources_show(to);
        batch_error_set(error, BATCH_ERROR,
                        "[%s]: the setting \"source\" changed from %s to %s, but batch %s "
                        "of the old source is not fully counted yet; set \"source\" back, "
                        "run the AWStats update, and only then change \"source\"",
                        site->name, old, new, open->id);
        free(old);
        free(new);
        return false;
    }
    if (site_kind(from) == site_kind(to) || sources_are_several(to))
        return true;
    snprintf(error->id, BATCH_ID_SIZE, "%s", *previous ? previous : BATCH_ID_NONE);
    return batch_error_set(error, BATCH_OF_OTHER_KIND,
                           "[%s]: the setting \"source\" changed from %s to %s: between a bucket "
                           "and a folder, this program cannot recognize counted objects",
                           site->name, from, to);
}

/* Sets the list of sources in a ledger of version 1.  Such a ledger has no source; its objects are taken for
 * objects of the first one. */
static bool take_list(struct ledger *ledger, const struct site *site, char *source)
{
    struct ledger_owner owner = {site->name, site->source, source};
    struct buffer first = {0}, whole = {0};
    sources_next(source, &first);
    owner_add_whole(&whole, first.data);
    bool done = ledger_set_owner(ledger, &owner, whole.size ? "" : NULL, whole.data);
    buffer_free(&first);
    buffer_free(&whole);
    return done;
}

/* Sets the source in a ledger of version 1, whose keys begin with the directory as the section spelled it. */
static bool take_first(struct ledger *ledger, const struct site *site, char *source)
{
    struct ledger_owner owner = {site->name, site->source, source};
    struct buffer from = {0};
    size_t size = strlen(site->source);
    bool is_path = site_kind(source) == SITE_PATH;
    if (sources_are_several(source))
        return take_list(ledger, site, source);
    if (size > 1 && site->source[size - 1] == '/')
        size--;
    buffer_add(&from, site->source, size);
    bool done = ledger_set_owner(ledger, &owner,
                                 is_path && strcmp(from.data, source) ? from.data : NULL, source);
    buffer_free(&from);
    return done;
}

static void tell_of_change(const struct site *site, const char *from, const char *to)
{
    char *old = sources_show(from), *new = sources_show(to);
    message_note("[%s]: the setting \"source\" changed from %s to %s; an object of the new source "
                 "that has the name of a counted object is not counted again; no action is needed",
                 site->name, old, new);
    free(old);
    free(new);
}

/* Changes the ledger to a list of sources, from another list or from one source, whose keys become whole names. */
static bool change_to_list(struct ledger *ledger, const struct site *site,
                           const struct ledger_owner *before, char *source)
{
    struct ledger_owner owner = {site->name, site->source, source};
    struct buffer whole = {0};
    if (!sources_are_several(before->source))
        owner_add_whole(&whole, before->source);
    bool done = ledger_set_owner(ledger, &owner, whole.size ? "" : NULL, whole.data);
    if (done && strcmp(before->source, source))
        tell_of_change(site, before->source, source);
    buffer_free(&whole);
    return done;
}

static bool is_folder(const struct buffer *root)
{
    return !root->size || root->data[root->size - 1] == '/';
}

static void cut_to_folder(struct buffer *root)
{
    while (!is_folder(root))
        root->data[--root->size] = '\0';
}

struct cut_names {
    const struct buffer *root;
    bool is_found;
};

static bool find_cut_name(void *user, const struct ledger_object *object)
{
    struct cut_names *names = user;
    const struct buffer *root = names->root;
    names->is_found |=
        !strncmp(object->key, root->data, root->size) && !strchr(object->key + root->size, '/');
    return true;
}

/* Finds the root FROM of the counted keys, and the root TO that takes its place, so that each object keeps its name: the
 * prefix of a bucket may end within a folder's name, or within the names of objects. */
static bool find_roots(struct ledger *ledger, const char *before, const char *now,
                       struct buffer *from, struct buffer *to)
{
    struct cut_names names = {from, false};
    add_root(from, before);
    add_root(to, now);
    if (!is_folder(from) && !ledger_visit_counted(ledger, find_cut_name, &names))
        return false;
    if (is_folder(from) || names.is_found) {
        cut_to_folder(from);
        cut_to_folder(to);
    } else if (is_folder(to)) {
        buffer_add_text(from, "/");
    }
    return true;
}

static bool change(struct ledger *ledger, const struct site *site,
                   const struct ledger_owner *before, char *source)
{
    if (sources_are_several(source))
        return change_to_list(ledger, site, before, source);
    struct ledger_owner owner = {site->name, site->source, source};
    struct buffer from = {0}, to = {0};
    bool done = find_roots(ledger, before->source, source, &from, &to) &&
                ledger_set_owner(ledger, &owner, are_apart(&from, &to) ? from.data : NULL, to.data);
    if (done && strcmp(before->source, source))
        tell_of_change(site, before->source, source);
    buffer_free(&from);
    buffer_free(&to);
    return done;
}

bool owner_get_old_source(struct ledger *ledger, const struct site *site, char **source,
                          struct batch_error *error)
{
    struct ledger_owner before;
    char *now = NULL;
    *source = NULL;
    if (!ledger_get_owner(ledger, &before))
        return false;
    bool done = resolve(site->source, before.source, &now, error);
    if (done && now && before.source && !sources_are_several(now)) {
        struct buffer from = {0}, to = {0};
        add_root(&from, before.source);
        add_root(&to, now);
        if (site_kind(now) != site_kind(before.source) ||
            are_in_other_buckets(now, before.source) || are_apart(&from, &to))
            *source = memory_copy_text(before.source);
        buffer_free(&from);
        buffer_free(&to);
    }
    free(now);
    ledger_owner_free(&before);
    return done;
}

/* Stores the error that one of several sources cannot be found now. */
static void tell_missing(const struct site *site, struct batch_error *error)
{
    struct buffer one = {0};
    bool is_missing = false;
    for (const char *rest = site->source; !is_missing && (rest = sources_next(rest, &one));) {
        char *path = site_kind(one.data) == SITE_BUCKET ? NULL : realpath(one.data, NULL);
        is_missing = site_kind(one.data) != SITE_BUCKET && !path;
        free(path);
    }
    batch_error_set(error, BATCH_ERROR,
                    "[%s]: the source %s cannot be found: %s; mount it, or correct its line "
                    "\"source\"",
                    site->name, one.data, strerror(errno));
    buffer_free(&one);
}

bool owner_take(struct ledger *ledger, const struct site *site, const struct ledger_batch *open,
                char **source, struct batch_error *error)
{
    struct ledger_owner before;
    bool done = false;
    *source = NULL;
    if (!ledger_get_owner(ledger, &before) || !resolve(site->source, before.source, source, error))
        goto out;
    bool is_given = before.given && !strcmp(before.given, site->source);
    if (!*source && sources_are_several(site->source) && !is_given) {
        tell_missing(site, error);
    } else if (!*source) {
        *source = memory_copy_text(is_given ? before.source : site->source);
        done = true;
    } else if (!before.source) {
        done = take_first(ledger, site, *source);
    } else if (strcmp(before.source, *source)) {
        done = may_change(ledger, site, before.source, *source, open, error) &&
               change(ledger, site, &before, *source);
    } else {
        done = (is_given && !strcmp(before.site, site->name)) ||
               change(ledger, site, &before, *source);
    }
out:
    if (!done) {
        free(*source);
        *source = NULL;
    }
    ledger_owner_free(&before);
    return done;
}

bool owner_renew(struct ledger *ledger, const struct site *site)
{
    struct ledger_owner before;
    if (!ledger_get_owner(ledger, &before))
        return false;
    bool keeps =
        before.source && (site_kind(before.source) == site->kind ||
                          site_kind(before.source) == SITE_SEVERAL || site->kind == SITE_SEVERAL);
    struct ledger_owner owner = {site->name, keeps ? before.given : NULL,
                                 keeps ? before.source : NULL};
    bool done = ledger_set_owner(ledger, &owner, NULL, NULL);
    ledger_owner_free(&before);
    return done;
}
