/* Keys of the role of an EC2 instance, from its metadata service (IMDSv2).
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 *
 * AWS_EC2_METADATA_DISABLED=true turns the service off; AWS_EC2_METADATA_SERVICE_ENDPOINT and
 * AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE (IPv4, IPv6) say where it is;
 * AWS_METADATA_SERVICE_TIMEOUT (1 second) and AWS_METADATA_SERVICE_NUM_ATTEMPTS (1) how long to
 * wait.  The profile may have settings of the same names, in lower case and without AWS_.  If the service
 * gives no session token (IMDSv1), requests have none, unless AWS_EC2_METADATA_V1_DISABLED is true.
 * No request goes through a proxy. */
#ifndef AWS_METADATA_H
#define AWS_METADATA_H

#include "aws/session.h"

credentials_fetch metadata_fetch;

/* Adds the region of this instance to REGION.  Returns false, after adding why to ERROR, when the
 * metadata service does not tell it. */
bool metadata_find_region(const struct aws_session *session, struct buffer *region,
                          struct buffer *error);

#endif
