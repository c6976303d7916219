#include "batch/owner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Finds the canonical name of the source, which the caller frees; NULL for a path that does not
 * exist now.  Returns false when GIVEN cannot be a source. */
static bool resolve(const char *given, char **name, struct batch_error *error)
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

/* Whether the source may change: not while a batch is open, and not between a bucket and a path,
 * which name their objects in different ways. */
static bool may_change(struct ledger *ledger, const struct site *site, const char *from,
                       const char *to, const struct ledger_batch *open, struct batch_error *error)
{
    char previous[BATCH_ID_SIZE];
    if (!ledger_get_previous(ledger, previous))
        return false;
    if (open)
        return batch_error_set(error, BATCH_ERROR,
                               "[%s]: the setting \"source\" changed from %s to %s, but batch %s "
                               "of the old source is not fully counted yet; set \"source\" back, "
                               "run the AWStats update, and only then change \"source\"",
                               site->name, from, to, open->id);
    if (site_kind(from) == site_kind(to))
        return true;
    snprintf(error->id, BATCH_ID_SIZE, "%s", *previous ? previous : BATCH_ID_NONE);
    return batch_error_set(error, BATCH_OF_OTHER_KIND,
                           "[%s]: the setting \"source\" changed from %s to %s: between a bucket "
                           "and a folder, this program cannot recognize counted objects",
                           site->name, from, to);
}

/* Ledgers of version 1 have the keys of a directory as the section spelled it. */
static bool take_first(struct ledger *ledger, const struct site *site, char *source)
{
    struct ledger_owner owner = {site->name, site->source, source};
    struct buffer from = {0};
    size_t size = strlen(site->source);
    bool is_path = site_kind(source) == SITE_PATH;
    if (size > 1 && site->source[size - 1] == '/')
        size--;
    buffer_add(&from, site->source, size);
    bool done = ledger_set_owner(ledger, &owner,
                                 is_path && strcmp(from.data, source) ? from.data : NULL, source);
    buffer_free(&from);
    return done;
}

static bool change(struct ledger *ledger, const struct site *site,
                   const struct ledger_owner *before, char *source)
{
    struct ledger_owner owner = {site->name, site->source, source};
    struct buffer from = {0}, to = {0};
    add_root(&from, before->source);
    add_root(&to, source);
    bool done = ledger_set_owner(ledger, &owner, are_apart(&from, &to) ? from.data : NULL, to.data);
    if (done && strcmp(before->source, source))
        message_note(
            "[%s]: the setting \"source\" changed from %s to %s; an object of the new source that "
            "has the name of a counted object is not counted again; nothing is to be done",
            site->name, before->source, source);
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
    bool done = resolve(site->source, &now, error);
    if (done && now && before.source) {
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

bool owner_take(struct ledger *ledger, const struct site *site, const struct ledger_batch *open,
                char **source, struct batch_error *error)
{
    struct ledger_owner before;
    bool done = false;
    *source = NULL;
    if (!ledger_get_owner(ledger, &before) || !resolve(site->source, source, error))
        goto out;
    bool is_given = before.given && !strcmp(before.given, site->source);
    if (!*source) {
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
    bool keeps = before.source && site_kind(before.source) == site->kind;
    struct ledger_owner owner = {site->name, keeps ? before.given : NULL,
                                 keeps ? before.source : NULL};
    bool done = ledger_set_owner(ledger, &owner, NULL, NULL);
    ledger_owner_free(&before);
    return done;
}
