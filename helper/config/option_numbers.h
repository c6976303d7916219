/* Options whose values are numbers. */
#ifndef CONFIG_OPTION_NUMBERS_H
#define CONFIG_OPTION_NUMBERS_H

#include "config/option_table.h"

#define TEXT_OF(number)   #number
#define NUMBER_TEXT(name) TEXT_OF(name)
#define TRANSFERS_MAX     NUMBER_TEXT(OPTIONS_TRANSFERS_MAX)
#define SHARDS_MAX        NUMBER_TEXT(OPTIONS_SHARDS_MAX)
#define WAIT_MAX          NUMBER_TEXT(OPTIONS_WAIT_MAX)
#define PLAN_WAIT         NUMBER_TEXT(OPTIONS_PLAN_WAIT)

const char *set_jobs(struct parse *parse, const char *value);
const char *set_wait(struct parse *parse, const char *value);
const char *set_shards(struct parse *parse, const char *value);
const char *set_parts(struct parse *parse, const char *value);
const char *set_number(struct parse *parse, const char *value);

#endif
