#include "source/body.h"

#include <stdlib.h>
#include <unistd.h>

void body_release(struct body *body)
{
    free(body->data);
    free(body->error);
    if (body->fd >= 0)
        close(body->fd);
    *body = (struct body){.fd = -1};
}
