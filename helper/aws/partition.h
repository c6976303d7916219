/* The partitions of AWS: groups of regions, each group with accounts and domains of its own. */
#ifndef AWS_PARTITION_H
#define AWS_PARTITION_H

#include <stdbool.h>
#include <stddef.h>

struct partition {
    const char *name;       /* the second part of an ARN */
    const char *prefix;     /* the names of its regions begin so */
    const char *domain;     /* of its services, as in s3.REGION.DOMAIN */
    const char *dual_stack; /* the domain of services with IPv6; S3 has names of its own for it */
    bool has_s3_fips;       /* S3 has endpoints with cryptography by FIPS 140 there */
};

/* Returns the partition of REGION.  Returns aws for NULL, and if the prefix of no other one
 * fits. */
const struct partition *partition_of_region(const char *region);

/* Returns where the domain of a partition begins in HOST, which is in small letters and without a port; NULL: HOST is no
 * host of AWS. */
const char *partition_domain_of_host(const char *host);

/* Returns the partition whose name is the SIZE bytes at NAME, as in an ARN; NULL: there is none. */
const struct partition *partition_named(const char *name, size_t size);

#endif
