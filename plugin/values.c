#include "values.h"

#include <stdlib.h>
#include <string.h>

#include "settings.h"

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

static char no_match; /* its address stands in value.found */

/* ---- asking Perl: answers lie between ask() and answered() ---- */

static SV **ask(pTHX_ const struct values *values, enum question question, SV **argument,
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
    I32 count = call_sv(values->ask[question], G_ARRAY);
    SPAGAIN;
    SP -= count;
    SV **first = SP + 1;
    PUTBACK;
    *answers = (unsigned)count;
    return first;
}

static void answered(pTHX)
{
    FREETMPS;
    LEAVE;
}

static SV *text_of(pTHX_ const char *text, size_t size)
{
    return sv_2mortal(newSVpvn(text, size));
}

static bool ask_whether(pTHX_ const struct values *values, enum question question,
                        const struct entry *entry)
{
    unsigned answers;
    SV *argument = text_of(aTHX_ entry->key, entry->size);
    SV **answer = ask(aTHX_ values, question, &argument, 1, &answers);
    bool yes = answers > 0 && SvTRUE(answer[0]);
    answered(aTHX);
    return yes;
}

void values_tell(pTHX_ struct values *values, enum question question, SV *argument)
{
    unsigned answers;
    ask(aTHX_ values, question, &argument, 1, &answers);
    answered(aTHX);
}

/* ---- tables ---- */

static void *get(struct table *table, const char *key, size_t size)
{
    void *entry = table_get(table, key, size);
    if (!entry)
        croak("out of memory");
    return entry;
}

static struct name *name_in(pTHX_ const char *text, size_t size, struct table *table)
{
    struct name *name = get(table, text, size);
    if (!name->item.key)
        name->item = item_new(aTHX_ text, size);
    return name;
}

struct name *values_name(pTHX_ struct values *values, enum kind_of_name kind, const char *text,
                         size_t size)
{
    return name_in(aTHX_ text, size, &values->names[kind]);
}

static struct name *name_of(pTHX_ struct values *values, enum kind_of_name kind, SV *sv)
{
    STRLEN size;
    const char *text = SvPV_const(sv, size);
    return values_name(aTHX_ values, kind, text, size);
}

static struct item item_of(pTHX_ SV *sv)
{
    STRLEN size;
    const char *text = SvPV_const(sv, size);
    return item_new(aTHX_ text, size);
}

char *values_scratch(pTHX_ struct values *values, size_t size)
{
    if (size > values->scratch_size) {
        char *larger = realloc(values->scratch, size * 2);
        if (!larger)
            croak("out of memory");
        values->scratch = larger;
        values->scratch_size = size * 2;
    }
    return values->scratch;
}

/* ---- hosts asked for ---- */

struct vhost *values_vhost(pTHX_ struct values *values, const struct field *field)
{
    struct vhost *vhost = get(&values->vhosts, field->text, field->size);
    if (!vhost->asked) {
        vhost->counted = ask_whether(aTHX_ values, ASK_VHOST, &vhost->value.entry);
        vhost->asked = true;
    }
    return vhost;
}

/* ---- URLs ---- */

/* A copy of a scalar, which is one that there is already if they are equal. */
static SV *shared(pTHX_ SV *there, SV *sv)
{
    return sv_eq(there, sv) ? SvREFCNT_inc(there) : newSVsv(sv);
}

static void ask_url(pTHX_ struct values *values, struct url *url, const struct field *stem,
                    const struct field *query)
{
    unsigned answers;
    SV *argument[] = {text_of(aTHX_ stem->text, stem->size),
                      text_of(aTHX_ query->text, query->size)};
    SV **answer = ask(aTHX_ values, ASK_URL, argument, 2, &answers);
    url->odd = answers == 0;
    if (!url->odd) {
        url->is = (unsigned)SvUV(answer[0]);
        url->item = item_of(aTHX_ answer[1]);
        url->path = shared(aTHX_ url->item.key, answer[2]);
        url->error_key = shared(aTHX_ url->item.key, answer[3]);
        url->file_type = name_of(aTHX_ values, NAME_FILE_TYPE, answer[4]);
        url->worm = SvOK(answer[5]) ? name_of(aTHX_ values, NAME_WORM, answer[5]) : NULL;
    }
    answered(aTHX);
    url->asked = true;
}

