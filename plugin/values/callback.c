#include "awstats/settings.h"
#include "values/internal.h"

static const char *const question_name[QUESTIONS] = {
    [ASK_VHOST] = "vhost",
    [ASK_URL] = "url",
    [ASK_HOST_LISTS] = "host_lists",
    [ASK_COUNTRY] = "country",
    [ASK_AGENT_LISTS] = "agent_lists",
    [ASK_REFERER_LISTS] = "referer_lists",
    [ASK_PHRASE] = "phrase",
    [ASK_STATUS] = "status",
    [ASK_TIME] = "time",
    [ASK_HOUR] = "hour",
    [ASK_SESSION] = "session",
    [ASK_PATTERN] = "pattern",
    [ASK_SECTIONS] = "sections",
};

SV **values_ask(pTHX_ const struct values *values, enum question question, SV **argument,
                unsigned arguments, unsigned *answers)
{
    dSP;
    ENTER;
    SAVETMPS;
    PUSHMARK(SP);
    EXTEND(SP, (int)arguments);
    for (unsigned i = 0; i < arguments; i++)
        PUSHs(argument[i]);
    PUTBACK;
    SSize_t count = call_sv(values->ask[question], G_ARRAY);
    SPAGAIN;
    SP -= count;
    SV **first = SP + 1;
    PUTBACK;
    *answers = (unsigned)count;
    return first;
}

void values_answered(pTHX)
{
    FREETMPS;
    LEAVE;
}

SV *values_text(pTHX_ const char *text, size_t size)
{
    return sv_2mortal(newSVpvn(text, size));
}

bool values_ask_whether(pTHX_ const struct values *values, enum question question,
                        const struct entry *entry)
{
    unsigned answers;
    SV *argument = values_text(aTHX_ entry->key, entry->size);
    SV **answer = values_ask(aTHX_ values, question, &argument, 1, &answers);
    bool yes = answers > 0 && SvTRUE(answer[0]);
    values_answered(aTHX);
    return yes;
}

void values_tell(pTHX_ struct values *values, enum question question, SV *argument)
{
    unsigned answers;
    values_ask(aTHX_ values, question, &argument, 1, &answers);
    values_answered(aTHX);
}

void values_take_questions(pTHX_ struct values *values, HV *setting)
{
    SV *ask_of = setting_of(aTHX_ setting, "ask");
    if (!ask_of || !SvROK(ask_of) || SvTYPE(SvRV(ask_of)) != SVt_PVHV)
        croak("no functions to ask");
    HV *functions = (HV *)SvRV(ask_of);
    for (unsigned i = 0; i < QUESTIONS; i++) {
        SV *code = setting_of(aTHX_ functions, question_name[i]);
        values->ask[i] = code ? newSVsv(code) : NULL;
    }
    if (!values->ask[ASK_VHOST] || !values->ask[ASK_URL] || !values->ask[ASK_STATUS] ||
        !values->ask[ASK_HOUR] || !values->ask[ASK_SESSION])
        croak("a function to ask is missing");
}
