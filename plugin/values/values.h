/* What the texts of fields mean to AWStats under its configuration: a class for each distinct text,
 * found out once.
 *
 * Where patterns, lists or other plugins decide, a Perl function is called (callback.h).  Robots,
 * browsers, operating systems and referring servers are AWStats' to find out: the first record that
 * has a new one is delegated to AWStats, and its memory (%TmpRobot and the like) is read
 * afterwards.
 *
 * Everything returned here stays valid until values_clear().  The functions that return classes croak
 * if memory runs out. */
#ifndef PLUGIN_VALUES_VALUES_H
#define PLUGIN_VALUES_VALUES_H

#include "awstats/counters.h"
#include "normalized/record.h"
#include "values/agent.h"
#include "values/callback.h"
#include "values/host.h"
#include "values/names.h"
#include "values/pattern.h"
#include "values/referer.h"
#include "values/status.h"
#include "values/time.h"
#include "values/url.h"
#include "values/vhost.h"

struct values;

/* Returns classes with nothing classified.  SETTINGS are those of AWStats::CloudFront::Loop; croaks
 * if one is malformed.  VARIABLES must outlive the classes. */
struct values *values_new(pTHX_ const struct variables *variables, HV *settings);

/* Lets another thread than perl's find classes (ALONE), or perl's thread again.  Until then, functions that would have to
 * call perl return NULL or false. */
void values_set_alone(struct values *values, bool alone);
bool values_are_alone(const struct values *values);

/* Ends a function when memory has run out: croaks; in another thread than perl's, ends the program. */
void values_no_memory(const struct values *values) __attribute__((noreturn));

/* Forgets all classes and names, and the rows of extra sections; keeps status codes and patterns.  AWStats must have
 * got the numbers of their counter keys. */
void values_clear(pTHX_ struct values *values);
void values_free(pTHX_ struct values *values);

/* Forgets the classes of hosts. */
void values_clear_hosts(struct values *values);

/* Return about how much memory the classes take, in bytes: those of hosts, and all others. */
size_t values_memory_of_hosts(const struct values *values);
size_t values_memory(const struct values *values);

/* Returns about how much memory AWStats takes to remember user agents and referring servers, in bytes. */
size_t values_memory_of_awstats(pTHX_ const struct values *values);

/* Forgets which servers AWStats got a record of: call this when AWStats has emptied its hashes. */
void values_forget_delegated(struct values *values);

/* Whether the configuration has use for a callback. */
bool values_has(const struct values *values, enum callback callback);

/* Calls a callback with one argument, and ignores its results. */
void values_notify(pTHX_ const struct values *values, enum callback callback, SV *argument);

/* Return the class of a record's value; NULL if perl's thread must find it.  The host is the client, and always has a
 * class. */
struct vhost *values_vhost(pTHX_ struct values *values, const struct record *record);
struct url *values_url(pTHX_ struct values *values, const struct record *record);
struct host *values_host(struct values *values, const struct record *record);
struct agent *values_agent(pTHX_ struct values *values, const struct record *record);
struct referer *values_referer(pTHX_ struct values *values, const struct record *record);
struct status *values_status(pTHX_ struct values *values, const struct record *record);
struct moment *values_moment(pTHX_ struct values *values, const struct record *record);

/* Returns the period of a line that begins with "YYYY-MM-DD", another byte and "hh", as long as no plugin changes times;
 * see struct moment. */
UV values_period(const struct values *values, const char *line);

/* Returns the class of any other host. */
struct host *values_host_called(struct values *values, struct field name);

/* Returns what AWStats counts under a name; NULL if perl's thread must make the name first. */
struct counted_name *values_name(pTHX_ struct values *values, enum name_kind kind, const char *text,
                                 size_t size);

/* Returns what AWStats counts under a record's edge location; NULL as above. */
struct counted_name *values_edge(pTHX_ struct values *values, const struct record *record);

/* Returns the size of a text without its query: up to the first of URLQuerySeparators, or all of it
 * with URLReferrerWithQuery. */
size_t values_size_without_query(const struct values *values, const char *text, size_t size);

#endif
