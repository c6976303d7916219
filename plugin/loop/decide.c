/* Decides whether a record counts, and whether the loop or awstats.pl counts it.  Each function names the place
 * of awstats.pl's update loop that it mirrors, by the comment there. */
#include <string.h>

#include "loop/internal.h"

static bool is_any(const struct field *field, const char *const *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (record_field_is(field, text[i]))
            return true;
    }
    return false;
}

/* "Drop wrong method/protocol".  AWStats does not know PATCH; here it counts as POST does, and
 * awstats.pl gets it as POST (see dispatcher.c). */
bool decide_method_counts(bool is_web, const struct field *method)
{
    static const char *const web[] = {
        "GET",       "POST",       "HEAD", "OPTIONS", "PUT",    "DELETE",      "PATCH",
        "PROPFIND",  "CHECKOUT",   "LOCK", "MERGE",   "REPORT", "MKCOL",       "COPY",
        "PROPPATCH", "MKACTIVITY", "OK",   "ERR!",    "PRIV",   "RPC_IN_DATA", "RPC_OUT_DATA",
    };
    static const char *const streaming[] = {"GET", "MMS", "RTSP", "HTTP", "RTP"};
    return is_web ? is_any(method, web, sizeof web / sizeof web[0])
                  : is_any(method, streaming, sizeof streaming / sizeof streaming[0]);
}

/* Whether a list such as SkipHosts drops a record: "Skip for some client host IP addresses, some URLs, other
 * URLs".  AWStats uses the last column of a record as the host's name and as the user's name, since the format
 * has neither. */
static bool lists_drop(const struct rules *rules, const struct decision *d)
{
    if (d->url->is & URL_DROPPED)
        return true;
    if (rules->host_lists) {
        const unsigned host = d->host->lists, last = d->user->lists;
        if (((host | last) & HOST_SKIPPED) ||
            ((rules->host_lists & HOST_ONLY) && !((host | last) & HOST_ONLY)) ||
            ((rules->host_lists & HOST_USER) && !(last & HOST_USER)))
            return true;
    }
    return (rules->agent_lists && d->agent->dropped) ||
           (rules->referer_lists && d->referer->dropped);
}

/* "Analyze: successful favicon", "Analyze: Worms" and "Analyze: Status code" */
static void decide_outcome(struct decision *d)
{
    unsigned is = d->url->is;
    d->bytes = d->record->bytes;
    d->partial = false;
    if (is & URL_FAVICON) {
        d->outcome = FAVICON;
    } else if (d->url->worm) {
        d->outcome = WORM;
    } else if (d->status->valid) {
        d->outcome = VIEWED;
        if (d->record->status == 304)
            d->bytes = 0;
    } else if (d->record->status == 206 && (is & URL_DOWNLOAD)) {
        d->outcome = PARTIAL;
        d->partial = true;
    } else {
        d->outcome = ERROR;
    }
}

/* Whether a record is viewed traffic, by the decisions so far. */
static bool viewed(const struct decision *d)
{
    return d->outcome == VIEWED || d->outcome == PARTIAL;
}

/* "Analyze: Robot from robot database" to "Analyze: Browser - OS" */
static enum loop_reason decide_agent(pTHX_ struct lane *lane, struct decision *d)
{
    if (lane->rules->robots) {
        if (!values_agent_robot(aTHX_ lane->values, d->agent))
            return DELEGATE_NEW_AGENT;
        if (d->agent->robot)
            d->outcome = ROBOT;
    }
    if (d->outcome == VIEWED && (d->url->is & URL_ROBOTS_TXT))
        d->outcome = ROBOTS_TXT;
    if (d->outcome == ROBOT)
        d->robot = d->agent->robot;
    if (viewed(d) && !values_agent_viewer(aTHX_ lane->values, d->agent))
        return DELEGATE_NEW_AGENT;
    return LOOP_NATIVE;
}

/* "Analyze: Referer" */
static enum loop_reason decide_origin(pTHX_ struct lane *lane, struct decision *d)
{
    struct referer *referer = d->referer;
    d->origin = ORIGIN_UNKNOWN;
    if (!lane->rules->referers)
        return LOOP_NATIVE;
    if (referer->kind == REFERER_UNSUPPORTED)
        return DELEGATE_REFERER;
    if (referer->kind == REFERER_DIRECT)
        d->origin = ORIGIN_DIRECT;
    if (referer->kind != REFERER_LINK)
        return LOOP_NATIVE;
    struct server *server = referer->server;
    if (!values_server(aTHX_ lane->values, server)) {
        if (values_are_alone(lane->values))
            return LOOP_ASKS;
        values_server_delegated(lane->values, server);
        return DELEGATE_NEW_SERVER;
    }
    d->origin = server->own ? ORIGIN_OWN : server->engine ? ORIGIN_ENGINE : ORIGIN_LINK;
    const bool has_phrase = d->origin == ORIGIN_ENGINE && (d->url->is & URL_PAGE);
    return has_phrase && !values_phrase(aTHX_ lane->values, referer) ? LOOP_ASKS : LOOP_NATIVE;
}

