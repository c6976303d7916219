/* Options without a value. */
#ifndef CONFIG_OPTION_FLAGS_H
#define CONFIG_OPTION_FLAGS_H

#include "config/option_table.h"

const char *set_abandon(struct parse *parse, const char *value);
const char *set_full(struct parse *parse, const char *value);
const char *set_commit(struct parse *parse, const char *value);
const char *set_prepare(struct parse *parse, const char *value);
const char *set_json(struct parse *parse, const char *value);
const char *set_dry_run(struct parse *parse, const char *value);
const char *set_all(struct parse *parse, const char *value);
const char *set_allow_lower(struct parse *parse, const char *value);
const char *set_visits(struct parse *parse, const char *value);
const char *set_yes(struct parse *parse, const char *value);
const char *set_policy(struct parse *parse, const char *value);
const char *set_remove(struct parse *parse, const char *value);
const char *set_no_timer(struct parse *parse, const char *value);
const char *set_verbose(struct parse *parse, const char *value);
const char *set_quiet(struct parse *parse, const char *value);

#endif
