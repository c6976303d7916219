#include "s3/arn.h"

#include <string.h>

#include "aws/partition.h"

static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

bool s3_arn_is(const char *text)
{
    return !strncmp(text, "arn:", strlen("arn:"));
}

/* Takes the text up to the next colon off *TEXT.  Returns false if there is none. */
static bool take_part(struct s3_arn_part *part, const char **text)
{
    size_t size = strcspn(*text, ":/");
    *part = (struct s3_arn_part){*text, size};
    *text += size;
    return *(*text)++ == ':';
}

static bool is_part(const struct s3_arn_part *part, const char *text)
{
    return part->size == strlen(text) && !memcmp(part->text, text, part->size);
}

static const char *check_service(const struct s3_arn_part *service)
{
    if (is_part(service, "s3-outposts"))
        return "S3 on Outposts is not supported; copy the logs into a bucket of a region";
    if (is_part(service, "s3-object-lambda"))
        return "access points of S3 Object Lambda are not supported; name the bucket itself";
    return is_part(service, "s3") ? NULL : "not the ARN of an S3 access point";
}

static const char *check_parts(const struct s3_arn *arn)
{
    if (!partition_named(arn->partition.text, arn->partition.size))
        return "the ARN's partition is unknown; it must be aws, aws-cn, aws-us-gov or another one "
               "of AWS";
    if (!arn->region.size)
        return "multi-region access points are not supported; name the bucket, or an access point "
               "of a region";
    if (strspn(arn->region.text, lower) != arn->region.size)
        return "the ARN's region is not a region's name";
    if (arn->account.size != 12 || strspn(arn->account.text, "0123456789") != 12)
        return "the ARN's account must have 12 digits";
    if (arn->name.size < 3 || arn->name.size > 50 || strspn(arn->name.text, lower) < arn->name.size)
        return "the name of an access point has 3 to 50 small letters, digits and dashes";
    return NULL;
}

const char *s3_arn_read(struct s3_arn *arn, const char *text)
{
    static const char kind[] = "accesspoint";
    static const char form[] =
        "must have the form arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME of an access point";
    struct s3_arn_part word, service;
    const char *at = text;
    *arn = (struct s3_arn){.size = 0};
    if (!s3_arn_is(text) || !take_part(&word, &at) || !take_part(&arn->partition, &at) ||
        !take_part(&service, &at) || !take_part(&arn->region, &at) ||
        !take_part(&arn->account, &at))
        return form;
    const char *error = check_service(&service);
    if (error)
        return error;
    size_t size = sizeof kind - 1;
    if (strncmp(at, kind, size) != 0 || (at[size] != '/' && at[size] != ':'))
        return form;
    at += size + 1;
    arn->name = (struct s3_arn_part){at, strcspn(at, "/:")};
    arn->size = (size_t)(at - text) + arn->name.size;
    if (text[arn->size] && text[arn->size] != '/')
        return form;
    return check_parts(arn);
}