struct url *values_url(pTHX_ struct values *values, const struct field *stem,
                       const struct field *query)
{
    const char *key = stem->text;
    size_t size = stem->size;
    if (values->url_with_query) {
        char *both = values_scratch(aTHX_ values, stem->size + 1 + query->size);
        memcpy(both, stem->text, stem->size);
        both[stem->size] = '\t';
        memcpy(both + stem->size + 1, query->text, query->size);
        key = both;
        size = stem->size + 1 + query->size;
    }
    struct url *url = get(&values->urls, key, size);
    if (!url->asked)
        ask_url(aTHX_ values, url, stem, query);
    return url;
}

/* ---- hosts ---- */

struct host *values_host(pTHX_ struct values *values, const struct field *field)
{
    return get(&values->hosts, field->text, field->size);
}

unsigned values_host_lists(pTHX_ struct values *values, struct host *host)
{
    if (!host->lists_asked && values->ask[ASK_HOST_LISTS]) {
        unsigned answers;
        SV *argument = text_of(aTHX_ host->value.entry.key, host->value.entry.size);
        SV **answer = ask(aTHX_ values, ASK_HOST_LISTS, &argument, 1, &answers);
        host->lists = answers ? (unsigned)SvUV(answer[0]) : 0;
        answered(aTHX);
    }
    host->lists_asked = true;
    return host->lists;
}

static bool is_ipv4(const char *text, size_t size)
{
    unsigned parts = 1, digits = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] >= '0' && text[i] <= '9') {
            if (++digits > 3)
                return false;
        } else if (text[i] == '.' && digits > 0) {
            parts++;
            digits = 0;
        } else {
            return false;
        }
    }
    return parts == 4 && digits > 0;
}

/* With one colon it could be a host and a port, and with dots one that AWStats rewrites. */
static bool is_ipv6(const char *text, size_t size)
{
    unsigned colons = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == ':')
            colons++;
        else if (!isXDIGIT_A(text[i]))
            return false;
    }
    return colons >= 2;
}

bool values_host_domain(pTHX_ struct values *values, struct host *host)
{
    if (host->asked)
        return !host->odd;
    host->asked = true;
    const struct entry *entry = &host->value.entry;
    if (!is_ipv4(entry->key, entry->size) && !is_ipv6(entry->key, entry->size)) {
        host->odd = true;
        return false;
    }
    if (values->ask[ASK_COUNTRY]) {
        unsigned answers;
        SV *argument = text_of(aTHX_ entry->key, entry->size);
        SV **answer = ask(aTHX_ values, ASK_COUNTRY, &argument, 1, &answers);
        host->odd = answers == 0;
        if (!host->odd)
            host->domain = name_of(aTHX_ values, NAME_DOMAIN, answer[0]);
        answered(aTHX);
        if (host->odd)
            return false;
    } else {
        host->domain = values_name(aTHX_ values, NAME_DOMAIN, "ip", 2);
    }
    host->hits = item_new(aTHX_ entry->key, entry->size);
    host->visit.key = SvREFCNT_inc(host->hits.key);
    host->waiting.key = SvREFCNT_inc(host->hits.key);
    return true;
}

/* ---- user agents ---- */

/* What AWStats remembers of a key; NULL when it has nothing true. */
static SV *remembered(pTHX_ HV *memory, SV *key)
{
    HE *found = hv_fetch_ent(memory, key, 0, 0);
    return found && SvTRUE(HeVAL(found)) ? HeVAL(found) : NULL;
}

static bool is_character(pTHX_ SV *sv, char c)
{
    STRLEN size;
    const char *text = SvPV_const(sv, size);
    return size == 1 && *text == c;
}

/* AWStats takes "-" for no user agent, and with DecodeUA "%20" for "_". */
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

