#include "batch/new_objects.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "batch/batch.h"
#include "source/key_hour.h"
#include "batch/renamed.h"
#include "batch/same_log.h"
#include "config/sources.h"
#include "memory/allocate.h"
#include "text/buffer.h"
#include "text/by_number.h"
#include "text/message.h"

enum {
    HOUR_S = 3600,
    FULL_LISTING_S = 24 * 3600, /* between two full listings */
    STEMS_MAX = 100 /* a skip costs a request; with more stems, whole list pages are cheaper */
};

struct listing {
    struct ledger *ledger;
    struct source *source;
    const struct site *site;
    const struct batch_options *options;
    int64_t now, lookback; /* seconds */
    bool failed;           /* the ledger has stored the error */
    bool has_told;         /* has_objects() of the options has been called */
    uint64_t listed, taken, young;
    struct copies_found copies; /* of counted objects */
    bool has_other_names; /* not of CloudFront's form: they may be new names of counted objects */
    struct buffer stem;   /* of the latest key */
    bool has_cut;         /* older keys of this stem are skipped, */
    int64_t cut;          /* those before this time */
    unsigned stems;
};

/* Returns the hour of the counted object with the last key of a stem, seconds UTC; 0: there is none. */
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

/* A search for the object that holds the same log as another. */
struct search {
    const struct source *source;
    const struct ledger_object *object;
    enum same_log same;
    bool in_batch, is_replacement;
    bool has_digest;      /* a counted namesake has one */
    struct buffer unread; /* the key of a counted namesake that has none: its text is not known */
    struct buffer key;    /* of the found object, */
    struct buffer digest; /* and the digest of its text */
};

/* Prefers an object found by its content to one found by its name, and among the former one with the same
 * key: then the message says that the file has another time.  An object of a bucket that has replaced a
 * counted one with the same key cannot be known by its name. */
static bool compare_with(void *user, const struct ledger_object *other, bool in_batch)
{
    struct search *search = user;
    bool is_same_key = !strcmp(search->object->key, other->key);
    bool has_digest = other->digest && *other->digest;
    search->has_digest |= !in_batch && has_digest;
    if (!in_batch && !has_digest && !search->unread.size)
        buffer_add_text(&search->unread, other->key);
    if (search->same != SAME_LOG_NO && in_batch)
        return false;
    if (search->same == SAME_LOG_BY_CONTENT && !is_same_key)
        return true;
    enum same_log same = same_log(search->source, search->object, other);
    if (same == SAME_LOG_NO && is_same_key && source_has_content_tags(search->source)) {
        search->is_replacement = true;
        if (search->same == SAME_LOG_BY_NAME) {
            search->same = SAME_LOG_NO;
            buffer_clear(&search->key);
        }
    }
    if (same == SAME_LOG_NO ||
        (same == SAME_LOG_BY_NAME && (search->is_replacement || search->same != SAME_LOG_NO)))
        return true;
    search->same = same;
    search->in_batch = in_batch;
    buffer_clear(&search->key);
    buffer_add_text(&search->key, other->key);
    buffer_clear(&search->digest);
    buffer_add_text(&search->digest, other->digest);
    return !in_batch && !is_same_key;
}

/* Takes an object of a bucket, with a name of CloudFront's form, for the log of its counted namesakes if none of
 * them has a known text.  Its size may differ, since the object may have been compressed anew, and CloudFront
 * gives each name once.  An object that has replaced a namesake under the same key is another log. */
static void know_by_name(struct search *search)
{
    if (search->same != SAME_LOG_NO || search->is_replacement || search->has_digest ||
        !search->unread.size || !source_has_content_tags(search->source) ||
        !same_log_is_unique_name(search->object->key))
        return;
    search->same = SAME_LOG_BY_NAME;
    search->in_batch = false;
    buffer_clear(&search->key);
    buffer_add_text(&search->key, search->unread.data);
    buffer_clear(&search->digest);
    buffer_add_text(&search->digest, "");
}

