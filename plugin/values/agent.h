/* The class of a user agent. */
#ifndef PLUGIN_VALUES_AGENT_H
#define PLUGIN_VALUES_AGENT_H

#include <stdbool.h>

#include "awstats/counters.h"
#include "tables/tables.h"
#include "values/field_class.h"

struct counted_name;
struct values;

struct agent {
    struct field_class class;
    bool classified, robot_known, viewer_known;
    bool dropped;                      /* by SkipUserAgents or OnlyUserAgents */
    SV *text;                          /* as AWStats has it */
    struct counted_name *robot;        /* NULL: none */
    struct counted_name *browser, *os; /* NULL: the configuration does not detect them */
    bool unknown_browser, unknown_os;
    SV *unknown_key; /* in the tables of unknown agents, if either is unknown */
    struct row_place unknown_browser_row, unknown_os_row;
};

/* Whether AWStats has found out by now which robot an agent is, if any; and which browser and
 * operating system it names.  In another thread than perl's: whether this is known. */
bool values_agent_robot(pTHX_ struct values *values, struct agent *agent);
bool values_agent_viewer(pTHX_ struct values *values, struct agent *agent);

#endif
