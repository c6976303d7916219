/* Fetches the keys of an EC2 instance's role from the metadata service (IMDSv2).
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 *
 * AWS_EC2_METADATA_DISABLED=true turns the service off.  AWS_EC2_METADATA_SERVICE_ENDPOINT, or
 * AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE (IPv4, IPv6), sets the address.
 * AWS_METADATA_SERVICE_TIMEOUT (1 second) and AWS_METADATA_SERVICE_NUM_ATTEMPTS (1) limit the time.
 * The profile may have settings of the same names, in lower case and without AWS_.  If the service
 * gives no session token (IMDSv1), requests have none; if AWS_EC2_METADATA_V1_DISABLED is true,
 * there are no keys then.  No request goes through a proxy. */
#ifndef AWS_METADATA_H
#define AWS_METADATA_H

#include "aws/session.h"

credentials_fetch metadata_fetch;

/* Adds the region of this instance to REGION.  Returns false, after adding one line to ERROR, when
 * the metadata service does not tell the region. */
bool metadata_find_region(const struct aws_session *session, struct buffer *region,
                          struct buffer *error);

#endif
