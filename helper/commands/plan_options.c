#include "commands/plan_options.h"

#include "s3/uri.h"
#include "text/message.h"

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
                                   .wait = options->wait_given ? options->wait : OPTIONS_PLAN_WAIT};
}

int plan_task(const struct options *options, bool has_all, const char *needs,
              int (*task)(const struct shards_options *options))
{
    const struct shards_options shards = plan_options(options);
    const char *name = options->command->name;
    if (has_all && s3_uri_is(options->work) && !options->site.name) {
        message_error("%s needs --site for a plan in a bucket, which the settings of the site tell "
                      "how to reach; see awstats-cloudfront %s --help",
                      name, name);
        return EXIT_USAGE;
    }
    if (has_all)
        return task(&shards);
    message_error("%s needs %s; see awstats-cloudfront %s --help", name, needs, name);
    return EXIT_USAGE;
}
