/* Adds up what became of the records of all shards (normalized/figures.h), with the names of hosts and methods. */
#ifndef SHARDS_FIGURES_SUM_H
#define SHARDS_FIGURES_SUM_H

#include "config/site.h"
#include "memory/table.h"
#include "normalized/figures.h"
#include "text/buffer.h"

struct figures_sum {
    struct figures figures; /* the names point into `text` */
    struct buffer text;     /* see figures_sum_end() */
    struct table names[FIGURE_NAMES];
    unsigned shards;   /* that were added */
    uint64_t earliest; /* the least `newest` of the shards that have FIGURE_FUTURE; 0: none has */
    unsigned behind;   /* the shard that has it, and so most likely a clock that is behind */
};

void figures_sum_init(struct figures_sum *sum);
void figures_sum_free(struct figures_sum *sum);

/* Adds the figures of the next shard, a text. */
void figures_sum_add(struct figures_sum *sum, const char *text);

/* Writes the sum into `text`, with the names that have the most records, as the ledger stores it. */
void figures_sum_end(struct figures_sum *sum);

/* Adds why AWStats has left out records, "N of M records are ...", with "; " between the reasons. */
void figures_sum_add_reasons(struct buffer *text, const struct figures_sum *sum);

/* Warns of the records that AWStats has left out, as an update does: a line for each reason. */
void figures_sum_warn(const struct figures_sum *sum, const struct site *site);

#endif
