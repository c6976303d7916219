#include "batch/new_objects.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "batch/key_hour.h"
#include "text/buffer.h"
#include "text/message.h"

enum {
    HOUR_S = 3600,
    FULL_LISTING_S = 24 * 3600, /* between two full listings */
    STEMS_MAX = 100             /* leaps cost a request each: with many stems pages are cheaper */
};

struct listing {
    struct ledger *ledger;
    const struct site *site;
    int64_t now, lookback; /* seconds */
    bool failed;           /* the ledger has stored the error */
    uint64_t listed, taken, young;
    struct buffer stem; /* of the latest key */
    bool has_cut;       /* older keys of this stem are skipped, */
    int64_t cut;        /* those before this time */
    unsigned stems;
};

/* Returns the hour of the newest counted object of a stem, seconds UTC; 0: there is none. */
static int64_t find_newest(struct listing *listing, const char *stem)
{
    char *last = NULL;
    int64_t hour = 0;
    int found = ledger_last_key(listing->ledger, stem, &last);
    if (found > 0 && !key_hour(last, &hour))
        hour = 0;
    listing->failed |= found < 0;
    free(last);
    return hour;
}

static void skip(void *user, const char *key, struct buffer *up_to)
{
    struct listing *listing = user;
    struct key_stem stem;
    if (!key_stem_find(&stem, key))
        return;
    if (!listing->stem.size || listing->stem.size != stem.size ||
        memcmp(listing->stem.data, key, stem.size)) {
        buffer_clear(&listing->stem);
        buffer_add(&listing->stem, key, stem.size);
        int64_t newest = find_newest(listing, listing->stem.data);
        listing->has_cut = newest > 0 && ++listing->stems <= STEMS_MAX;
        listing->cut = (newest < listing->now ? newest : listing->now) - listing->lookback;
    }
    if (listing->has_cut)
        key_stem_add(&stem, key, listing->cut, up_to);
}

static bool add_object(void *user, const struct source_object *listed)
{
    struct listing *listing = user;
    struct ledger_object object = {.key = listed->key,
                                   .tag = listed->tag,
                                   .size = listed->size,
                                   .modified = listed->modified,
                                   .time = listed->modified};
    int64_t hour;
    if (listing->failed)
        return false;
    listing->listed++;
    if (key_hour(listed->key, &hour))
        object.time = hour + HOUR_S;
    int known = ledger_knows(listing->ledger, &object);
    listing->failed = known < 0;
    if (known)
        return known > 0;
    if (object.time > listing->now - listing->site->settle && listing->site->settle) {
        listing->young++;
        return true;
    }
    listing->taken++;
    listing->failed = !ledger_add(listing->ledger, &object);
    return !listing->failed;
}

/* Whether the whole source must be listed: once a day, and always when that is cheap, because
 * objects are deleted or moved, or are files. */
static bool needs_full(struct listing *listing)
{
    int64_t before;
    if (listing->site->kind != SITE_BUCKET || listing->site->after != SITE_AFTER_KEEP)
        return true;
    if (!ledger_get_full_listing(listing->ledger, &before)) {
        listing->failed = true;
        return true;
    }
    return before > listing->now || listing->now - before >= FULL_LISTING_S;
}

bool new_objects_begin_batch(struct ledger *ledger, const struct ledger_batch *batch,
                             struct source *source, const struct site *site, bool fully,
                             struct buffer *error)
{
    struct listing listing = {
        .ledger = ledger,
        .site = site,
        .now = time(NULL),
        .lookback = (site->lookback ? site->lookback : SITE_LOOKBACK_DEFAULT) + site->settle};
    fully = needs_full(&listing) || fully;
    struct source_listing how = {
        .user = &listing, .found = add_object, .skip = fully ? NULL : skip};
    if (listing.failed || !ledger_begin(ledger, batch))
        return false;
    bool done = source_list(source, &how, error) == 0 && !listing.failed &&
                ledger_add_quarantined(ledger, fully);
    if (!done)
        ledger_undo(ledger);
    done = done && ledger_begun(ledger, fully);
    if (done)
        message_verbose("%s: %llu objects listed%s, %llu of them new, %llu younger than settle",
                        site->source, (unsigned long long)listing.listed,
                        fully ? "" : " from the first key that can be new",
                        (unsigned long long)listing.taken, (unsigned long long)listing.young);
    buffer_free(&listing.stem);
    return done;
}
