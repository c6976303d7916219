/* The class of a requested host (cs(Host) of CloudFront's logs). */
#ifndef PLUGIN_VALUES_VHOST_H
#define PLUGIN_VALUES_VHOST_H

#include <stdbool.h>

#include "values/field_class.h"

struct vhost {
    struct field_class class;
    bool classified;
    bool counted; /* SiteDomain or HostAliases matches */
};

#endif
