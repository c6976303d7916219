/* The command line.  The parser, the help texts, the manual's lists and the completion of shells all
 * come from the tables of commands, options, settings and exit statuses, so that they cannot drift
 * apart. */
#ifndef CONFIG_OPTIONS_H
#define CONFIG_OPTIONS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "config/site.h"
#include "log/write_as.h"
#include "text/buffer.h"

enum exit_status {
    EXIT_DONE = 0,
    EXIT_FAILED = 1, /* nothing was written, or nothing was committed */
    EXIT_USAGE = 2,
    EXIT_RUNNING = 3,     /* another run holds this site or directory */
    EXIT_QUARANTINED = 4, /* status: objects are quarantined */
    EXIT_LATE = 4,        /* status --max-lag: a site is behind */
    EXIT_DIFFERENT = 4,   /* verify: figures differ */
    EXIT_UNREADY = 4,     /* setup: the site is set up, but check fails */
};

/* Objects at once over the network: the most, and the default. */
#define OPTIONS_TRANSFERS_MAX 256

/* Seconds to wait for another run of the site: the largest number of --wait; --wait without a number (136 years); and
 * the default of the commands of plans, which schedulers may run twice at once. */
#define OPTIONS_WAIT_MAX       1000000
#define OPTIONS_WAIT_UNLIMITED UINT_MAX
#define OPTIONS_PLAN_WAIT      600

/* The most shards of a plan, or parts. */
#define OPTIONS_SHARDS_MAX 512

/* A setting that an option gives, such as --region; the texts point into argv. */
struct option_setting {
    const char *name, *value;
};

struct options {
    const struct command *commands; /* all */
    const struct command *command;
    const char *config;     /* the INI file; SITE_CONFIG_DEFAULT unless --config */
    const char *to;         /* fetch, backup: the directory */
    const char *from;       /* restore: the directory; NULL */
    const char *output;     /* merge: the file; NULL when not given */
    const char *work;       /* plan, map, prepare, reduce, collect: where the plan is; NULL */
    unsigned shards, parts; /* plan; 0: not given */
    unsigned number;        /* map: --part; reduce: --shard */
    bool number_given;
    bool abandon;         /* plan: give the plan up */
    bool wait_given;      /* plan, prepare, collect: else they wait OPTIONS_PLAN_WAIT */
    const char *dirdata;  /* backup, restore, setup: DirData; NULL */
    unsigned transfers;   /* objects at once over the network, 1 to OPTIONS_TRANSFERS_MAX */
    unsigned wait;        /* seconds to wait for another run of the site; 0 unless it was given;
                          * OPTIONS_WAIT_UNLIMITED without a number */
    enum write_as as;     /* cat: the format of the log */
    bool full;            /* cat: list the whole source */
    bool commit;          /* cat: commit the batch when its log was read */
    bool prepare;         /* cat: leave the commit to the reader; goes before commit */
    bool json;            /* status: as JSON */
    const char *metrics;  /* status: the file for Prometheus; NULL */
    const char *max_lag;  /* status: a duration as it was given; NULL */
    int64_t max_lag_s;    /* the same in seconds */
    const char *batch;    /* commit: the batch's ID, NULL when not given */
    const char *previous; /* commit: the last batch in the history, an ID or "-"; NULL */
    const char *files;    /* commit: the periods of history files, NULL when not given */
    const char *figures;  /* commit: text of normalized/figures.h, NULL when not given */
    const char *history;  /* commit, adopt: the name of the AWStats history; NULL */
    const char *former;   /* adopt: the former name of the site; NULL */
    unsigned *months;     /* recount, verify: YYYYMM, such as 202610; owned */
    size_t month_count;   /* of them; 0: all months */
    bool dry_run;         /* recount, setup, update: change nothing */
    bool allow_lower;     /* recount: replace a month although its hits become fewer */
    bool visits;          /* verify: figures of visits must be equal, too */
    const char
        *awstats; /* check, recount, verify, setup, update, awstats: awstats.pl; NULL: find it */
    const char *awstats_config; /* the first four: NAME of awstats.NAME.conf; NULL: find it */
    const char **domains;       /* setup: hosts, SiteDomain first; owned */
    size_t domain_count;        /* of them */
    bool yes;                   /* setup: ask nothing */
    bool policy;                /* setup: print the IAM policy alone */
    bool remove;                /* setup: remove what an earlier run has made */
    bool no_timer;              /* setup: leave the timer alone */
    const char *config_folder;  /* setup: of awstats.NAME.conf; NULL */
    const char *state, *after;  /* setup: settings of the new section; NULL */
    bool day_given;             /* explain */
    uint32_t day;               /* explain: days since 1970-01-01 */
    const char *host, *url, *status, *vhost; /* explain: values of columns; NULL: any */
    const char **sites; /* update: the values of --site; they point into argv */
    size_t site_count;
    bool all;                        /* update: all sites of the configuration file */
    const char *report;              /* update: the folder for reports; NULL */
    bool site_given;                 /* --site: site.name and all of its section are set */
    struct site site;                /* settings from --site's section and the options */
    struct option_setting *settings; /* those of the options, each once; owned */
    size_t setting_count;
    struct buffer site_error; /* why --site cannot be read, for a command with TAKES_SITE_ERROR */
    char **sources;           /* operands, NULL-terminated; they point into argv */
    size_t source_count;
};

enum command_flags {
    COMMAND_NEEDS_SITE = 1,        /* --site must be given, or a source if it takes sources */
    COMMAND_TAKES_SOURCES = 2,     /* its operands are sources */
    COMMAND_TAKES_OPERANDS = 4,    /* it checks its operands itself; others take none */
    COMMAND_TAKES_REST = 8,        /* all words after its name are operands, options, too */
    COMMAND_TAKES_SITE_ERROR = 16, /* it runs even if --site cannot be read */
    COMMAND_TAKES_SITES = 32,      /* it reads the sections of --site, any number, itself */
    COMMAND_USES_SOURCE = 64       /* it works on a source, whose settings may be options */
};

struct command {
    const char *name;
    const char *synopsis;               /* what follows the name */
    const char *help;                   /* one line */
    int (*run)(const struct options *); /* returns the exit status */
    enum command_flags flags;
};

/* Parses the command line as GNU programs do: short options may be joined (-vq), long ones
 * shortened (--verb), and options may follow operands.  COMMANDS ends with a NULL name.  Returns
 * -1 if the caller must run options->command; else an exit status, after --help or --version, or
 * after printing one line about a mistake. */
int options_parse(struct options *options, const struct command *commands, int argc, char **argv);
void options_free(struct options *options);

#endif