struct agent *values_agent(pTHX_ struct values *values, const struct field *field)
{
    struct agent *agent = get(&values->agents, field->text, field->size);
    if (!agent->asked) {
        const struct entry *entry = &agent->value.entry;
        agent->text = agent_text(aTHX_ values, entry);
        agent->dropped =
            values->ask[ASK_AGENT_LISTS] && ask_whether(aTHX_ values, ASK_AGENT_LISTS, entry);
        agent->asked = true;
    }
    return agent;
}

bool values_agent_robot(pTHX_ struct values *values, struct agent *agent)
{
    if (agent->robot_known)
        return true;
    if (!SvTRUE(agent->text)) { /* none, and "0", which to Perl is not true either */
        agent->robot = values_name(aTHX_ values, NAME_ROBOT, "no_user_agent", 13);
    } else {
        SV *robot = remembered(aTHX_ values->robot_of, agent->text);
        if (!robot)
            return false;
        if (!is_character(aTHX_ robot, '-'))
            agent->robot = name_of(aTHX_ values, NAME_ROBOT, robot);
    }
    return agent->robot_known = true;
}

static bool is_unknown(const struct name *name)
{
    return name && name->entry.size == 7 && memcmp(name->entry.key, "Unknown", 7) == 0;
}

bool values_agent_viewer(pTHX_ struct values *values, struct agent *agent)
{
    if (agent->viewer_known)
        return true;
    SV *browser = NULL, *os = NULL;
    if (values->browsers && !(browser = remembered(aTHX_ values->browser_of, agent->text)))
        return false;
    if (values->oses && !(os = remembered(aTHX_ values->os_of, agent->text)))
        return false;
    agent->browser = browser ? name_of(aTHX_ values, NAME_BROWSER, browser) : NULL;
    agent->os = os ? name_of(aTHX_ values, NAME_OS, os) : NULL;
    agent->unknown_browser = is_unknown(agent->browser);
    agent->unknown_os = is_unknown(agent->os);
    if (agent->unknown_browser || agent->unknown_os) {
        STRLEN size = SvCUR(agent->text);
        char *text = values_scratch(aTHX_ values, size + 1);
        for (STRLEN i = 0; i < size; i++) {
            char c = SvPVX_const(agent->text)[i];
            text[i] = c == '+' || c == ' ' ? '_' : c;
        }
        agent->unknown = item_new(aTHX_ text, size);
    }
    return agent->viewer_known = true;
}

/* ---- referers ---- */

/* Takes "PROTOCOL://HOST:PORT" from the start of a referer.  False when there is none. */
static bool link_server(const char *text, size_t size, size_t *protocol, size_t *host, size_t *port)
{
    size_t i = 0;
    while (i < size && isWORDCHAR_A(text[i]))
        i++;
    *protocol = i;
    if (i == 0 || size - i < 4 || memcmp(text + i, "://", 3) != 0)
        return false;
    size_t start = i += 3;
    while (i < size && text[i] != '/' && text[i] != ':')
        i++;
    *host = i - start;
    size_t colon = i;
    if (i < size && text[i] == ':') {
        for (i++; i < size && text[i] >= '0' && text[i] <= '9';)
            i++;
    }
    *port = i - colon > 1 ? i - colon : 0;
    return *host > 0;
}

static void take_link(pTHX_ struct values *values, struct referer *referer)
{
    const char *text = referer->value.entry.key;
    size_t size = referer->value.entry.size;
    size_t protocol, host, port;
    if (!link_server(text, size, &protocol, &host, &port))
        return;
    if (protocol < 4 || !foldEQ(text, "http", 4)) {
        referer->kind = REFERER_OTHER;
        return;
    }
    const char *server = text + protocol + 3;
    if (host == 1 && *server == '0')
        return; /* which to Perl is as good as none */
    if (port == 3 && memcmp(server + host, ":80", 3) == 0)
        port = 0;
    referer->kind = REFERER_LINK;
    referer->server = get(&values->servers, server, host + port);
    referer->has_query = memchr(text, '?', size) != NULL;
    size_t page = 0;
    while (page < size && !values->separator[(unsigned char)text[page]])
        page++;
    referer->page = item_new(aTHX_ text, values->referer_with_query || page == 0 ? size : page);
}

