/* The file of CAs of a handle that one host after the other uses. */
#include "http/handle.h"

#include <stdarg.h>
#include <stdlib.h>

#include "tap.h"

#undef curl_easy_setopt

static const char *used; /* the file of CAs that the handle has; NULL: none */

/* Takes the place of libcurl's function. */
CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
    va_list arguments;
    (void)easy;
    va_start(arguments, option);
    if (option == CURLOPT_CAINFO)
        used = va_arg(arguments, const char *);
    va_end(arguments);
    return CURLE_OK;
}

static void is_used(const struct http_host *host, const char *want, const char *name)
{
    http_handle_set_authorities(NULL, host);
    ok(!used == !want && (!want || !strcmp(used, want)), "%s: %s", name, used ? used : "none");
}

int main(void)
{
    static char file[] = "/own.pem";
    const char *usual = curl_version_info(CURLVERSION_NOW)->cainfo;
    struct http_host own = {.authorities = {.file = file}}, other = {.name = NULL};
    used = usual;
    is_used(&other, usual, "a host without CAs of its own");
    is_used(&own, "/own.pem", "a host with CAs of its own");
    is_used(&other, usual, "then a host without");
    return done_testing();
}
