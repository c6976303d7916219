#include "aws/authorities.h"

#include <stdlib.h>

#include "aws/environment.h"
#include "aws/path.h"

struct http_authorities authorities_find(const struct profile *profile)
{
    const char *origin = "AWS_CA_BUNDLE", *file = environment_get(origin);
    if (!file) {
        origin = "the setting \"ca_bundle\" of the AWS profile";
        file = profile_get(profile, "ca_bundle");
    }
    if (!file || !*file) {
        origin = "REQUESTS_CA_BUNDLE"; /* the AWS tools' HTTP library reads this one */
        file = environment_get(origin);
    }
    return file ? (struct http_authorities){.file = aws_path_at_home(file), .origin = origin}
                : (struct http_authorities){.file = NULL};
}

void authorities_free(struct http_authorities *authorities)
{
    free(authorities->file);
    *authorities = (struct http_authorities){.file = NULL};
}
