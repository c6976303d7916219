/* Decides what to do after an error of the store: use another region or newer credentials, try
 * again, or end this request or all requests.  Only s3/response.c uses this. */
#ifndef S3_REFUSAL_H
#define S3_REFUSAL_H

#include <stdbool.h>

#include "http/pool.h"
#include "s3/response.h"
#include "text/buffer.h"

/* Returns whether a document has a tag of a web page. */
bool s3_refusal_is_page(const struct buffer *document);

/* Fails, after adding one line to ERROR: a web page came, not a response of S3. */
enum http_verdict s3_refusal_judge_page(struct s3_response *response, long status,
                                        struct buffer *error);

/* Judges a response with an error status, or with an error document.  Adds one line to TEXT, except
 * for HTTP_AGAIN. */
enum http_verdict s3_refusal_judge(struct s3_response *response, const struct http_response *http,
                                   struct buffer *text);

/* Judges the response to a HeadBucket that asks for the region.  A header names the region,
 * whatever the status is. */
enum http_verdict s3_refusal_judge_region(struct s3_response *response, long status,
                                          struct buffer *text);

#endif
