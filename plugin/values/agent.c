#include <stdlib.h>
#include <string.h>

#include "values/internal.h"

/* Returns a user agent as AWStats has it: "" for "-", and with DecodeUA "_" for "%20".  Mirrors the
 * update loop from "Analyze: Robot from robot database". */
static SV *agent_text(pTHX_ const struct values *values, const struct entry *entry)
{
    if (entry->size == 1 && entry->key[0] == '-')
        return newSVpvs("");
    SV *sv = newSVpvn(entry->key, entry->size);
    if (!values->decode_agents)
        return sv;
    char *to = SvPVX(sv);
    const char *end = entry->key + entry->size;
    for (const char *from = entry->key; from < end; to++) {
        bool blank = end - from >= 3 && memcmp(from, "%20", 3) == 0;
        *to = blank ? '_' : *from;
        from += blank ? 3 : 1;
    }
    *to = '\0';
    SvCUR_set(sv, (STRLEN)(to - SvPVX(sv)));
    return sv;
}

struct agent *values_agent(pTHX_ struct values *values, const struct record *record)
{
    struct agent *agent = values_entry_of(values, &values->agents, record, COLUMN_AGENT);
    if (!agent->classified && values_are_alone(values))
        return NULL;
    if (!agent->classified) {
        const struct entry *entry = &agent->class.entry;
        agent->text = agent_text(aTHX_ values, entry);
        agent->dropped = values->callback[CALLBACK_AGENT_LISTS] &&
                         values_call_flag(aTHX_ values, CALLBACK_AGENT_LISTS, entry);
        agent->classified = true;
    }
    return agent;
}

/* Mirrors the update loop from "Analyze: Robot from robot database": reads %TmpRobot, where AWStats
 * remembers what it found. */
bool values_agent_robot(pTHX_ struct values *values, struct agent *agent)
{
    if (agent->robot_known)
        return true;
    if (values_are_alone(values))
        return false;
    if (!SvTRUE(agent->text)) { /* "" or "0", which Perl takes for false as well */
        agent->robot = values_name(aTHX_ values, NAME_ROBOT, "no_user_agent", 13);
    } else {
        SV *robot = values_remembered(aTHX_ values->robot_of, agent->text);
        if (!robot)
            return false;
        if (!values_is_character(aTHX_ robot, '-'))
            agent->robot = values_name_of(aTHX_ values, NAME_ROBOT, robot);
    }
    return agent->robot_known = true;
}

static bool is_unknown(const struct counted_name *name)
{
    return name && name->entry.size == 7 && memcmp(name->entry.key, "Unknown", 7) == 0;
}

/* Mirrors the update loop from "Analyze: Browser - OS": reads %TmpBrowser and %TmpOS.  The key of
 * an unknown agent is that of "Unknown browser ?" and "Unknown OS ?". */
bool values_agent_viewer(pTHX_ struct values *values, struct agent *agent)
{
    if (agent->viewer_known)
        return true;
    if (values_are_alone(values))
        return false;
    SV *browser = NULL, *os = NULL;
    if (values->browsers && !(browser = values_remembered(aTHX_ values->browser_of, agent->text)))
        return false;
    if (values->oses && !(os = values_remembered(aTHX_ values->os_of, agent->text)))
        return false;
    agent->browser = browser ? values_name_of(aTHX_ values, NAME_BROWSER, browser) : NULL;
    agent->os = os ? values_name_of(aTHX_ values, NAME_OS, os) : NULL;
    agent->unknown_browser = is_unknown(agent->browser);
    agent->unknown_os = is_unknown(agent->os);
    if (agent->unknown_browser || agent->unknown_os) {
        STRLEN size = SvCUR(agent->text);
        char *text = values_scratch(values, size + 1);
        for (STRLEN i = 0; i < size; i++) {
            char c = SvPVX_const(agent->text)[i];
            text[i] = c == '+' || c == ' ' ? '_' : c;
        }
        agent->unknown_key = newSVpvn(text, size);
    }
    return agent->viewer_known = true;
}

void values_release_agent(void *entry, void *context)
{
    struct agent *agent = entry;
    dTHXa(context);
    SvREFCNT_dec(agent->text);
    SvREFCNT_dec(agent->unknown_key);
    free(agent->class.found);
}
