#include "setup/policy.h"

#include <string.h>

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

const char *policy_add(struct buffer *out, const struct site *site)
{
    struct s3_uri place, target = {0};
    const char *error = s3_uri_parse(&place, site->source);
    if (!error && site->after == SITE_AFTER_MOVE)
        error = s3_uri_parse(&target, site->after_to);
    if (!error) {
        buffer_add_text(out, "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n");
        add_list(out, site, &place);
        add_objects(out,
                    site->after == SITE_AFTER_KEEP ? "\"s3:GetObject\""
                                                   : "[ \"s3:GetObject\", \"s3:DeleteObject\" ]",
                    site, &place);
        if (site->after == SITE_AFTER_MOVE)
            add_objects(out, "[ \"s3:PutObject\", \"s3:GetObject\" ]", site, &target);
        buffer_add_text(out, "\n  ]\n}\n");
    }
    s3_uri_free(&place);
    s3_uri_free(&target);
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
