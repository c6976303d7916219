/* The body of the response to a CopyObject.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
#ifndef S3_COPY_RESULT_H
#define S3_COPY_RESULT_H

#include <stdbool.h>

#include "text/buffer.h"

/* Reads a RESPONSE, and stores the ETag of the copy in TAG; "": the response names none.  Returns false if the response
 * does not confirm the copy. */
bool s3_copy_result_read(const struct buffer *response, struct buffer *tag);

#endif
