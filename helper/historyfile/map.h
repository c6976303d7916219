/* Where the sections of a history file are: what its map says, and where they were found. */
#ifndef HISTORYFILE_MAP_H
#define HISTORYFILE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More sections than a file can have: 999 extra sections, and those of all statuses and plugins. */
enum { HISTORY_SECTIONS_MAX = 4096 };

struct history_place {
    char *name;
    uint64_t mapped, found; /* bytes from the file's start */
    bool is_mapped, is_found;
};

/* Zeroed at birth. */
struct history_map {
    struct history_place *places;
    size_t count, capacity;
};

void history_map_free(struct history_map *map);

/* Returns the place of a section, a new one when there is none; NULL when there are too many. */
struct history_place *history_map_get(struct history_map *map, const char *name);

/* Returns the first place that the map and the sections do not agree on; NULL: there is none.  A place that is blank in
 * the map is right: geoip_asn_maxmind.pm leaves it so. */
const struct history_place *history_map_check(const struct history_map *map);

#endif
