#include "s3/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "s3/denial.h"
#include "text/xml.h"

enum {
    TEMPORARY = 1,   /* the request may succeed a little later */
    EVERYWHERE = 2,  /* every other request to the bucket would fail in the same way */
    CREDENTIALS = 4, /* newer credentials may be accepted */
};

/* The error codes that the program explains.  In a text, {bucket}, {region}, {host}, {origin} (of the
 * credentials) and {message} (the store's own text) stand for the values.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
static const struct explanation {
    const char *code;
    unsigned is;      /* TEMPORARY, EVERYWHERE, CREDENTIALS */
    const char *text; /* NULL: another function explains the code, or the store's text is printed */
} explanations[] = {
    {"AccessDenied", 0, NULL},                  /* s3/denial.h */
    {"RequestTimeTooSkewed", EVERYWHERE, NULL}, /* add_skew() */
    {"InvalidAccessKeyId", EVERYWHERE | CREDENTIALS,
     "{host} does not know the access key ID from {origin}; take one that is active"},
    {"SignatureDoesNotMatch", EVERYWHERE,
     "the secret access key from {origin} does not belong to the access key ID; copy it again"},
    {"ExpiredToken", EVERYWHERE | CREDENTIALS,
     "the session token from {origin} has expired; get a new one"},
    {"TokenRefreshRequired", EVERYWHERE | CREDENTIALS,
     "the session token from {origin} has expired; get a new one"},
    {"InvalidToken", EVERYWHERE | CREDENTIALS,
     "{host} does not accept the session token from {origin}; get a new one, or unset it"},
    {"NoSuchBucket", EVERYWHERE, "there is no bucket {bucket} at {host}; check the bucket's name"},
    {"InvalidBucketName", EVERYWHERE,
     "{bucket} cannot be a bucket's name; correct the bucket in the source, s3://BUCKET/PREFIX"},
    {"AllAccessDisabled", EVERYWHERE,
     "AWS has disabled all access to bucket {bucket}; ask AWS support"},
    {"AccountProblem", EVERYWHERE,
     "AWS does not serve the account of the credentials from {origin} (AccountProblem); ask AWS "
     "support"},
    {"NotSignedUp", EVERYWHERE,
     "the AWS account of the credentials from {origin} is not signed up for S3; sign up in the AWS "
     "console"},
    {"NoSuchKey", 0, "the object is gone: it was deleted after it was listed"},
    {"PreconditionFailed", 0, "the object changed after it was listed"},
    {"InvalidObjectState", 0,
     "the object is archived (storage class Glacier); restore it with aws s3api restore-object"},
    {"AuthorizationHeaderMalformed", EVERYWHERE,
     "{host} does not accept region {region}; set the region of the bucket (setting \"region\", or "
     "--region)"},
    {"PermanentRedirect", EVERYWHERE,
     "bucket {bucket} is not in region {region}; set its region (setting \"region\", or --region)"},
    {"TemporaryRedirect", EVERYWHERE,
     "bucket {bucket} is not in region {region}; set its region (setting \"region\", or --region)"},
    {"KMS.DisabledException", 0,
     "the KMS key of the object is disabled; enable the key with aws kms enable-key ({message})"},
    {"KMS.NotFoundException", 0,
     "the KMS key of the object is gone, so nobody can read the object ({message})"},
    {"KMS.KMSInvalidStateException", 0,
     "the KMS key of the object cannot be used in its present state; if its deletion is pending, "
     "cancel "
     "that with aws kms cancel-key-deletion ({message})"},
    {"KMS.ThrottlingException", TEMPORARY, NULL},
    {"Throttling", TEMPORARY, NULL},
    {"ThrottlingException", TEMPORARY, NULL},
    {"RequestLimitExceeded", TEMPORARY, NULL},
    {"TooManyRequestsException", TEMPORARY, NULL},
    {"BandwidthLimitExceeded", TEMPORARY, NULL},
    {"SlowDown", TEMPORARY,
     "{host} asks for fewer requests (SlowDown); transfer fewer objects at once (--jobs)"},
    {"InternalError", TEMPORARY, NULL},
    {"ServiceUnavailable", TEMPORARY, NULL},
    {"RequestTimeout", TEMPORARY, NULL},
    {"ConditionalRequestConflict", TEMPORARY, NULL},
    {"OperationAborted", TEMPORARY, NULL},
    {0},
};

static const struct explanation *find_explanation(const char *code)
{
    for (const struct explanation *e = explanations; e->code; e++)
        if (!strcmp(e->code, code))
            return e;
    return NULL;
}

