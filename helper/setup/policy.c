#include "setup/policy.h"

#include <string.h>

#include "config/sources.h"
#include "s3/bucket.h"
#include "s3/uri.h"
#include "text/plain.h"

/* Adds a key prefix to a JSON string.  "*", "?" and "$" have a meaning in a policy, and stand for
 * themselves as ${*}, ${?} and ${$}.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html */
static void add_prefix(struct buffer *out, const char *prefix)
{
    for (const char *s = prefix; *s;) {
        size_t size = plain_size(s);
        if (strchr("*?$", *s))
            buffer_printf(out, "${%c}", *s);
        else if (*s == '"' || *s == '\\')
            buffer_printf(out, "\\%c", *s);
        else if (size)
            buffer_add(out, s, size);
        else
            size = plain_add_code(out, s);
        s += size;
    }
}

/* Adds one statement about all objects below a place. */
static void add_objects(struct buffer *out, const char *actions, const struct site *site,
                        const struct s3_uri *place)
{
    buffer_printf(out,
                  ",\n"
                  "    { \"Effect\": \"Allow\",\n"
                  "      \"Action\": %s,\n"
                  "      \"Resource\": \"",
                  actions);
    s3_bucket_add_arn(out, place, site->region, "");
    add_prefix(out, place->prefix);
    buffer_add_text(out, "*\" }");
}

/* Adds the statement about the list of objects. */
static void add_list(struct buffer *out, const struct site *site, const struct s3_uri *place)
{
    buffer_add_text(out, "    { \"Effect\": \"Allow\",\n"
                         "      \"Action\": \"s3:ListBucket\",\n"
                         "      \"Resource\": \"");
    s3_bucket_add_arn(out, place, site->region, NULL);
    buffer_add_text(out, "\"");
    if (*place->prefix) {
        buffer_add_text(out, ",\n      \"Condition\": { \"StringLike\": { \"s3:prefix\": \"");
        add_prefix(out, place->prefix);
        buffer_add_text(out, "*\" } }");
    }
    buffer_add_text(out, " }");
}

/* Adds the statements about the target of a move.  HeadObject of a missing object needs s3:ListBucket, without a
 * condition on a prefix; AWS protects the objects of a target also without it, other stores may not. */
static void add_target(struct buffer *out, const struct site *site, const struct s3_uri *target)
{
    struct s3_uri bucket = {target->bucket, (char[]){""}};
    if (site->endpoint) {
        buffer_add_text(out, ",\n");
        add_list(out, site, &bucket);
    }
    add_objects(out, "[ \"s3:PutObject\", \"s3:GetObject\" ]", site, target);
}

/* Returns an error (static) about a place that no policy can name, else NULL.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html */
static const char *find_alias_error(const struct s3_uri *place)
{
    static const char suffix[] = "-s3alias";
    size_t size = strlen(place->bucket), suffix_size = strlen(suffix);
    if (size < suffix_size || strcmp(place->bucket + size - suffix_size, suffix) != 0)
        return NULL;
    return "a policy cannot name an access point by its alias, ...-s3alias; give its ARN instead: "
           "s3://arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME/PREFIX";
}

/* Adds the statements about one source; a directory needs none.  Returns NULL, or an error (static). */
static const char *add_source(struct buffer *out, const struct site *site, const char *source)
{
    struct s3_uri place;
    if (site_kind(source) != SITE_BUCKET)
        return NULL;
    const char *error = s3_uri_parse(&place, source);
    if (error)
        return error;
    error = find_alias_error(&place);
    if (error) {
        s3_uri_free(&place);
        return error;
    }
    if (out->size)
        buffer_add_text(out, ",\n");
    add_list(out, site, &place);
    add_objects(out,
                site->after == SITE_AFTER_KEEP ? "\"s3:GetObject\""
                                               : "[ \"s3:GetObject\", \"s3:DeleteObject\" ]",
                site, &place);
    s3_uri_free(&place);
    return NULL;
}

const char *policy_add(struct buffer *out, const struct site *site)
{
    struct buffer statements = {0}, one = {0};
    struct s3_uri target = {0};
    const char *error = NULL;
    for (const char *rest = site->source; !error && (rest = sources_next(rest, &one));)
        error = add_source(&statements, site, one.data);
    if (!error && site->after == SITE_AFTER_MOVE &&
        !(error = s3_uri_parse(&target, site->after_to)) && !(error = find_alias_error(&target)))
        add_target(&statements, site, &target);
    if (!error)
        buffer_printf(out, "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n%s\n  ]\n}\n",
                      statements.data);
    s3_uri_free(&target);
    buffer_free(&statements);
    buffer_free(&one);
    return error;
}

const char *policy_note(const struct site *site)
{
    return site->after == SITE_AFTER_MOVE
               ? "if a bucket is encrypted with a KMS key of your own, also allow kms:Decrypt and "
                 "kms:GenerateDataKey for this key"
               : "if the bucket is encrypted with a KMS key of your own, also allow kms:Decrypt "
                 "for this key";
}
