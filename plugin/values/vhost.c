#include <stdlib.h>

#include "values/internal.h"

/* Mirrors the update loop from "Drop wrong virtual host name". */
struct vhost *values_vhost(pTHX_ struct values *values, const struct record *record)
{
    struct vhost *vhost = values_entry_of(values, &values->vhosts, record, COLUMN_HOST);
    if (!vhost->classified && values_are_alone(values))
        return NULL;
    if (!vhost->classified) {
        vhost->counted = values_call_flag(aTHX_ values, CALLBACK_VHOST, &vhost->class.entry);
        vhost->classified = true;
    }
    return vhost;
}

void values_release_vhost(void *entry, void *context)
{
    PERL_UNUSED_VAR(context);
    free(((struct vhost *)entry)->class.found);
}
