#include "http/network_error.h"

#include "http/certificate_error.h"
#include "http/proxy.h"
#include "text/by_number.h"
#include "text/url.h"

enum { TIMER_MS = 100 }; /* libcurl's timers may be early by so many milliseconds */

bool network_is_connected(CURL *easy)
{
    curl_off_t before = 0;
    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &before);
    return before > 0;
}

void network_error_read(struct network_error *error, CURL *easy, int64_t milliseconds)
{
    curl_off_t total = 0;
    curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &total);
    error->connected = network_is_connected(easy);
    error->is_late |= total / 1000 + TIMER_MS >= milliseconds;
    error->seconds = (unsigned)(total / 1000000);
    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &error->verification);
    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &error->proxy_status);
}

/* Does the work of network_error_explain().  DETAIL is libcurl's text, safe to print. */
static bool explain(struct buffer *out, const struct network_error *error,
                    const struct http_host *host, const char *detail)
{
    const char *name = host->name;
    const char *proxy = host->is_direct ? NULL : proxy_variable(host->origin);
    bool passes = true;
    if (error->proxy_status == PROXY_REFUSES) {
        proxy_explain_refusal(out, host->origin);
        return false;
    }
    switch (error->code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
        buffer_printf(out, "no such host, or no network: %s", detail);
        passes = host->responded;
        break;
    case CURLE_COULDNT_RESOLVE_HOST:
        buffer_printf(out,
                      "%s: no such host, or no network; check the endpoint, the region and the "
                      "network",
                      name);
        passes = host->responded;
        break;
    case CURLE_COULDNT_CONNECT:
        buffer_printf(out, "%s cannot be reached (%s); check the endpoint and the network", name,
                      detail);
        passes = host->responded;
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
        certificate_error_explain(out, error, host);
        passes = false;
        break;
    case CURLE_SSL_CONNECT_ERROR:
        buffer_printf(out, "no TLS connection to %s (%s); check that the endpoint speaks https",
                      name, detail);
        passes = host->responded;
        break;
    case CURLE_OPERATION_TIMEDOUT:
        if (error->connected && error->is_late)
            buffer_printf(out, "%s sent only %llu %s in %u s; check the network", name,
                          (unsigned long long)error->received,
                          by_number(error->received, "byte", "bytes"), error->seconds);
        else if (error->connected)
            buffer_printf(out, "%s sent nothing for %d s; check the network", name,
                          HTTP_STALL_TIMEOUT_S);
        else
            buffer_printf(out, "%s does not respond (%s); check the endpoint and the network", name,
                          detail);
        passes = host->responded || error->connected;
        break;
    case CURLE_PARTIAL_FILE:
        buffer_printf(out, "the response was cut off after %llu %s; check the network to %s",
                      (unsigned long long)error->received,
                      by_number(error->received, "byte", "bytes"), name);
        break;
    case CURLE_OUT_OF_MEMORY: /* libcurl's error for a long header, too */
        buffer_printf(
            out,
            "the connection to %s failed (a header of the response is longer than 100 kB, "
            "or memory is short); check the endpoint",
            name);
        break;
    case CURLE_URL_MALFORMAT:
        buffer_printf(out, "the endpoint %s cannot be used (%s); correct the setting \"endpoint\"",
                      name, detail);
        passes = false;
        break;
    case CURLE_UNSUPPORTED_PROTOCOL: /* among others: a response that does not begin with HTTP/ */
    case CURLE_WEIRD_SERVER_REPLY:
        buffer_printf(out, "%s responded with something that is not HTTP (%s); check the endpoint",
                      name, detail);
        passes = host->responded;
        break;
    default:
        buffer_printf(out, "the connection to %s failed (%s); check the network", name, detail);
        break;
    }
    if (proxy && !host->responded)
        buffer_printf(out, "; check the proxy that %s names, too", proxy);
    return passes;
}

bool network_error_explain(struct buffer *out, const struct network_error *error,
                           const struct http_host *host)
{
    struct buffer detail = {0};
    url_add_shown(&detail, *error->detail ? error->detail : curl_easy_strerror(error->code));
    bool passes = explain(out, error, host, detail.data);
    buffer_free(&detail);
    return passes;
}
