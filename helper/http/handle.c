#include "http/handle.h"

#include <stdlib.h>

enum { CONNECT_TIMEOUT_MS = 10000, RECEIVE_BUFFER = 64 * 1024 };

bool http_names_open(struct http_names *names)
{
    *names = (struct http_names){0};
    for (int i = 0; i < HTTP_NAME_GROUPS; i++) {
        names->groups[i] = curl_share_init();
        if (!names->groups[i] ||
            curl_share_setopt(names->groups[i], CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) != CURLSHE_OK)
            return false;
    }
    return true;
}

void http_names_close(struct http_names *names)
{
    for (int i = 0; i < HTTP_NAME_GROUPS; i++)
        curl_share_cleanup(names->groups[i]);
}

void http_handle_set_basics(CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "awstats-cloudfront");
}

CURL *http_handle_new(const struct http_names *names, unsigned index)
{
    CURL *easy = curl_easy_init();
    if (!easy)
        return NULL;
    http_handle_set_basics(easy);
    curl_easy_setopt(easy, CURLOPT_SHARE, names->groups[index % HTTP_NAME_GROUPS]);
    curl_easy_setopt(easy, CURLOPT_DNS_SHUFFLE_ADDRESSES, 1L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L); /* an object key may hold "../" */
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)HTTP_STALL_TIMEOUT_S);
    return easy;
}

void http_handle_set_message(CURL *easy, struct http_message *message)
{
    enum http_method method = message->method;
    const char *name = method == HTTP_PUT ? "PUT" : method == HTTP_DELETE ? "DELETE" : NULL;
    curl_easy_setopt(easy, CURLOPT_URL, message->url.data);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, http_list_headers(message));
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(easy, CURLOPT_NOBODY, method == HTTP_HEAD ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, name);
    if (method != HTTP_PUT && method != HTTP_POST)
        return;
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)message->payload_size);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, message->payload ? message->payload : "");
}

void http_handle_set_authorities(CURL *easy, const struct http_host *host)
{
    const char *file = host->authorities.file;
    /* The handle may have the file of another host. */
    curl_easy_setopt(easy, CURLOPT_CAINFO,
                     file ? file : curl_version_info(CURLVERSION_NOW)->cainfo);
}
