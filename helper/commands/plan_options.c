#include "commands/plan_options.h"

/* A scheduler may run a task twice at once: the second one waits for the first, unless --wait says how long. */
enum { WAIT_S = 600 };

struct shards_options plan_options(const struct options *options)
{
    unsigned shards = options->shards ? options->shards : 1;
    return (struct shards_options){.config = options->config,
                                   .site = options->site.name,
                                   .work = options->work,
                                   .awstats = options->awstats,
                                   .shards = shards,
                                   .parts = options->parts ? options->parts : shards,
                                   .number = options->number,
                                   .transfers = options->transfers,
                                   .wait = options->wait ? options->wait : WAIT_S};
}
