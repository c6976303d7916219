/* Decides what to do after a response that is no success: use another region or newer credentials, try again, or end
 * this request or all requests.  Only s3/response.c uses this. */
#ifndef S3_REFUSAL_H
#define S3_REFUSAL_H

#include <stdbool.h>

#include "http/pool.h"
#include "s3/response.h"
#include "text/buffer.h"

/* Returns whether a document begins as a web page does. */
bool s3_refusal_is_page(const struct buffer *document);

/* Judges a web page. */
enum http_verdict s3_refusal_judge_page(struct s3_response *response, long status,
                                        struct buffer *error);

/* Judges an error document. */
enum http_verdict s3_refusal_judge(struct s3_response *response, const struct http_response *http,
                                   struct buffer *text);

/* Judges the response to HeadBucket, which names the region in a header, whatever its status is. */
enum http_verdict s3_refusal_judge_region(struct s3_response *response, long status,
                                          struct buffer *text);

#endif
