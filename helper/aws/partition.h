/* The partitions of AWS: groups of regions with an account system, and with domains, of their own. */
#ifndef AWS_PARTITION_H
#define AWS_PARTITION_H

#include <stdbool.h>
#include <stddef.h>

struct partition {
    const char *name;   /* the second part of an ARN */
    const char *prefix; /* with which the names of its regions begin */
    const char *domain; /* at which its services are, as in s3.REGION.DOMAIN */
    const char
        *dual_stack; /* the domain of services that are reached by IPv6, too; S3 has its own rule */
    bool has_s3_fips; /* S3 has endpoints with cryptography by FIPS 140 there */
};

/* Returns the partition of REGION: aws when no other one has such regions, also for a NULL REGION. */
const struct partition *partition_of_region(const char *region);

/* Returns the partition with the name that is SIZE bytes at NAME, as in an ARN; NULL: there is none. */
const struct partition *partition_named(const char *name, size_t size);

#endif
