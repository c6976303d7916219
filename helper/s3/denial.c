#include "s3/denial.h"

#include <string.h>
#include <strings.h>

/* A part of the store's text. */
struct part {
    const char *text;
    size_t size; /* 0: there is none */
};

/* Finds the word behind MARK in TEXT. */
static struct part find_behind(const char *text, const char *mark)
{
    const char *found = strstr(text, mark);
    if (!found)
        return (struct part){NULL, 0};
    found += strlen(mark);
    found += *found == '"';
    return (struct part){found, strcspn(found, "\" ,")};
}

/* Returns whether the text says more than that access is denied. */
static bool is_informative(const char *message)
{
    return strncasecmp(message, "Access Denied", strlen("Access Denied")) != 0
               ? *message != '\0'
               : strlen(message) > strlen("Access Denied.");
}

/* Adds what to do about a denial that no permission ends.  Returns false if the text is of no such one. */
static bool add_other_advice(struct buffer *out, const char *message)
{
    if (strcasestr(message, "object lock"))
        buffer_add_text(out, "; an object with a retention or a legal hold cannot be deleted; end "
                             "them, or set after = keep");
    else if (strcasestr(message, "mfa authentication") || strcasestr(message, "multi-factor") ||
             strcasestr(message, "multifactor"))
        buffer_add_text(out, "; a policy, or MFA Delete of the bucket, demands multi-factor "
                             "authentication; change that, or use credentials that were made with "
                             "it");
    else
        return false;
    return true;
}

/* Returns the policy that must allow the action, if it is none of IAM; else NULL.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
static const char *find_policy(const char *message)
{
    static const struct {
        const char *named, *policy;
    } policies[] = {
        {"no VPC endpoint policy", "the policy of the VPC endpoint"},
        {"no service control policy", "the service control policies of the AWS organization"},
        {"no resource control policy", "the resource control policies of the AWS organization"},
        {"no resource-based policy", "the policy of this resource"},
        {"no permissions boundary", "the permissions boundary of the credentials"},
        {"no session policy", "the session policy of the credentials"},
    };
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++)
        if (strcasestr(message, policies[i].named))
            return policies[i].policy;
    return NULL;
}

void denial_explain(struct buffer *out, const char *message, const struct s3_bucket *bucket,
                    const char *action)
{
    const char *origin = bucket->signer.keys.origin;
    struct part named = {NULL, 0}, resource = {NULL, 0};
    buffer_add_text(out, "access denied");
    if (is_informative(message)) {
        size_t size = strlen(message);
        while (size && strchr(". ", message[size - 1]))
            size--;
        buffer_printf(out, ": %.*s", (int)size, message);
        named = find_behind(message, "not authorized to perform: ");
        resource = find_behind(message, "on resource: ");
    }
    if (add_other_advice(out, message))
        return;
    if (!bucket->credentials) {
        buffer_printf(
            out,
            "; requests are not signed: take away sign = no (--no-sign-request), or allow "
            "%s to everyone in the policy of the bucket",
            action);
        return;
    }
    if (strstr(message, "explicit deny")) {
        buffer_printf(out,
                      "; remove the Deny for the credentials from %s from the policy that has it",
                      origin);
        return;
    }
    if (named.size)
        buffer_printf(out, "; allow %.*s", (int)named.size, named.text);
    else
        buffer_printf(out, "; allow %s", action);
    buffer_add_text(out, " on ");
    if (named.size && resource.size)
        buffer_add(out, resource.text, resource.size);
    else
        s3_bucket_add_arn(out, &bucket->uri, bucket->region,
                          strcmp(action, "s3:ListBucket") ? "*" : NULL);
    const char *policy = find_policy(message);
    if (policy)
        buffer_printf(out, " in %s", policy);
    else
        buffer_printf(out, " in the IAM policy of the credentials from %s", origin);
}