struct referer *values_referer(pTHX_ struct values *values, const struct field *field)
{
    struct referer *referer = get(&values->referers, field->text, field->size);
    if (referer->asked)
        return referer;
    if (field_is(field, "-") || field_is(field, "bookmarks"))
        referer->kind = REFERER_DIRECT;
    else
        take_link(aTHX_ values, referer);
    referer->dropped = values->ask[ASK_REFERER_LISTS] &&
                       ask_whether(aTHX_ values, ASK_REFERER_LISTS, &referer->value.entry);
    referer->asked = true;
    return referer;
}

bool values_server(pTHX_ struct values *values, struct server *server)
{
    if (server->known)
        return true;
    SV *key = text_of(aTHX_ server->entry.key, server->entry.size);
    SV *kind = remembered(aTHX_ values->server_of, key);
    if (kind) {
        server->own = is_character(aTHX_ kind, '=');
        if (!server->own) {
            server->engine = name_of(aTHX_ values, NAME_ENGINE, kind);
            server->phrase_in_path = remembered(aTHX_ values->engines_without_query, kind) != NULL;
        }
    } else if (server->left_to_awstats != values->counters->generation) {
        /* AWStats does not remember what is neither its own nor a search engine; and it forgets all
         * when it empties its hashes. */
        return false;
    }
    return server->known = true;
}

struct item *values_phrase(pTHX_ struct values *values, struct referer *referer)
{
    const struct server *server = referer->server;
    bool may_have = referer->has_query || server->phrase_in_path;
    if (!referer->phrase_asked && may_have && values->ask[ASK_PHRASE]) {
        const struct entry *engine = &server->engine->entry, *entry = &referer->value.entry;
        unsigned answers;
        SV *argument[] = {text_of(aTHX_ entry->key, entry->size),
                          text_of(aTHX_ engine->key, engine->size)};
        SV **answer = ask(aTHX_ values, ASK_PHRASE, argument, 2, &answers);
        if (answers > 0)
            referer->phrase = item_of(aTHX_ answer[0]);
        answered(aTHX);
    }
    referer->phrase_asked = true;
    return referer->phrase.key ? &referer->phrase : NULL;
}

/* ---- status ---- */

struct status *values_status(pTHX_ struct values *values, const struct record *record)
{
    struct status *status = &values->status[record->status];
    if (status->asked)
        return status;
    const struct field *field = &record->field[COLUMN_STATUS];
    unsigned answers;
    SV *argument = text_of(aTHX_ field->text, field->size);
    SV **answer = ask(aTHX_ values, ASK_STATUS, &argument, 1, &answers);
    status->odd = answers == 0;
    if (!status->odd) {
        status->valid = SvTRUE(answer[0]);
        status->trapped = SvOK(answer[1]) ? newSVsv(answer[1]) : NULL;
        status->in_section = savepv(SvPV_nolen_const(answer[2]));
    }
    answered(aTHX);
    status->item = item_new(aTHX_ field->text, field->size);
    status->asked = true;
    return status;
}

/* ---- time ---- */

enum { YEAR, MONTH, DAY, HOUR, MINUTE, DATE_PARTS };

static unsigned number(const char *digits, unsigned count)
{
    unsigned value = 0;
    while (count-- > 0)
        value = value * 10 + (unsigned)(*digits++ - '0');
    return value;
}

/* Lets AWStats change a time.  False when what comes back is no time. */
static bool change_time(pTHX_ const struct values *values, unsigned part[DATE_PARTS])
{
    SV *argument[DATE_PARTS];
    unsigned answers;
    for (unsigned i = 0; i < DATE_PARTS; i++)
        argument[i] = sv_2mortal(newSVuv(part[i]));
    SV **answer = ask(aTHX_ values, ASK_TIME, argument, DATE_PARTS, &answers);
    bool changed = answers == DATE_PARTS;
    for (unsigned i = 0; changed && i < DATE_PARTS; i++)
        part[i] = (unsigned)SvUV(answer[i]);
    answered(aTHX);
    return changed && date_exists(part[YEAR], part[MONTH], part[DAY]) && part[HOUR] < HOURS &&
           part[MINUTE] < 60;
}

