#include "aws/partition.h"

#include <string.h>

/* https://docs.aws.amazon.com/general/latest/gr/rande.html, and the guide of each partition. */
static const struct partition partitions[] = {
    {"aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", false},
    {"aws-us-gov", "us-gov-", "amazonaws.com", "api.aws", true},
    {"aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov", true},
    {"aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud", true},
    {"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", true},
    {"aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", true},
    {"aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu", true},
    {"aws", "", "amazonaws.com", "api.aws",
     true}, /* the last one, to which all other regions belong */
};

enum { COUNT = sizeof partitions / sizeof *partitions };

const struct partition *partition_of_region(const char *region)
{
    const struct partition *partition = partitions;
    while (*partition->prefix &&
           (!region || strncmp(region, partition->prefix, strlen(partition->prefix)) != 0))
        partition++;
    return partition;
}

const char *partition_domain_of_host(const char *host)
{
    size_t size = strlen(host);
    for (size_t i = 0; i < COUNT; i++) {
        size_t domain = strlen(partitions[i].domain);
        if (size > domain && host[size - domain - 1] == '.' &&
            !strcmp(host + size - domain, partitions[i].domain))
            return host + size - domain;
    }
    return NULL;
}

const struct partition *partition_named(const char *name, size_t size)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strlen(partitions[i].name) == size && !memcmp(partitions[i].name, name, size))
            return &partitions[i];
    return NULL;
}
