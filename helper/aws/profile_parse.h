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
 * A line that is indented further than the setting or the header before it continues this setting;
 * the first line after a header never does.  "#" and ";" after white space begin a comment behind a
 * value; in credential_process, which is a command, not between quotes.  Names of settings are in
 * any case.  Lines end in LF or CR LF, and are of any length.  A byte order mark is ignored.  Two
 * equal headers, or two settings of the same name in a section, are an error, as for the AWS
 * command line tools: they may contradict each other.  [default] and [profile default], two headers
 * of one profile, are no error.  All sections of a file inherit the settings of its [DEFAULT], in
 * capitals, which may be there several times; a setting with nested ones is inherited as a whole.
 * White space within the brackets belongs to the name, except behind [profile NAME]: the
 * tools, and so we, ignore [default ].  So do quotes, except around NAME in config.
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
    SECTION_DEFAULTS, /* [DEFAULT], all of them together */
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
    const char *name;   /* without the word in front, such as "profile", and then without quotes */
    const char *header; /* as it is written, except that a quote at the end is lost */
    unsigned line;
    struct setting *settings; /* owned */
    size_t count, capacity;
    const struct section *defaults; /* [DEFAULT] of the same file; NULL: there is none */
};

/* The sections of one file. */
struct sections {
    struct section *list;
    size_t count, capacity;
};

/* Parses SIZE bytes of TEXT, which has a NUL behind them, and adds to SECTIONS.  Changes TEXT; the
 * sections point into it.  PATH is for messages.  Returns false after adding one line to ERROR;
 * then SECTIONS has the sections before the error. */
bool profile_parse(struct sections *sections, char *text, size_t size, bool is_config,
                   const char *path, struct buffer *error);

void profile_sections_free(struct sections *sections);

/* Returns the setting NAME of SECTION, nested in BELOW (NULL: not nested), which may be inherited; NULL when SECTION is
 * NULL or has no such setting. */
const struct setting *profile_section_find(const struct section *section, const char *below,
                                           const char *name);

#endif