struct moment *values_moment(pTHX_ struct values *values, const struct record *record)
{
    const char *text = record->field[COLUMN_DATE].text; /* YYYY-MM-DD TAB hh:mm:ss */
    bool changes = values->ask[ASK_TIME] != NULL;
    struct moment *moment = get(&values->moments, text, changes ? 16 : 13);
    if (moment->asked)
        return moment;
    unsigned part[DATE_PARTS] = {number(text, 4), number(text + 5, 2), number(text + 8, 2),
                                 number(text + 11, 2), changes ? number(text + 14, 2) : 0};
    moment->odd = changes && !change_time(aTHX_ values, part);
    if (!moment->odd) {
        UV day = ((UV)part[YEAR] * 100 + part[MONTH]) * 100 + part[DAY];
        moment->time = ((day * 100 + part[HOUR]) * 100 + part[MINUTE]) * 100;
        moment->break_time = moment->time / values->break_divisor;
        moment->hour = part[HOUR];
        char key[24];
        int size = snprintf(key, sizeof key, "%" UVuf, day);
        moment->day = item_new(aTHX_ key, (size_t)size);
    }
    moment->asked = true;
    return moment;
}

/* The seconds since 1970 of a time.  False when it is none, or one of an odd hour. */
static bool epoch(pTHX_ struct values *values, UV time, IV *seconds)
{
    unsigned minute = (unsigned)(time / 100 % 100), second = (unsigned)(time % 100);
    char key[24];
    int size = snprintf(key, sizeof key, "%" UVuf, time / 10000);
    if (size != 10 || minute > 59 || second > 59)
        return false;
    struct hour *hour = get(&values->hours, key, (size_t)size);
    if (!hour->asked) {
        const unsigned part[] = {number(key, 4), number(key + 4, 2), number(key + 6, 2),
                                 number(key + 8, 2)};
        SV *argument[4];
        unsigned answers = 0;
        hour->odd = !date_exists(part[0], part[1], part[2]) || part[3] >= HOURS;
        if (!hour->odd) {
            for (unsigned i = 0; i < 4; i++)
                argument[i] = sv_2mortal(newSVuv(part[i]));
            SV **answer = ask(aTHX_ values, ASK_HOUR, argument, 4, &answers);
            hour->odd = answers == 0;
            hour->start = answers ? SvIV(answer[0]) : 0;
            answered(aTHX);
        }
        hour->asked = true;
    }
    *seconds = hour->start + (IV)minute * 60 + (IV)second;
    return !hour->odd;
}

struct name *values_session(pTHX_ struct values *values, SV *start, SV *end)
{
    static const IV up_to[] = {30, 120, 300, 900, 1800, 3600};
    UV first, last;
    IV from, to;
    bool are_times = counter_time(aTHX_ start, &first) && counter_time(aTHX_ end, &last);
    if (are_times && first == last)
        return name_of(aTHX_ values, NAME_SESSION, values->session_range[0]);
    if (are_times && epoch(aTHX_ values, first, &from) && epoch(aTHX_ values, last, &to)) {
        unsigned range = 0;
        while (range < 6 && to - from > up_to[range])
            range++;
        return name_of(aTHX_ values, NAME_SESSION, values->session_range[range]);
    }
    SV *argument[] = {start, end};
    unsigned answers;
    SV **answer = ask(aTHX_ values, ASK_SESSION, argument, 2, &answers);
    struct name *name =
        name_of(aTHX_ values, NAME_SESSION, answers ? answer[0] : values->session_range[0]);
    answered(aTHX);
    return name;
}

struct name *values_size(pTHX_ struct values *values, UV bytes)
{
    static const UV up_to[] = {44, 100, 500, 1024, 2048, 5120};
    unsigned range = 0;
    while (range < 6 && bytes > up_to[range])
        range++;
    return name_of(aTHX_ values, NAME_SIZE, values->size_range[range]);
}

/* ---- patterns of extra sections ---- */

