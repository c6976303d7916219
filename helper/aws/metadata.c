#include "aws/metadata.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "aws/key_document.h"
#include "aws/region.h"
#include "http/fetch_small.h"
#include "memory/allocate.h"
#include "text/document.h"

enum { TIMEOUT_MAX_S = 60, ATTEMPTS_MAX = 100, PAUSE_MS = 100 };
enum { TOKEN_TTL_S = 21600 }; /* the longest life of a token that the service allows: six hours */

#define ROLES "latest/meta-data/iam/security-credentials/"

/* The response to the request for a token may pass only as many hosts as the hop limit says, which is 1 by default. */
#define NO_TOKEN                                                                                   \
    "the request for one got no response; in a container, set the hop limit of the instance's "    \
    "metadata options to 2"

/* A series of requests to the service. */
struct metadata {
    const struct aws_session *session;
    struct buffer endpoint; /* "http://HOST/" */
    struct fetch_small_limits limits;
    char *token;          /* NULL: the service gives none (IMDSv1) */
    long token_status;    /* of the response to the request for a token; 0: no response */
    struct buffer *error; /* "the error" of the comments below */
};

/* Sets the endpoint.  Returns false after adding one line to the error. */
static bool find_endpoint(struct metadata *metadata)
{
    const struct aws_session *session = metadata->session;
    const char *given =
        session_get(session, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
    const char *mode = session_get(session, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                                   "ec2_metadata_service_endpoint_mode");
    if (mode && strcasecmp(mode, "IPv4") != 0 && strcasecmp(mode, "IPv6") != 0) {
        buffer_add_text(metadata->error, "ec2_metadata_service_endpoint_mode must be IPv4 or IPv6; "
                                         "correct it, or AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
        return false;
    }
    if (!mode && session_is_true(session, "AWS_IMDS_USE_IPV6", "imds_use_ipv6"))
        mode = "IPv6";
    if (!given)
        given = mode && !strcasecmp(mode, "IPv6") ? "http://[fd00:ec2::254]/"
                                                  : "http://169.254.169.254/";
    size_t size = strlen(given);
    if ((strncmp(given, "http://", 7) && strncmp(given, "https://", 8)) ||
        strpbrk(given, "?#@ \r\n\t")) {
        buffer_add_text(metadata->error,
                        "ec2_metadata_service_endpoint must begin with http:// or https:// and "
                        "name a host; correct it, or AWS_EC2_METADATA_SERVICE_ENDPOINT");
        return false;
    }
    buffer_printf(&metadata->endpoint, "%s%s", given, given[size - 1] == '/' ? "" : "/");
    return true;
}

static bool send(struct metadata *metadata, enum http_method method, const char *path,
                 struct fetch_small_response *response, struct buffer *error)
{
    struct http_message message = {.method = method};
    char seconds[16];
    buffer_printf(&message.url, "%s%s", metadata->endpoint.data, path);
    if (method == HTTP_PUT) {
        snprintf(seconds, sizeof seconds, "%d", TOKEN_TTL_S);
        http_add_header(&message, "x-aws-ec2-metadata-token-ttl-seconds", seconds);
        http_add_header(&message, "Content-Type", "");
        http_add_header(&message, "Expect", "");
    } else if (metadata->token) {
        http_add_header(&message, "x-aws-ec2-metadata-token", metadata->token);
    }
    return session_fetch(metadata->session, &message, &metadata->limits, response, error);
}

/* Returns whether the body is a line that may be part of a header or a URL. */
static bool is_word(const struct buffer *body)
{
    size_t size = strspn(body->data, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789_+=,.@-/:");
    return size && size == body->size;
}

/* Gets a token for the requests that follow.  Returns false after adding one line to the error. */
static bool get_token(struct metadata *metadata)
{
    struct fetch_small_response response = {.status = 0};
    struct buffer reason = {0};
    bool is_v1_allowed = !session_is_true(metadata->session, "AWS_EC2_METADATA_V1_DISABLED",
                                          "ec2_metadata_v1_disabled");
    bool has_response = send(metadata, HTTP_PUT, "latest/api/token", &response, &reason);
    /* As with the AWS command line tools, only status 400 and an unreachable service end the
     * search.  After anything else, the service may be IMDSv1. */
    bool is_unknown =
        has_response ? response.status != 200 && response.status != 400 : response.is_stalled;
    bool done = has_response && response.status == 200 && is_word(&response.body);
    metadata->token_status = has_response ? response.status : 0;
    if (done) {
        metadata->token = memory_copy_bytes(response.body.data, response.body.size);
    } else if (is_unknown && is_v1_allowed) {
        done = true;
    } else {
        buffer_printf(metadata->error, "the EC2 metadata service gives no session token: ");
        if (has_response)
            buffer_printf(metadata->error, "%s responded with HTTP status %ld",
                          metadata->endpoint.data, response.status);
        else if (response.is_stalled)
            buffer_add_text(metadata->error, NO_TOKEN);
        else
            buffer_add(metadata->error, reason.data, reason.size);
    }
    fetch_small_clear(&response);
    buffer_free(&reason);
    return done;
}

/* Adds to the error why a request had no token. */
static void explain_token(struct metadata *metadata)
{
    buffer_add_text(metadata->error, ": it wants a session token, and ");
    if (metadata->token_status)
        buffer_printf(metadata->error, "responded with HTTP status %ld to the request for one",
                      metadata->token_status);
    else
        buffer_add_text(metadata->error, NO_TOKEN);
}

/* Gets the document at PATH.  Returns false after adding one line to the error. */
static bool get(struct metadata *metadata, const char *path, struct fetch_small_response *response)
{
    struct buffer reason = {0};
    bool has_response = send(metadata, HTTP_GET, path, response, &reason);
    bool has = has_response && response->status == 200 && response->body.size;
    if (!has_response)
        buffer_printf(metadata->error, "the EC2 metadata service: %s", reason.data);
    else if (!has)
        buffer_printf(metadata->error,
                      "the EC2 metadata service responded with HTTP status %ld%s to %s",
                      response->status, response->status == 200 ? " with nothing" : "", path);
    if (has_response && response->status == 401 && !metadata->token)
        explain_token(metadata);
    buffer_free(&reason);
    return has;
}

/* Adds one line to the error: the response is not EXPECTED. */
static void add_unexpected(struct metadata *metadata, const char *expected)
{
    buffer_printf(metadata->error,
                  "the EC2 metadata service (%s) responded with text that is not %s; check that no "
                  "other program responds at this address",
                  metadata->endpoint.data, expected);
}

/* Adds the name of the instance's role to ROLE.  Returns false after adding one line to the
 * error. */
static bool get_role(struct metadata *metadata, struct buffer *role)
{
    struct fetch_small_response response = {.status = 0};
    bool found = get(metadata, ROLES, &response);
    if (!found && response.status == 404) {
        buffer_clear(metadata->error);
        buffer_add_text(metadata->error, "this EC2 instance has no role");
    }
    if (found) {
        struct buffer *body = &response.body;
        body->size = strcspn(body->data, "\r\n");
        body->data[body->size] = '\0';
        found = is_word(body) && !strchr(body->data, '/');
        if (found)
            buffer_add(role, body->data, body->size);
        else
            add_unexpected(metadata, "the name of a role");
    }
    fetch_small_clear(&response);
    return found;
}

static void explain_document(struct buffer *error, const struct document *document,
                             const char *role, const char *token)
{
    const struct secrets sent = {{token}};
    const char *code = document_text(document, NULL, "Code");
    const char *message = document_text(document, NULL, "Message");
    buffer_printf(error, "the EC2 metadata service has no keys of role %s", role);
    if (code && strcmp(code, "Success")) {
        key_document_add_words(error, code, &sent);
        key_document_add_words(error, message, &sent);
    }
    buffer_add_text(error, "; check that the trust policy of this role names ec2.amazonaws.com");
}

static bool get_keys(struct metadata *metadata, const char *role, struct credentials *keys)
{
    struct fetch_small_response response = {.status = 0};
    struct buffer path = {0}, reason = {0}, origin = {0};
    buffer_printf(&path, "%s%s", ROLES, role);
    bool found = get(metadata, path.data, &response);
    if (found) {
        struct document *document = document_parse(response.body.data, response.body.size);
        if (!document)
            add_unexpected(metadata, "a JSON document with keys");
        found = document && key_document_read(keys, document, "Token", &reason);
        if (document && !found)
            explain_document(metadata->error, document, role, metadata->token);
        document_free(document);
    }
    if (found) {
        buffer_printf(&origin, "role %s of this EC2 instance", role);
        keys->origin = origin.data;
        keys->is_of_instance = true;
    }
    fetch_small_clear(&response);
    buffer_free(&path);
    buffer_free(&reason);
    return found;
}

/* Finds the service and gets a token.  Returns false after adding one line to the error. */
static bool begin(struct metadata *metadata)
{
    const struct aws_session *session = metadata->session;
    unsigned seconds = 1, tries = 1;
    if (session_is_true(session, "AWS_EC2_METADATA_DISABLED", "ec2_metadata_disabled")) {
        buffer_add_text(metadata->error,
                        "AWS_EC2_METADATA_DISABLED turns the EC2 metadata service off");
        return false;
    }
    if (!session_number(&seconds, session, "AWS_METADATA_SERVICE_TIMEOUT",
                        "metadata_service_timeout", TIMEOUT_MAX_S, metadata->error) ||
        !session_number(&tries, session, "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
                        "metadata_service_num_attempts", ATTEMPTS_MAX, metadata->error))
        return false;
    metadata->limits = (struct fetch_small_limits){.is_direct = true,
                                                   .connect_ms = 1000L * seconds,
                                                   .whole_ms = 1000L * seconds,
                                                   .tries = tries,
                                                   .pause_ms = PAUSE_MS};
    return find_endpoint(metadata) && get_token(metadata);
}

static void end(struct metadata *metadata)
{
    credentials_free_secret(metadata->token);
    buffer_free(&metadata->endpoint);
}

enum credentials_result metadata_fetch(const struct aws_session *session, struct credentials *keys,
                                       struct buffer *error)
{
    struct metadata metadata = {.session = session, .error = error};
    struct buffer role = {0};
    bool found =
        begin(&metadata) && get_role(&metadata, &role) && get_keys(&metadata, role.data, keys);
    end(&metadata);
    buffer_free(&role);
    return found ? CREDENTIALS_FOUND : CREDENTIALS_NONE;
}

bool metadata_find_region(const struct aws_session *session, struct buffer *region,
                          struct buffer *error)
{
    struct metadata metadata = {.session = session, .error = error};
    struct fetch_small_response response = {.status = 0};
    bool found = begin(&metadata) && get(&metadata, "latest/meta-data/placement/region", &response);
    if (found && !region_is_name(response.body.data)) {
        add_unexpected(&metadata, "the name of a region");
        found = false;
    }
    if (found)
        buffer_add(region, response.body.data, response.body.size);
    fetch_small_clear(&response);
    end(&metadata);
    return found;
}
