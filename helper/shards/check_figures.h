/* Decides by the figures of all shards whether collect must not commit their sum, as the plugin decides for an update
 * (error() of Outcome.pm).  The rules are those of normalized/figures.h for both; only the advice differs. */
#ifndef SHARDS_CHECK_FIGURES_H
#define SHARDS_CHECK_FIGURES_H

#include "shards/figures_sum.h"
#include "shards/plan.h"

/* Stores an error if the clock of a machine that counted a shard is behind, or if AWStats counts no record although it
 * should. */
bool check_figures(struct task *task, const struct figures_sum *sum);

#endif