/* Searches the counted objects, then the objects of the new batch.  Searches files with the same content
 * first, then files of unknown content. */
static bool search_twin(struct listing *listing, struct search *search)
{
    const struct ledger_object *object = search->object;
    bool has_tags = source_has_content_tags(listing->source);
    bool any_size = !has_tags || same_log_is_unique_name(object->key);
    if (!has_tags && !*object->content)
        return true;
    return ledger_visit_namesakes(listing->ledger, object->key, object->content,
                                  any_size ? LEDGER_ANY_SIZE : object->size, compare_with,
                                  search) &&
           (has_tags || search->same != SAME_LOG_NO ||
            ledger_visit_namesakes(listing->ledger, object->key, "", object->size, compare_with,
                                   search));
}

/* Tells the caller once that the batch has an object.  A quarantined object does not count: it probably cannot be read
 * this time either. */
static void tell_object(struct listing *listing, const struct ledger_object *object)
{
    if (listing->has_told || !listing->options->has_objects ||
        ledger_is_quarantined(listing->ledger, object) > 0)
        return;
    listing->has_told = true;
    listing->options->has_objects(listing->options->user);
}

/* Adds an unknown object to the batch, unless a counted object holds the same log. */
static bool take_object(struct listing *listing, struct ledger_object *object)
{
    struct content content;
    same_log_find_content(listing->source, object, &content);
    struct search search = {.source = listing->source, .object = object};
    bool done = search_twin(listing, &search);
    know_by_name(&search);
    if (done && search.same != SAME_LOG_NO && !search.in_batch) {
        copies_found_add(&listing->copies, object->key, search.key.data);
        if (search.same == SAME_LOG_BY_CONTENT && !*object->digest)
            object->digest = search.digest.data;
        done = ledger_add_copy(listing->ledger, object,
                               listing->site->after != SITE_AFTER_KEEP &&
                                   search.same == SAME_LOG_BY_CONTENT);
    } else if (done) {
        listing->taken++;
        tell_object(listing, object);
        listing->has_other_names |= !same_log_is_unique_name(object->key);
        done = ledger_add(listing->ledger, object,
                          search.same == SAME_LOG_NO ? NULL : search.key.data);
    }
    buffer_free(&search.key);
    buffer_free(&search.digest);
    buffer_free(&search.unread);
    return done;
}

/* Compares the objects of the batch with objects of other names.  If all names have CloudFront's form, this is
 * necessary only when links give one file several names. */
static bool compare_other_names(struct listing *listing)
{
    uint64_t before = listing->copies.count;
    bool can_be;
    if (!listing->taken)
        return true;
    if (!renamed_can_be(listing->ledger, listing->has_other_names, &can_be))
        return false;
    bool done = (!can_be && !listing->source->has_links) ||
                (ledger_index_contents(listing->ledger, source_has_content_tags(listing->source)) &&
                 renamed_leave_out(listing->ledger, listing->source,
                                   listing->site->after != SITE_AFTER_KEEP, &listing->copies) &&
                 renamed_pair(listing->ledger, listing->source));
    listing->taken -= listing->copies.count - before;
    return done;
}

/* Stores the content of a file that an older version of this program has counted. */
static bool add_content(struct listing *listing, struct ledger_object *object)
{
    struct content content;
    if (source_has_content_tags(listing->source))
        return true;
    same_log_find_content(listing->source, object, &content);
    return !*content.end || ledger_set_content(listing->ledger, object);
}

/* Warns of the copies that are not counted again. */
static void warn_of_copies(const struct listing *listing)
{
    struct buffer first = {0}, twin = {0};
    if (!listing->copies.count)
        return;
    listing->source->kind->name(listing->source, listing->copies.first.data, &first);
    listing->source->kind->name(listing->source, listing->copies.twin.data, &twin);
    same_log_warn(first.data, twin.data, listing->copies.count);
    buffer_free(&first);
    buffer_free(&twin);
}