/* Returns whether the code is in the table, and has the bit IS. */
static bool code_is(const struct s3_error *error, unsigned is)
{
    const struct explanation *explanation = find_explanation(error->code);
    return explanation && explanation->is & is;
}

static void copy_text(char *to, size_t room, const char *from)
{
    snprintf(to, room, "%s", from);
}

static void end_element(void *user, const char *path, const char *text)
{
    struct s3_error *error = user;
    const char *name = strchr(path, '/'); /* below the document's element */
    if (!name || !text)
        return;
    if (!strcmp(name, "/Code"))
        copy_text(error->code, sizeof error->code, text);
    else if (!strcmp(name, "/Message"))
        copy_text(error->message, sizeof error->message, text);
    else if (!strcmp(name, "/Region"))
        copy_text(error->region, sizeof error->region, text);
}

void s3_error_parse(struct s3_error *error, const char *document, size_t size)
{
    static const struct xml_handler handler = {.end = end_element};
    struct xml *xml = xml_new(&handler, error);
    xml_add(xml, document, size, true);
    xml_free(xml);
}

bool s3_error_is_temporary(const struct s3_error *error)
{
    return code_is(error, TEMPORARY) || error->status == 408 || error->status == 429 ||
           error->status == 500 || error->status == 502 || error->status == 503 ||
           error->status == 504;
}

bool s3_error_is_of_credentials(const struct s3_error *error)
{
    return code_is(error, CREDENTIALS);
}

bool s3_error_is_everywhere(const struct s3_error *error)
{
    return code_is(error, EVERYWHERE);
}

static void add_expanded(struct buffer *out, const char *text, const struct s3_bucket *bucket,
                         const char *message)
{
    while (*text) {
        size_t plain = strcspn(text, "{");
        buffer_add(out, text, plain);
        text += plain;
        if (!*text)
            break;
        size_t size = strcspn(text, "}") + 1;
        if (!strncmp(text, "{bucket}", size))
            buffer_add_text(out, bucket->uri.bucket);
        else if (!strncmp(text, "{region}", size))
            buffer_add_text(out, bucket->region);
        else if (!strncmp(text, "{host}", size))
            buffer_add_text(out, bucket->endpoint.host);
        else if (!strncmp(text, "{message}", size))
            buffer_add_text(out, message);
        else
            buffer_add_text(out, bucket->signer.keys.origin);
        text += size;
    }
}

static void add_skew(struct buffer *out, long ahead)
{
    long seconds = labs(ahead);
    const char *unit = seconds >= 7200 ? "hours" : seconds >= 120 ? "minutes" : "seconds";
    long amount = seconds >= 7200  ? (seconds + 1800) / 3600
                  : seconds >= 120 ? (seconds + 30) / 60
                                   : seconds;
    if (ahead)
        buffer_printf(out,
                      "this machine's clock is %ld %s %s the clock of the S3 server; set it right "
                      "(timedatectl set-ntp true)",
                      amount, unit, ahead > 0 ? "ahead of" : "behind");
    else
        buffer_add_text(out, "this machine's clock differs too much from the clock of the S3 "
                             "server; set it right (timedatectl set-ntp true)");
}

void s3_error_explain(struct buffer *out, const struct s3_error *error,
                      const struct s3_bucket *bucket, const char *action, long clock_ahead)
{
    const struct explanation *explanation = find_explanation(error->code);
    bool is_secret = s3_bucket_has_secret_in(bucket, error->code) ||
                     s3_bucket_has_secret_in(bucket, error->message);
    const char *message = is_secret ? "" : error->message;
    if (!strcmp(error->code, "AccessDenied"))
        denial_explain(out, message, bucket, action);
    else if (!strcmp(error->code, "RequestTimeTooSkewed"))
        add_skew(out, clock_ahead);
    else if (explanation && explanation->text)
        add_expanded(out, explanation->text, bucket, message);
    else if (is_secret)
        buffer_printf(out,
                      "%s responded with HTTP status %ld and an error that repeats a part of the "
                      "credentials, so it is not shown; check that the endpoint is the right S3 "
                      "server",
                      bucket->endpoint.host, error->status);
    else if (error->code[0])
        buffer_printf(out, "%s responded with HTTP status %ld %s: %s", bucket->endpoint.host,
                      error->status, error->code, error->message);
    else if (error->is_of_head)
        buffer_printf(
            out,
            "%s responded with HTTP status %ld to a HEAD request for bucket %s; check that "
            "the endpoint is an S3 server",
            bucket->endpoint.host, error->status, bucket->uri.bucket);
    else
        buffer_printf(out,
                      "%s responded with HTTP status %ld, without S3's error document; check that "
                      "the endpoint is an S3 server",
                      bucket->endpoint.host, error->status);
}
