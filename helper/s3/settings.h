/* What the settings of the AWS tools, in the environment and in the profile, say about S3.
 * https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html */
#ifndef S3_SETTINGS_H
#define S3_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/chain.h"
#include "s3/endpoint.h"
#include "text/buffer.h"

/* Strings are owned (malloc). */
struct s3_settings {
    char *region; /* NULL: not given */
    struct s3_endpoint_rules rules;
    bool keeps_region; /* an access point in another region than the given one must not be used */
    char *authorities; /* the file with certificates of CAs; NULL: not given */
    /* What the user wants at most; 0: no limit but those of this program. */
    unsigned requests;  /* at once */
    unsigned tries;     /* of a request */
    uint64_t bandwidth; /* bytes a second */
};

/* Reads the settings.  REGION and URL, when given, win over those of the environment and the profile.
 * A region that is no real one is replaced: "aws-global" by us-east-1 at its global host, and
 * "fips-REGION" by REGION with FIPS.  Returns false after adding one line to ERROR, which names the
 * setting. */
bool s3_settings_read(struct s3_settings *settings, const struct aws_settings *aws,
                      const char *region, const char *url, struct buffer *error);
void s3_settings_free(struct s3_settings *settings);

#endif