/* Adds a quarantined object that was not listed to the batch. */
static bool take_quarantined(void *user, const struct ledger_object *object)
{
    struct listing *listing = user;
    struct ledger_object copy = *object;
    return take_object(listing, &copy);
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
    bool has_content;
    int known = ledger_knows(listing->ledger, &object, &has_content);
    listing->failed = known < 0 || (known && !has_content && !add_content(listing, &object));
    if (known)
        return !listing->failed;
    if (object.time > listing->now - listing->site->settle && listing->site->settle) {
        listing->young++;
        return true;
    }
    listing->failed = !take_object(listing, &object);
    return !listing->failed;
}

/* Whether the whole source must be listed: once a day, and when objects that were passed over must be read
 * again.  Also always when a full listing is cheap, because the objects are files, or counted ones are deleted or
 * moved. */
static bool needs_full(struct listing *listing)
{
    int64_t before;
    if (!site_has_bucket(listing->site) || listing->site->after != SITE_AFTER_KEEP)
        return true;
    int has_other_reading = ledger_has_other_reading(listing->ledger);
    if (has_other_reading < 0 || !ledger_get_full_listing(listing->ledger, &before)) {
        listing->failed = true;
        return true;
    }
    if (has_other_reading)
        return true;
    return before > listing->now || listing->now - before >= FULL_LISTING_S;
}

/* Returns whether all paths of the source that are missing are files that were counted, so that the setting "after"
 * has deleted or moved them: 1, 0, or -1. */
static int only_counted_are_missing(struct ledger *ledger, const struct site *site)
{
    struct buffer one = {0};
    int result = 1;
    for (const char *rest = site->source; result > 0 && (rest = sources_next(rest, &one));)
        if (site_kind(one.data) == SITE_PATH && access(one.data, F_OK) < 0)
            result = ledger_knows_key(ledger, one.data);
    buffer_free(&one);
    return result;
}

bool new_objects_begin_batch(struct ledger *ledger, const struct ledger_batch *batch,
                             struct source *source, const struct site *site,
                             const struct batch_options *options, struct buffer *error)
{
    struct listing listing = {
        .ledger = ledger,
        .source = source,
        .site = site,
        .options = options,
        .now = time(NULL),
        .lookback = (site->lookback ? site->lookback : SITE_LOOKBACK_DEFAULT) + site->settle};
    bool fully = needs_full(&listing) || options->lists_fully;
    int has_counted = ledger_has_counted(ledger);
    struct source_listing how = {.user = &listing,
                                 .found = add_object,
                                 .skip = fully ? NULL : skip,
                                 .may_be_empty = site->after != SITE_AFTER_KEEP && has_counted};
    int may_be_missing = how.may_be_empty ? only_counted_are_missing(ledger, site) : 0;
    how.may_be_missing = may_be_missing > 0;
    if (has_counted < 0 || may_be_missing < 0 || listing.failed || !ledger_begin(ledger, batch))
        return false;
    bool done = source_list(source, &how, error) == 0 && !listing.failed &&
                (fully || ledger_visit_unlisted(ledger, take_quarantined, &listing)) &&
                compare_other_names(&listing) && ledger_drop_quarantined(ledger, fully);
    if (!done)
        ledger_undo(ledger);
    done = done && ledger_begun(ledger, fully);
    if (done) {
        char *shown = sources_show(site->source);
        warn_of_copies(&listing);
        message_verbose("%s: objects listed: %llu%s; new: %llu; waiting, because they are younger "
                        "than the setting \"settle\": %llu",
                        shown, (unsigned long long)listing.listed,
                        fully ? ""
                              : " (older ones than the setting \"lookback\" allows are skipped)",
                        (unsigned long long)listing.taken, (unsigned long long)listing.young);
        free(shown);
    }
    buffer_free(&listing.stem);
    buffer_free(&listing.copies.first);
    buffer_free(&listing.copies.twin);
    return done;
}
