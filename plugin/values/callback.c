#include "values/callback.h"

#include "awstats/settings.h"
#include "values/internal.h"

static const char *const name_of[CALLBACKS] = {
    [CALLBACK_VHOST] = "vhost",
    [CALLBACK_URL] = "url",
    [CALLBACK_HOST_LISTS] = "host_lists",
    [CALLBACK_COUNTRY] = "country",
    [CALLBACK_AGENT_LISTS] = "agent_lists",
    [CALLBACK_REFERER_LISTS] = "referer_lists",
    [CALLBACK_PHRASE] = "phrase",
    [CALLBACK_STATUS] = "status",
    [CALLBACK_TIME] = "time",
    [CALLBACK_HOUR] = "hour",
    [CALLBACK_SESSION] = "session",
    [CALLBACK_PATTERN] = "pattern",
    [CALLBACK_SECTIONS] = "sections",
};

static const enum callback required[] = {
    CALLBACK_VHOST, CALLBACK_URL, CALLBACK_STATUS, CALLBACK_HOUR, CALLBACK_SESSION,
};

SV **values_call(pTHX_ const struct values *values, enum callback callback, SV **argument,
                 unsigned arguments, unsigned *results)
{
    dSP;
    ENTER;
    SAVETMPS;
    PUSHMARK(SP);
    EXTEND(SP, (SSize_t)arguments);
    for (unsigned i = 0; i < arguments; i++)
        PUSHs(argument[i]);
    PUTBACK;
    SSize_t count = call_sv(values->callback[callback], G_ARRAY);
    SPAGAIN;
    SP -= count;
    SV **first = SP + 1;
    PUTBACK;
    *results = (unsigned)count;
    return first;
}

void values_call_end(pTHX)
{
    FREETMPS;
    LEAVE;
}

SV *values_text(pTHX_ const char *text, size_t size)
{
    return sv_2mortal(newSVpvn(text, size));
}

bool values_call_flag(pTHX_ const struct values *values, enum callback callback,
                      const struct entry *entry)
{
    unsigned results;
    SV *argument = values_text(aTHX_ entry->key, entry->size);
    SV **result = values_call(aTHX_ values, callback, &argument, 1, &results);
    bool flag = results > 0 && SvTRUE(result[0]);
    values_call_end(aTHX);
    return flag;
}

void values_notify(pTHX_ const struct values *values, enum callback callback, SV *argument)
{
    unsigned results;
    values_call(aTHX_ values, callback, &argument, 1, &results);
    values_call_end(aTHX);
}

void values_take_callbacks(pTHX_ SV *callback[CALLBACKS], HV *settings)
{
    HV *functions = settings_hash(aTHX_ settings, "callbacks");
    for (unsigned i = 0; i < sizeof required / sizeof required[0]; i++) {
        const char *name = name_of[required[i]];
        if (!settings_get(aTHX_ functions, name))
            croak("internal error: the plugin's function %s is missing, please report it", name);
    }
    for (unsigned i = 0; i < CALLBACKS; i++) {
        SV *code = settings_get(aTHX_ functions, name_of[i]);
        callback[i] = code ? newSVsv(code) : NULL;
    }
}

bool values_has(const struct values *values, enum callback callback)
{
    return values->callback[callback];
}
