/* A site: where one distribution's logs are and how to read them.  It comes from a section of the
 * INI file, from the options of the command line, or from both (an option wins). */
#ifndef CONFIG_SITE_H
#define CONFIG_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum site_type { SITE_AUTO, SITE_DOWNLOAD, SITE_STREAMING };
enum site_client { SITE_CLIENT_C_IP, SITE_CLIENT_X_FORWARDED_FOR };
enum site_host { SITE_HOST_X_HOST_HEADER, SITE_HOST_CS_HOST };
enum site_kind { SITE_PATH, SITE_BUCKET, SITE_STDIN };
enum site_after { SITE_AFTER_KEEP, SITE_AFTER_DELETE, SITE_AFTER_MOVE };

/* Strings are owned by the site (malloc), NULL when not set. */
struct site {
    char *name;          /* the section; NULL when the site is made of options only */
    char *source;        /* s3://bucket/prefix, or a path */
    enum site_kind kind; /* of source */
    char *region;        /* of the bucket; NULL: found out */
    char *profile;       /* of ~/.aws; NULL: AWS_PROFILE, else "default" */
    char *endpoint;      /* URL of an S3-compatible store; NULL: AWS's own for the region */
    enum site_type type;
    enum site_client client;
    enum site_host host;
    enum site_after after; /* what becomes of the objects of a committed batch */
    char *after_to;        /* SITE_AFTER_MOVE: s3://bucket/prefix, or a directory */
    char *state;           /* the ledger's path; NULL: site_state_path() */
    int64_t settle;        /* seconds for which a new object is left alone */
    int64_t lookback;      /* seconds; 0: SITE_LOOKBACK_DEFAULT */
};

/* The kind of a source: s3://BUCKET/PREFIX is in a bucket, "-" is the standard input, all else is a
 * path.  All decisions between a bucket and a path follow from this one. */
enum site_kind site_kind(const char *source);

enum { SITE_LOOKBACK_DEFAULT = 48 * 3600 };

/* One thing that can be set, by "NAME = VALUE" in the INI file and by --NAME VALUE.  The table ends
 * with a NULL name; --help, the manual and `check` are made from it. */
struct site_setting {
    const char *name;
    const char *argument; /* what stands for the value in the help text */
    const char *help;     /* one line */
    bool is_option;       /* false: only in the INI file */
};
extern const struct site_setting site_settings[];

#define SITE_CONFIG_DEFAULT "/etc/awstats/cloudfront.conf"

/* Sets NAME to VALUE, over what was set before.  Returns NULL, or what is wrong with the value (a
 * static string, such as "must be c-ip or x-forwarded-for"; "unknown setting"). */
const char *site_set(struct site *site, const char *name, const char *value);

/* Reads section NAME of the INI file PATH into the zeroed SITE; options are set over it later.
 * Every section is checked, so that a mistake is found before its site runs.
 * Returns 0, or -1 after printing one line that names the file, the line and what to do. */
int site_read(struct site *site, const char *path, const char *name);

/* The names of all sections of PATH, in their order, NULL-terminated; free each and the array.
 * NULL after printing one line. */
char **site_names(const char *path);

/* The path of the site's ledger: the setting state, else one in SITE_STATE_FOLDER that is named for
 * the site; bytes that a file's name should not have are percent-encoded.  Owned by the caller
 * (malloc); NULL when memory has run out. */
char *site_state_path(const struct site *site);
#define SITE_STATE_FOLDER "/var/lib/awstats-cloudfront"

void site_free(struct site *site);

#endif
