#include "source/key_guess.h"

#include <string.h>
#include <time.h>

#include "source/key_hour.h"
#include "text/time.h"

enum { HOUR_S = 3600, DAY_S = 24 * HOUR_S };

/* The part of a page's time that a guess leaps: the next page may have more objects in the same
 * time. */
static const double SHARE = 0.9;

/* The date that decides the order of a key. */
struct place {
    struct key_stem stem;
    char format[64]; /* of the whole date, with the folder of the hour if there is one */
    int64_t time;    /* seconds UTC */
    int64_t step;    /* the precision of the time: an hour or a day, in seconds */
};

static void set_format(struct place *place, const char *folder)
{
    size_t size = strlen(place->stem.format);
    memcpy(place->format, place->stem.format, size);
    memcpy(place->format + size, folder, strlen(folder) + 1);
}

static bool find_place(struct place *place, const char *key)
{
    static const char *const hours[] = {"/%H/", "/hour=%H/"};
    struct tm tm = {0};
    if (!key_stem_find(&place->stem, key))
        return false;
    const char *date = key + place->stem.size, *end = strptime(date, place->stem.format, &tm);
    if (!end)
        return false;
    bool is_name = *end == '.';
    set_format(place, is_name ? "." : "/");
    place->step = is_name ? HOUR_S : DAY_S;
    for (size_t i = 0; !is_name && i < sizeof hours / sizeof *hours; i++)
        if (strptime(end, hours[i], &tm)) {
            set_format(place, hours[i]);
            place->step = HOUR_S;
            break;
        }
    place->time = timegm(&tm);
    return true;
}

static bool has_stem_of(const char *key, const struct place *place, const char *other,
                        const struct place *others)
{
    return place->stem.size == others->stem.size && !memcmp(key, other, place->stem.size) &&
           !strcmp(place->format, others->format);
}

void key_guess(const char *first, const char *last, const char *from, struct buffer *key)
{
    struct place begin, end, at;
    char date[TIME_TEXT_SIZE];
    if (!find_place(&begin, first) || !find_place(&end, last) || !find_place(&at, from) ||
        !has_stem_of(first, &begin, last, &end) || !has_stem_of(first, &begin, from, &at))
        return;
    int64_t step = at.step;
    int64_t steps = (int64_t)((double)(end.time - begin.time) * SHARE) / step;
    int64_t next = at.time + (steps > 1 ? steps : 1) * step;
    if (next > time(NULL) || !time_format(date, at.format, next))
        return;
    buffer_add(key, from, at.stem.size);
    buffer_add_text(key, date);
}
