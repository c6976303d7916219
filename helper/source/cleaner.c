#include "source/cleaner.h"

#include "http/retries.h"
#include "memory/allocate.h"
#include "text/message.h"

void cleaner_failed(struct cleaner *cleaner, struct clean_item *item, const char *error)
{
    if (item->error)
        return;
    item->error = memory_copy_bytes(error, retries_find_end(error));
    if (!cleaner->failed++ && !cleaner->is_quiet)
        message_warning("%s%s: cannot be %s: %s; the next run tries again",
                        cleaner->place ? cleaner->place : "", item->key,
                        cleaner->site->after == SITE_AFTER_MOVE ? "moved" : "deleted", error);
}
