/* A site: where one distribution's logs are and how to read them.  Its settings come from a section
 * of the configuration file (config/site_file.h), from the options of the command line, or from
 * both; an option has priority. */
#ifndef CONFIG_SITE_H
#define CONFIG_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/reader.h"
#include "s3/bucket.h"

struct object_cache;

enum site_type { SITE_AUTO, SITE_DOWNLOAD, SITE_STREAMING };
enum site_client { SITE_CLIENT_C_IP, SITE_CLIENT_X_FORWARDED_FOR };
enum site_host { SITE_HOST_X_HOST_HEADER, SITE_HOST_CS_HOST };
enum site_kind { SITE_PATH, SITE_BUCKET, SITE_STDIN, SITE_SEVERAL };
enum site_after { SITE_AFTER_KEEP, SITE_AFTER_DELETE, SITE_AFTER_MOVE };

/* Strings are owned by the site (malloc), NULL when not set. */
struct site {
    char *name;   /* the section; NULL when the site is made of options only */
    char *source; /* s3://bucket/prefix, or a path; or several, as config/sources.h has them */
    enum site_kind kind; /* of source */
    char *region;        /* of the bucket; NULL: from AWS settings or S3 */
    char *profile;       /* of ~/.aws; NULL: AWS_PROFILE, else "default" */
    char *endpoint;      /* URL of an S3-compatible store; NULL: AWS's own for the region */
    bool is_anonymous;   /* requests are not signed */
    bool requester_pays; /* requests to the bucket say that their sender pays for them */
    const char *regions; /* no setting: where S3 has found buckets (batch/region.h); or NULL */
    struct object_cache *cache; /* no setting: of the objects that other sites fetch; or NULL */
    enum site_type type;
    enum site_client client;
    struct network *proxies; /* trusted ones; malloc */
    size_t proxy_count;
    enum anonymize anonymize;
    enum site_host host;
    char *hosts;           /* patterns of the virtual hosts whose records are read; NULL: all */
    enum site_after after; /* what is done with the objects of a committed batch */
    char *after_to;        /* SITE_AFTER_MOVE: s3://bucket/prefix, or a directory */
    char *state;           /* the ledger's path; NULL: site_state_path() */
    char *awstats_config;  /* NAME of awstats.NAME.conf, or its path; NULL: find it */
    char *awstats;         /* awstats.pl; NULL: find it */
    char *report;          /* the folder of the report; NULL: none */
    const char *config;    /* the configuration file, if it is not the default one; else NULL */
    char *fields;          /* the columns of logs without a header; NULL: found by their look */
    struct delimiter delimiter; /* between values, where the log leaves a doubt; size 0: none */
    char *include, *exclude;    /* patterns of keys, source/key_filter.h; NULL: none */
    bool unique;                /* each x-edge-request-id counts once */
    int64_t settle;             /* seconds from the end of its hour until an object is read */
    int64_t lookback;           /* seconds; 0: SITE_LOOKBACK_DEFAULT */
    uint64_t max_inflated;      /* bytes of an object; 0: SITE_MAX_INFLATED_DEFAULT */
    uint64_t memory; /* bytes of the counters in an update; 0: a share of the machine's */
};

/* Returns the kind of a source: s3://BUCKET/PREFIX is in a bucket, "-" is the standard input, a text of
 * config/sources.h is several, all else is a path.  All decisions between a bucket and a path follow
 * from this one. */
enum site_kind site_kind(const char *source);

enum { SITE_LOOKBACK_DEFAULT = 48 * 3600 };
#define SITE_MAX_INFLATED_DEFAULT (UINT64_C(2) << 30) /* bytes */

/* A setting: "NAME = VALUE" in the configuration file and, for some, --NAME VALUE.  --help and the
 * manual are made from the table, which ends with a NULL name. */
struct site_setting {
    const char *name;
    const char *argument; /* the value in the help text, as in struct option_row */
    const char *help;     /* one line */
    bool is_option;       /* false: only in the configuration file */
};
enum { SITE_SETTING_COUNT = 25 };
extern const struct site_setting site_settings[SITE_SETTING_COUNT + 1];

/* Returns the index of the setting NAME, or -1. */
int site_find_setting(const char *name);

#define SITE_CONFIG_DEFAULT "/etc/awstats/cloudfront.conf"

/* Sets NAME to VALUE, over an earlier value; but a further source is added to the present ones.  Returns NULL, or an
 * error (static) such as "must be c-ip or x-forwarded-for" or "unknown setting". */
const char *site_set(struct site *site, const char *name, const char *value);

/* Reads a duration into *SECONDS:
 *
 *     NUMBER
 *     NUMBER s | NUMBER m | NUMBER h | NUMBER d
 *
 * Seconds, minutes, hours, days; up to ten years.  Returns NULL, or an error (static). */
const char *site_set_duration(int64_t *seconds, const char *value);

/* Returns an error (static) if SOURCE cannot be a source although a path may have this name, such as
 * s3:/bucket; else NULL. */
const char *site_source_error(const char *source);

/* Whether a source of the site is in a bucket. */
bool site_has_bucket(const struct site *site);

/* Returns how the site's buckets are reached.  The strings are the site's. */
struct s3_access site_access(const struct site *site);

/* Returns how the site's logs are read; valid as long as the site.  The keys that anonymize = hash needs
 * are the caller's to add. */
struct reader_options site_reader_options(const struct site *site);

/* Returns the path of the site's ledger: the setting state, else a file of SITE_STATE_FOLDER with
 * the site's name, in which bytes that do not fit a file's name are percent-encoded.  Owned by the
 * caller (malloc). */
char *site_state_path(const struct site *site);
#define SITE_STATE_FOLDER "/var/lib/awstats-cloudfront"

void site_free(struct site *site);

#endif
