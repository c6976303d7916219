/* The ARN of an S3 access point, which stands in the place of a bucket's name.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html */
#ifndef S3_ARN_H
#define S3_ARN_H

#include <stdbool.h>
#include <stddef.h>

struct s3_arn_part {
    const char *text;
    size_t size;
};

/* The parts point into the text that was read. */
struct s3_arn {
    struct s3_arn_part partition, region, account, name;
    size_t size; /* bytes of the whole ARN */
};

/* Returns whether TEXT begins as an ARN does. */
bool s3_arn_is(const char *text);

/* Reads an ARN at the beginning of TEXT.  The text may go on after a slash.
 *
 *     arn:PARTITION:s3:REGION:ACCOUNT:accesspoint/NAME
 *     arn:PARTITION:s3:REGION:ACCOUNT:accesspoint:NAME
 *
 * Returns NULL, or an error (static). */
const char *s3_arn_read(struct s3_arn *arn, const char *text);

#endif
