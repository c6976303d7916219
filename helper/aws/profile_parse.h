/* Parses the AWS tools' files, ~/.aws/credentials and ~/.aws/config, into sections and settings.
 *
 * The grammar is that of the AWS command line tools, which read the files with Python's
 * configparser, and of the AWS SDKs' reference where it allows more:
 *
 *     [SECTION]
 *     NAME = VALUE
 *     NAME : VALUE
 *     NAME =
 *         NESTED = VALUE
 *     NAME = VALUE
 *         MORE OF THE VALUE
 *     # COMMENT
 *     ; COMMENT
 *
 * A line that is indented further than the setting or the header before it goes on with this
 * setting; the first line after a header does not.  "#" and ";" after white space begin a comment
 * behind a value; in credential_process, which is a command, not between quotes.  Names of settings
 * are in any case.  Lines end in LF or CR LF, and are of any length.  A byte order mark is ignored.
 * A header or a setting that is there twice is an error, as for the AWS command line tools: the two
 * may contradict each other.  [default] and [profile default], two headers of one profile, are no error.
 * https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html */
#ifndef AWS_PROFILE_PARSE_H
#define AWS_PROFILE_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "text/buffer.h"

enum section_kind {
    SECTION_PROFILE,  /* [NAME] of credentials; [default], [profile NAME] of config */
    SECTION_SESSION,  /* [sso-session NAME] of config */
    SECTION_SERVICES, /* [services NAME] of config */
    SECTION_OTHER,
};

/* A setting, or one that is nested in another.  Strings lie in the parsed text. */
struct setting {
    const char *name;
    char *value;       /* without the comment behind it; its lines have "\n" between them */
    const char *below; /* the name of the setting that this one is nested in; NULL: none */
    unsigned line;     /* from 1 */
};

struct section {
    enum section_kind kind;
    const char *name;   /* without "profile" and quotes */
    const char *header; /* the name with both, but for a quote at its end */
    unsigned line;
    struct setting *settings; /* owned */
    size_t count, capacity;
};

/* The sections of one file. */
struct sections {
    struct section *list;
    size_t count, capacity;
};

/* Parses SIZE bytes of TEXT, which has a NUL behind them, and is changed; the sections point into
 * it.  PATH is for messages.  Adds to SECTIONS.  Returns false after adding one line to ERROR; then
 * the sections before the error are there. */
bool profile_parse(struct sections *sections, char *text, size_t size, bool is_config,
                   const char *path, struct buffer *error);

void profile_sections_free(struct sections *sections);

/* Returns the value of the setting NAME of SECTION, nested in BELOW (NULL: not nested); NULL when
 * it is not there. */
const struct setting *profile_section_find(const struct section *section, const char *below,
                                           const char *name);

#endif
