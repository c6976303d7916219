#include "batch/owner.h"

#include <stdlib.h>
#include <string.h>

#include "s3/uri.h"
#include "text/buffer.h"
#include "text/message.h"

bool owner_is(struct ledger *ledger, const struct site *site, const char *path)
{
    struct ledger_owner owner;
    if (!ledger_get_owner(ledger, &owner))
        return false;
    bool is = !owner.site || !strcmp(owner.site, site->name);
    if (!is)
        message_error("%s: the ledger of the site [%s]; name another file for [%s] with the "
                      "setting state, or, if it is the same site by a new name, run: "
                      "awstats-cloudfront commit --site=%s --previous=-",
                      path, owner.site, site->name, site->name);
    ledger_owner_free(&owner);
    return is;
}

/* The source by the one name that it always has.  False after printing one line; *NAME is NULL for
 * a path that leads nowhere now. */
static bool resolve(const char *given, char **name)
{
    struct s3_uri uri;
    struct buffer text = {0};
    if (!s3_uri_is(given)) {
        *name = realpath(given, NULL);
        return true;
    }
    const char *wrong = s3_uri_parse(&uri, given);
    if (wrong) {
        message_error("%s: %s", given, wrong);
        return false;
    }
    buffer_printf(&text, "s3://%s/%s", uri.bucket, uri.prefix);
    s3_uri_free(&uri);
    *name = text.data;
    if (text.failed)
        message_error("out of memory");
    return !text.failed;
}

/* What the keys of a source begin with: of a bucket the prefix, of a directory its path. */
static bool add_root(struct buffer *root, const char *source)
{
    return s3_uri_is(source) ? buffer_add_text(root, strchr(source + strlen("s3://"), '/') + 1)
                             : buffer_add_text(root, source) && buffer_add(root, "/", 1);
}

/* Whether neither contains the other. */
static bool are_apart(const struct buffer *a, const struct buffer *b)
{
    return memcmp(a->data, b->data, a->size < b->size ? a->size : b->size) != 0;
}

static bool may_change(struct ledger *ledger, const struct site *site, const char *from,
                       const char *to, const struct ledger_batch *open)
{
    char previous[LEDGER_ID_SIZE];
    if (!ledger_get_previous(ledger, previous))
        return false;
    if (open)
        message_error("[%s]: the source is %s now, but batch %s of %s is not committed yet; set "
                      "the source back until it is",
                      site->name, to, open->id, from);
    else if (s3_uri_is(from) != s3_uri_is(to))
        message_error("[%s]: the source is %s now and was %s, and nothing tells which of its "
                      "objects were counted there; give it a section and a ledger of its own, or, "
                      "if none of them was, run: awstats-cloudfront commit --site=%s --previous=%s",
                      site->name, to, from, site->name, *previous ? previous : "-");
    return !open && s3_uri_is(from) == s3_uri_is(to);
}

/* Ledgers of version 1 have the keys of a directory as the section spelled it. */
static bool take_first(struct ledger *ledger, const struct site *site, char *source)
{
    struct ledger_owner owner = {site->name, site->source, source};
    struct buffer from = {0};
    size_t size = strlen(site->source);
    bool is_path = !s3_uri_is(source);
    if (size > 1 && site->source[size - 1] == '/')
        size--;
    bool done = buffer_add(&from, site->source, size);
    if (done)
        done = ledger_set_owner(ledger, &owner,
                                is_path && strcmp(from.data, source) ? from.data : NULL, source);
    else
        message_error("out of memory");
    buffer_free(&from);
    return done;
}

static bool change(struct ledger *ledger, const struct site *site,
                   const struct ledger_owner *before, char *source)
{
    struct ledger_owner owner = {site->name, site->source, source};
    struct buffer from = {0}, to = {0};
    bool done = add_root(&from, before->source) && add_root(&to, source);
    if (done)
        done = ledger_set_owner(ledger, &owner, are_apart(&from, &to) ? from.data : NULL, to.data);
    else
        message_error("out of memory");
    if (done && strcmp(before->source, source))
        message_note("[%s]: the source is %s now and was %s; objects that are named alike there "
                     "are taken for those that were counted",
                     site->name, source, before->source);
    buffer_free(&from);
    buffer_free(&to);
    return done;
}

bool owner_take(struct ledger *ledger, const struct site *site, const struct ledger_batch *open,
                char **source)
{
    struct ledger_owner before;
    bool done = false;
    *source = NULL;
    if (!ledger_get_owner(ledger, &before) || !resolve(site->source, source))
        goto out;
    bool is_given = before.given && !strcmp(before.given, site->source);
    if (!*source) {
        *source = strdup(is_given ? before.source : site->source);
        done = *source != NULL;
        if (!done)
            message_error("out of memory");
    } else if (!before.source) {
        done = take_first(ledger, site, *source);
    } else if (strcmp(before.source, *source)) {
        done = may_change(ledger, site, before.source, *source, open) &&
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

bool owner_replace(struct ledger *ledger, const struct site *site)
{
    struct ledger_owner before;
    if (!ledger_get_owner(ledger, &before))
        return false;
    bool keeps = before.source && s3_uri_is(before.source) == s3_uri_is(site->source);
    struct ledger_owner owner = {site->name, keeps ? before.given : NULL,
                                 keeps ? before.source : NULL};
    bool done = ledger_set_owner(ledger, &owner, NULL, NULL);
    ledger_owner_free(&before);
    return done;
}
