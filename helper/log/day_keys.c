#include "log/day_keys.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Pages of days without a key are never touched, so the table takes little memory. */
struct day_keys {
    pthread_mutex_t lock; /* of the keys that are made */
    struct day {
        atomic_uchar state;
        unsigned char key[DAY_KEY_SIZE];
    } days[DAY_KEYS_DAYS];
};

enum { DAY_HAS_NONE, DAY_HAS_KEY, DAY_IS_IN_USE };

struct day_keys *day_keys_new(void)
{
    struct day_keys *keys = calloc(1, sizeof *keys);
    if (keys)
        pthread_mutex_init(&keys->lock, NULL);
    return keys;
}

void day_keys_free(struct day_keys *keys)
{
    if (!keys)
        return;
    for (size_t i = 0; i < DAY_KEYS_DAYS; i++)
        if (keys->days[i].state != DAY_HAS_NONE)
            explicit_bzero(keys->days[i].key, DAY_KEY_SIZE);
    pthread_mutex_destroy(&keys->lock);
    free(keys);
}

void day_keys_put(struct day_keys *keys, uint32_t day, const unsigned char key[DAY_KEY_SIZE])
{
    memcpy(keys->days[day].key, key, DAY_KEY_SIZE);
    keys->days[day].state = DAY_HAS_KEY;
}

const unsigned char *day_keys_get(struct day_keys *keys, uint32_t day)
{
    struct day *entry = &keys->days[day];
    if (atomic_load_explicit(&entry->state, memory_order_acquire) == DAY_IS_IN_USE)
        return entry->key;
    pthread_mutex_lock(&keys->lock);
    /* A request for so few bytes is never cut short or interrupted (getrandom(2)). */
    if (entry->state == DAY_HAS_NONE &&
        getrandom(entry->key, DAY_KEY_SIZE, 0) != (ssize_t)DAY_KEY_SIZE)
        abort();
    atomic_store_explicit(&entry->state, DAY_IS_IN_USE, memory_order_release);
    pthread_mutex_unlock(&keys->lock);
    return entry->key;
}

const unsigned char *day_keys_needed(const struct day_keys *keys, uint32_t day, uint32_t oldest)
{
    const struct day *entry = &keys->days[day];
    bool is_needed =
        entry->state == DAY_IS_IN_USE || (entry->state == DAY_HAS_KEY && day >= oldest);
    return is_needed ? entry->key : NULL;
}