struct value *values_plain(pTHX_ struct values *values, enum source source, const char *text,
                           size_t size)
{
    return get(&values->plain[source], text, size);
}

void *values_match(pTHX_ struct values *values, unsigned pattern, struct value *value,
                   const char *text, size_t size)
{
    const struct pattern *asked = &values->pattern[pattern];
    if (!value->found) {
        value->found = calloc(values->patterns_of[asked->source], sizeof *value->found);
        if (!value->found)
            croak("out of memory");
    }
    void **found = &value->found[asked->index];
    if (!*found) {
        SV *argument[] = {sv_2mortal(newSVuv(pattern)), text_of(aTHX_ text, size)};
        unsigned answers;
        SV **answer = ask(aTHX_ values, ASK_PATTERN, argument, 2, &answers);
        void *match = &no_match;
        if (answers > 0) {
            match = value;
            if (asked->rows) {
                STRLEN length;
                const char *row = SvPV_const(answer[0], length);
                match = name_in(aTHX_ row, length, asked->rows);
            }
        }
        answered(aTHX);
        *found = match;
    }
    return *found == &no_match ? NULL : *found;
}

/* ---- beginning and end ---- */

static void take_questions(pTHX_ struct values *values, HV *setting)
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

static void take_separators(pTHX_ struct values *values, HV *setting)
{
    SV *sv = setting_of(aTHX_ setting, "separators");
    STRLEN size = 0;
    const char *text = sv ? SvPV_const(sv, size) : "";
    for (STRLEN i = 0; i < size; i++)
        values->separator[(unsigned char)text[i]] = true;
}

static void take_ranges(pTHX_ SV *range[7], const char *name)
{
    AV *names = get_av(name, GV_ADD);
    for (unsigned i = 0; i < 7; i++) {
        SV **sv = av_fetch(names, (SSize_t)i, 0);
        range[i] = sv ? newSVsv(*sv) : newSVpvs("");
    }
}

void values_init(pTHX_ struct values *values, struct counters *counters, HV *setting)
{
    SV *seed_sv = setting_of(aTHX_ setting, "seed");
    UV seed = seed_sv ? SvUV(seed_sv) : 0;
    values->counters = counters;
    take_questions(aTHX_ values, setting);
    take_separators(aTHX_ values, setting);
    values->url_with_query = setting_flag(aTHX_ setting, "url_with_query");
    values->referer_with_query = setting_flag(aTHX_ setting, "referer_with_query");
    values->decode_agents = setting_flag(aTHX_ setting, "decode_agents");
    values->browsers = setting_flag(aTHX_ setting, "browsers");
    values->oses = setting_flag(aTHX_ setting, "oses");
    SV *divisor = setting_of(aTHX_ setting, "break_divisor");
    values->break_divisor = divisor && SvUV(divisor) ? SvUV(divisor) : 1;
    take_ranges(aTHX_ values->session_range, "main::SessionsRange");
    take_ranges(aTHX_ values->size_range, "main::PayloadRange");
    values->robot_of = get_hv("main::TmpRobot", GV_ADD);
    values->browser_of = get_hv("main::TmpBrowser", GV_ADD);
    values->os_of = get_hv("main::TmpOS", GV_ADD);
    values->server_of = get_hv("main::TmpRefererServer", GV_ADD);
    values->engines_without_query = get_hv("main::SearchEnginesWithKeysNotInQuery", GV_ADD);

    table_init(&values->vhosts, sizeof(struct vhost), seed);
    table_init(&values->urls, sizeof(struct url), seed);
    table_init(&values->hosts, sizeof(struct host), seed);
    table_init(&values->agents, sizeof(struct agent), seed);
    table_init(&values->referers, sizeof(struct referer), seed);
    table_init(&values->servers, sizeof(struct server), seed);
    table_init(&values->moments, sizeof(struct moment), seed);
    table_init(&values->hours, sizeof(struct hour), seed);
    for (unsigned i = 0; i < NAMES; i++)
        table_init(&values->names[i], sizeof(struct name), seed);
    for (unsigned i = 0; i < SOURCES; i++)
        table_init(&values->plain[i], sizeof(struct value), seed);
}

