/* Finds the services of AWS that give keys, and sends requests to them.
 * https://docs.aws.amazon.com/general/latest/gr/rande.html */
#ifndef AWS_SERVICE_H
#define AWS_SERVICE_H

#include <stdbool.h>

#include "aws/region.h"
#include "aws/session.h"
#include "http/fetch_small.h"
#include "text/buffer.h"

enum aws_service {
    SERVICE_STS,      /* roles */
    SERVICE_SSO,      /* the portal of IAM Identity Center, which gives keys for a token */
    SERVICE_SSO_OIDC, /* gives tokens */
};

/* Returns the endpoint's URL that the user has configured for a service, the first of: $VARIABLE,
 * $AWS_ENDPOINT_URL, endpoint_url of the service ID in the profile's section [services NAME],
 * endpoint_url of PROFILE.  NULL: none.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
const char *service_configured(const struct profile *profile, const char *variable, const char *id);

/* Returns whether sts_regional_endpoints = legacy stands for the global endpoint of STS in REGION. */
bool service_is_legacy_region(const char *region);

/* Adds the origin of SERVICE in REGION, "https://HOST", to ORIGIN: that of service_configured(),
 * else AWS's own, in the region's partition, as use_fips_endpoint and use_dualstack_endpoint want it.  For STS, REGION
 * may be NULL, and SIGNED_REGION becomes the region to sign for.  A region such as fips-us-east-1 stands for the FIPS
 * endpoint of us-east-1. Returns false after adding one line to ERROR. */
bool service_find(struct buffer *origin, char signed_region[REGION_SIZE],
                  const struct aws_session *session, enum aws_service service, const char *region,
                  struct buffer *error);

/* Sends MESSAGE to a service, as session_fetch(), with the limits that are the same for all
 * services. */
bool service_send(struct http_message *message, const struct aws_session *session,
                  struct fetch_small_response *response, struct buffer *error);

#endif