/* Classifies the fields.  Returns the reason if one of them is unsupported. */
static enum loop_reason decide_values(pTHX_ struct lane *lane, struct decision *d)
{
    struct values *values = lane->values;
    const struct record *record = d->record;
    const struct field query = record_field(record, COLUMN_QUERY);
    static const char visitor[] = "[CloudFlare_Visitor_IP";
    if (query.size > sizeof visitor && memmem(query.text, query.size, visitor, sizeof visitor - 1))
        return DELEGATE_QUERY; /* "Check if there's a CloudFlare Visitor IP in the query string" */
    d->url = values_url(aTHX_ values, record);
    if (!d->url)
        return LOOP_ASKS;
    if (d->url->unsupported)
        return DELEGATE_URL;
    if (lane->rules->queries_matter && (d->url->is & URL_OWN_QUERY))
        return DELEGATE_QUERY;
    d->status = values_status(aTHX_ values, record);
    if (!d->status)
        return LOOP_ASKS;
    if (d->status->unsupported)
        return DELEGATE_STATUS;
    d->host = values_host(values, record);
    if (!values_host_domain(aTHX_ values, d->host))
        return DELEGATE_HOST;
    d->agent = values_agent(aTHX_ values, record);
    d->referer = values_referer(aTHX_ values, record);
    if (!d->agent || !d->referer)
        return LOOP_ASKS;
    if (!lane->rules->host_lists)
        return LOOP_NATIVE;
    d->user = values_host_called(values, record_field(record, COLUMN_COUNT - 1));
    return values_host_lists(aTHX_ values, d->host) && values_host_lists(aTHX_ values, d->user)
               ? LOOP_NATIVE
               : LOOP_ASKS;
}

/* Finds the names that the record counts under whatever its values are. */
static enum loop_reason decide_names(pTHX_ struct lane *lane, struct decision *d)
{
    static const char favourites[] = "AddToFavourites", robot[] = "unknown";
    struct values *values = lane->values;
    d->edge = values_edge(aTHX_ values, d->record);
    if (!d->edge)
        return LOOP_ASKS;
    if (lane->rules->sizes && !(d->size = values_size(aTHX_ values, d->bytes)))
        return LOOP_ASKS;
    if (d->outcome == FAVICON &&
        !(d->favourites = values_name(aTHX_ values, NAME_MISC, favourites, sizeof favourites - 1)))
        return LOOP_ASKS;
    if (d->outcome == ROBOTS_TXT &&
        !(d->robot = values_name(aTHX_ values, NAME_ROBOT, robot, sizeof robot - 1)))
        return LOOP_ASKS;
    return LOOP_NATIVE;
}

/* "Record is approved" and "Is it in a new break section ?" */
static enum loop_reason decide_approved(pTHX_ struct lane *lane, struct decision *d)
{
    enum loop_reason reason = LOOP_NATIVE;
    if (d->moment->period > lane->now->period)
        return DELEGATE_PERIOD;
    if (lane->now->save_is_due)
        return DELEGATE_SAVE;
    if (d->record->bytes > LOOP_SIZE_MAX)
        return DELEGATE_SIZE;
    decide_outcome(d);
    if (viewed(d))
        reason = decide_agent(aTHX_ lane, d);
    if (!reason && viewed(d))
        reason = visits_decide(aTHX_ lane, d);
    if (!reason)
        reason = extra_sections_decide(aTHX_ lane, d);
    if (!reason)
        reason = decide_names(aTHX_ lane, d);
    if (!reason && viewed(d))
        reason = decide_origin(aTHX_ lane, d); /* last: sets server->delegated */
    return reason;
}

void decide_learn(pTHX_ struct lane *lane, const struct record *record)
{
    struct values *values = lane->values;
    struct decision d = {.record = record};
    d.vhost = values_vhost(aTHX_ values, record);
    d.moment = values_moment(aTHX_ values, record);
    if (!d.vhost->counted || d.moment->unsupported || decide_values(aTHX_ lane, &d) != LOOP_NATIVE)
        return;
    (void)values_edge(aTHX_ values, record);
    (void)values_agent_robot(aTHX_ values, d.agent);
    (void)values_agent_viewer(aTHX_ values, d.agent);
    if (d.referer->kind == REFERER_LINK)
        (void)values_server(aTHX_ values, d.referer->server);
    (void)extra_sections_decide(aTHX_ lane, &d);
}

/* "Drop wrong virtual host name" to "Record is approved", then the parts above */
enum loop_reason decide_record(pTHX_ struct lane *lane, struct decision *d)
{
    struct values *values = lane->values;
    const struct field method = record_field(d->record, COLUMN_METHOD);
    d->action = DROP;
    d->left_out = FIGURE_HOST;
    d->vhost = values_vhost(aTHX_ values, d->record);
    if (!d->vhost)
        return LOOP_ASKS;
    if (!d->vhost->counted)
        return LOOP_NATIVE;
    if (!decide_method_counts(lane->rules->web, &method))
        return DELEGATE_METHOD;
    d->moment = values_moment(aTHX_ values, d->record);
    if (!d->moment)
        return LOOP_ASKS;
    if (d->moment->unsupported)
        return DELEGATE_TIME;
    d->time = d->moment->time + d->record->time.second +
              (lane->rules->changes_time ? 0 : (UV)d->record->time.minute * 100);
    if (d->time > lane->now->tomorrow)
        return DELEGATE_TIME;
    if (!lane->now->new_phase) {
        d->action = PASS_OLD;
        return d->time <= lane->last_line ? LOOP_NATIVE : DELEGATE_FIRST;
    }
    if ((NV)d->time < (NV)lane->last_line - lane->now->tolerance)
        return DELEGATE_TIME;
    enum loop_reason reason = decide_values(aTHX_ lane, d);
    if (reason)
        return reason;
    d->left_out = FIGURE_LISTS;
    if (lists_drop(lane->rules, d))
        return LOOP_NATIVE;
    d->action = COUNT;
    return decide_approved(aTHX_ lane, d);
}