static void release_vhost(void *entry, void *context)
{
    PERL_UNUSED_VAR(context);
    free(((struct vhost *)entry)->value.found);
}

static void release_plain(void *entry, void *context)
{
    PERL_UNUSED_VAR(context);
    free(((struct value *)entry)->found);
}

static void release_url(void *entry, void *context)
{
    struct url *url = entry;
    dTHXa(context);
    SvREFCNT_dec(url->path);
    SvREFCNT_dec(url->error_key);
    item_free(aTHX_ url->item);
    free(url->value.found);
}

static void release_host(void *entry, void *context)
{
    struct host *host = entry;
    dTHXa(context);
    item_free(aTHX_ host->hits);
    item_free(aTHX_ host->visit);
    item_free(aTHX_ host->waiting);
    free(host->value.found);
}

static void release_agent(void *entry, void *context)
{
    struct agent *agent = entry;
    dTHXa(context);
    SvREFCNT_dec(agent->text);
    item_free(aTHX_ agent->unknown);
    free(agent->value.found);
}

static void release_referer(void *entry, void *context)
{
    struct referer *referer = entry;
    dTHXa(context);
    item_free(aTHX_ referer->page);
    item_free(aTHX_ referer->phrase);
    free(referer->value.found);
}

static void release_moment(void *entry, void *context)
{
    dTHXa(context);
    item_free(aTHX_((struct moment *)entry)->day);
}

static void values_release_name(void *entry, void *context)
{
    dTHXa(context);
    item_free(aTHX_((struct name *)entry)->item);
}

void values_clear(pTHX_ struct values *values)
{
#ifdef PERL_IMPLICIT_CONTEXT
    void *context = aTHX;
#else
    void *context = NULL;
#endif
    table_clear(&values->vhosts, release_vhost, context);
    table_clear(&values->urls, release_url, context);
    table_clear(&values->hosts, release_host, context);
    table_clear(&values->agents, release_agent, context);
    table_clear(&values->referers, release_referer, context);
    table_clear(&values->servers, NULL, NULL);
    table_clear(&values->moments, release_moment, context);
    table_clear(&values->hours, NULL, NULL);
    for (unsigned i = 0; i < NAMES; i++)
        table_clear(&values->names[i], values_release_name, context);
    for (unsigned i = 0; i < SOURCES; i++)
        table_clear(&values->plain[i], release_plain, context);
    for (unsigned i = 0; i < values->patterns; i++) {
        if (values->pattern[i].rows)
            table_clear(values->pattern[i].rows, values_release_name, context);
    }
}

void values_free(pTHX_ struct values *values)
{
    values_clear(aTHX_ values);
    for (unsigned i = 0; i < 1000; i++) {
        struct status *status = &values->status[i];
        item_free(aTHX_ status->item);
        SvREFCNT_dec(status->trapped);
        Safefree(status->in_section);
    }
    for (unsigned i = 0; i < QUESTIONS; i++)
        SvREFCNT_dec(values->ask[i]);
    for (unsigned i = 0; i < 7; i++) {
        SvREFCNT_dec(values->session_range[i]);
        SvREFCNT_dec(values->size_range[i]);
    }
    free(values->scratch);
}

/* An entry's scalars take some of the heap beside it, and of its key there are copies. */
static size_t memory_of(const struct table *table)
{
    return table->slots * sizeof *table->slot + table->entries * (table->entry_size + 256) +
           table->key_bytes * 3;
}

size_t values_memory(const struct values *values)
{
    size_t memory = memory_of(&values->vhosts) + memory_of(&values->urls) +
                    memory_of(&values->hosts) + memory_of(&values->agents) +
                    memory_of(&values->referers) + memory_of(&values->servers) +
                    memory_of(&values->moments) + memory_of(&values->hours);
    for (unsigned i = 0; i < NAMES; i++)
        memory += memory_of(&values->names[i]);
    for (unsigned i = 0; i < SOURCES; i++)
        memory += memory_of(&values->plain[i]);
    return memory;
}
