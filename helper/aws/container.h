/* Fetches the keys of a container's role: of a task of ECS, a pod of EKS (Pod Identity), and others
 * that speak the same protocol.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 *
 * AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is a path at 169.254.170.2; else
 * AWS_CONTAINER_CREDENTIALS_FULL_URI is a URL.  A URL of https may have any host; a URL of http
 * only this machine or an address of ECS or EKS, so that keys never cross a network unencrypted.
 * The request has the token of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or
 * AWS_CONTAINER_AUTHORIZATION_TOKEN.  There are three tries, and each waits for
 * AWS_METADATA_SERVICE_TIMEOUT seconds (2 when not set).  No request goes through a proxy. */
#ifndef AWS_CONTAINER_H
#define AWS_CONTAINER_H

#include "aws/session.h"

credentials_fetch container_fetch;

#endif
