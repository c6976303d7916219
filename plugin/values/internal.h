/* What the files values*.c share. */
#ifndef PLUGIN_VALUES_INTERNAL_H
#define PLUGIN_VALUES_INTERNAL_H

#include "values/values.h"

/* ---- asking Perl (values_ask.c) ---- */

/* Takes the functions from the setting "ask" of AWStats::CloudFront::Loop; croaks when one is
 * missing that there must be. */
void values_take_questions(pTHX_ struct values *values, HV *setting);

/* Calls a function that there is, with arguments that are mortal or stay.  Its answers are good
 * until values_answered(), which must follow. */
SV **values_ask(pTHX_ const struct values *values, enum question question, SV **argument,
                unsigned arguments, unsigned *answers);
void values_answered(pTHX);

/* The first answer to a question about an entry's key, as a truth. */
bool values_ask_whether(pTHX_ const struct values *values, enum question question,
                        const struct entry *entry);

/* A mortal scalar. */
SV *values_text(pTHX_ const char *text, size_t size);

/* ---- tables (values.c) ---- */

/* As table_get(); croaks when memory has run out. */
void *values_get(struct table *table, const char *key, size_t size);

struct name *values_name_of(pTHX_ struct values *values, enum kind_of_name kind, SV *sv);
struct item values_item_of(pTHX_ SV *sv);

/* ---- what AWStats remembers (values.c) ---- */

/* Of a key; NULL when it has nothing true. */
SV *values_remembered(pTHX_ HV *memory, SV *key);

/* Whether a value of that is one character, which says that there is none, or the like. */
bool values_is_character(pTHX_ SV *sv, char c);

/* ---- releasing entries, as table_clear() wants it ---- */

void values_release_vhost(void *entry, void *context);
void values_release_url(void *entry, void *context);
void values_release_host(void *entry, void *context);
void values_release_agent(void *entry, void *context);
void values_release_referer(void *entry, void *context);
void values_release_moment(void *entry, void *context);

#endif
