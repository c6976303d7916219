#include "config/option_flags.h"

#include "text/message.h"

const char *set_abandon(struct parse *parse, const char *value)
{
    (void)value;
    parse->options->abandon = true;
    return NULL;
}

const char *set_full(struct parse *parse, const char *value)
{
    (void)value;
    parse->options->full = true;
    return NULL;
}

const char *set_commit(struct parse *parse, const char *value)
{
    (void)value;
    parse->options->commit = true;
    return NULL;
}

const char *set_prepare(struct parse *parse, const char *value)
{
    (void)value;
    parse->options->prepare = true;
    return NULL;
}

const char *set_json(struct parse *parse, const char *value)
{
    (void)value;
    parse->options->json = true;
    return NULL;
}

const char *set_dry_run(struct parse *parse, const char *value)
{
    (void)value;
    parse->options->dry_run = true;
    return NULL;
}

const char *set_all(struct parse *parse, const char *value)
{
    (void)value;
    parse->options->all = true;
    return NULL;
}

const char *set_allow_lower(struct parse *parse, const char *value)
{
    (void)value;
    parse->options->allow_lower = true;
    return NULL;
}

const char *set_visits(struct parse *parse, const char *value)
{
    (void)value;
    parse->options->visits = true;
    return NULL;
}

const char *set_yes(struct parse *parse, const char *value)
{
    (void)value;
    parse->options->yes = true;
    return NULL;
}

const char *set_policy(struct parse *parse, const char *value)
{
    (void)value;
    parse->options->policy = true;
    return NULL;
}

const char *set_remove(struct parse *parse, const char *value)
{
    (void)value;
    parse->options->remove = true;
    return NULL;
}

const char *set_no_timer(struct parse *parse, const char *value)
{
    (void)value;
    parse->options->no_timer = true;
    return NULL;
}

const char *set_verbose(struct parse *parse, const char *value)
{
    (void)parse, (void)value;
    message_set_level(MESSAGE_VERBOSE);
    return NULL;
}

const char *set_quiet(struct parse *parse, const char *value)
{
    (void)parse, (void)value;
    message_set_level(MESSAGE_QUIET);
    return NULL;
}
