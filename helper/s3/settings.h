/* Reads the settings of the AWS tools that concern S3, from the environment and the profile.
 * https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html */
#ifndef S3_SETTINGS_H
#define S3_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/chain.h"
#include "http/pool.h"
#include "s3/endpoint.h"
#include "text/buffer.h"

/* Strings are owned (malloc). */
struct s3_settings {
    char *region; /* NULL: not given */
    struct s3_endpoint_rules rules;
    bool keeps_region; /* refuse access points in another region than the given one */
    struct http_authorities authorities;
    /* The user's limits; 0: only this program's own. */
    unsigned requests;  /* at once */
    unsigned tries;     /* of a request */
    uint64_t bandwidth; /* bytes a second */
};

/* Reads the settings.  URL, when given, replaces that of the environment and the profile.  Also replaces names that are
 * no regions: "aws-global" by us-east-1 at its global host, and "fips-REGION" by REGION with FIPS.  Returns false after
 * adding one line to ERROR, which names the setting. */
bool s3_settings_read(struct s3_settings *settings, const struct aws_settings *aws, const char *url,
                      struct buffer *error);
void s3_settings_free(struct s3_settings *settings);

#endif
