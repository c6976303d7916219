#include "historyfile/map.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"

void history_map_free(struct history_map *map)
{
    for (size_t i = 0; i < map->count; i++)
        free(map->places[i].name);
    free(map->places);
}

struct history_place *history_map_get(struct history_map *map, const char *name)
{
    for (size_t i = 0; i < map->count; i++)
        if (!strcmp(map->places[i].name, name))
            return &map->places[i];
    if (map->count == HISTORY_SECTIONS_MAX)
        return NULL;
    map->places = array_grow(map->places, map->count, &map->capacity, sizeof *map->places);
    map->places[map->count] = (struct history_place){.name = memory_copy_text(name)};
    return &map->places[map->count++];
}

const struct history_place *history_map_check(const struct history_map *map)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct history_place *place = &map->places[i];
        if (place->is_mapped && (!place->is_found || place->mapped != place->found))
            return place;
    }
    return NULL;
}
