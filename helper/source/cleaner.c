#include "source/cleaner.h"

#include "text/message.h"

void cleaner_failed(struct cleaner *cleaner, const char *key, const char *error)
{
    if (!cleaner->failed++)
        message_warning("%s: cannot be %s: %s; the next run tries again", key,
                        cleaner->site->after == SITE_AFTER_MOVE ? "moved" : "deleted", error);
}
