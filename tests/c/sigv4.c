/* Signatures, against the examples that AWS publishes: those of the Amazon S3 API reference
 * ("Signature calculations for the Authorization header") and of the Signature Version 4 test
 * suite. */
#include "aws/sigv4.h"

#include "tap.h"

#define TOKEN                                                                                      \
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSP" \
    "fIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT" \
    "7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlz" \
    "m8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="

#define UNRESERVED  "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define FORM_SHA256 "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"

static const struct example {
    const char *name, *secret, *service;
    struct sigv4_request request;
    const struct sigv4_header *headers;
    const char *signed_names, *signature;
} examples[] = {
    {"GET object",
     "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
     "s3",
     {"GET", "/test.txt", "", NULL, 4, "20130524T000000Z", SIGV4_EMPTY_SHA256},
     (const struct sigv4_header[]){{"host", "examplebucket.s3.amazonaws.com"},
                                   {"range", "bytes=0-9"},
                                   {"x-amz-content-sha256", SIGV4_EMPTY_SHA256},
                                   {"x-amz-date", "20130524T000000Z"}},
     "host;range;x-amz-content-sha256;x-amz-date",
     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
    {"GET bucket lifecycle",
     "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
     "s3",
     {"GET", "/", "lifecycle=", NULL, 3, "20130524T000000Z", SIGV4_EMPTY_SHA256},
     (const struct sigv4_header[]){{"host", "examplebucket.s3.amazonaws.com"},
                                   {"x-amz-content-sha256", SIGV4_EMPTY_SHA256},
                                   {"x-amz-date", "20130524T000000Z"}},
     "host;x-amz-content-sha256;x-amz-date",
     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
    {"GET bucket (list objects)",
     "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
     "s3",
     {"GET", "/", "max-keys=2&prefix=J", NULL, 3, "20130524T000000Z", SIGV4_EMPTY_SHA256},
     (const struct sigv4_header[]){{"host", "examplebucket.s3.amazonaws.com"},
                                   {"x-amz-content-sha256", SIGV4_EMPTY_SHA256},
                                   {"x-amz-date", "20130524T000000Z"}},
     "host;x-amz-content-sha256;x-amz-date",
     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
    {"get-vanilla",
     "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
     "service",
     {"GET", "/", "", NULL, 2, "20150830T123600Z", SIGV4_EMPTY_SHA256},
     (const struct sigv4_header[]){{"host", "example.amazonaws.com"},
                                   {"x-amz-date", "20150830T123600Z"}},
     "host;x-amz-date",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-vanilla-query-order-key-case",
     "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
     "service",
     {"GET", "/", "Param1=value1&Param2=value2", NULL, 2, "20150830T123600Z", SIGV4_EMPTY_SHA256},
     (const struct sigv4_header[]){{"host", "example.amazonaws.com"},
                                   {"x-amz-date", "20150830T123600Z"}},
     "host;x-amz-date",
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"get-vanilla-query-unreserved",
     "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
     "service",
     {"GET", "/", UNRESERVED "=" UNRESERVED, NULL, 2, "20150830T123600Z", SIGV4_EMPTY_SHA256},
     (const struct sigv4_header[]){{"host", "example.amazonaws.com"},
                                   {"x-amz-date", "20150830T123600Z"}},
     "host;x-amz-date",
     "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
    {"get-vanilla-empty-query-key",
     "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
     "service",
     {"GET", "/", "Param1=value1", NULL, 2, "20150830T123600Z", SIGV4_EMPTY_SHA256},
     (const struct sigv4_header[]){{"host", "example.amazonaws.com"},
                                   {"x-amz-date", "20150830T123600Z"}},
     "host;x-amz-date",
     "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
    {"get-unreserved",
     "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
     "service",
     {"GET", "/" UNRESERVED, "", NULL, 2, "20150830T123600Z", SIGV4_EMPTY_SHA256},
     (const struct sigv4_header[]){{"host", "example.amazonaws.com"},
                                   {"x-amz-date", "20150830T123600Z"}},
     "host;x-amz-date",
     "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"get-utf8",
     "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
     "service",
     {"GET", "/%E1%88%B4", "", NULL, 2, "20150830T123600Z", SIGV4_EMPTY_SHA256},
     (const struct sigv4_header[]){{"host", "example.amazonaws.com"},
                                   {"x-amz-date", "20150830T123600Z"}},
     "host;x-amz-date",
     "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
    {"get-space",
     "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
     "service",
     {"GET", "/example%20space/", "", NULL, 2, "20150830T123600Z", SIGV4_EMPTY_SHA256},
     (const struct sigv4_header[]){{"host", "example.amazonaws.com"},
                                   {"x-amz-date", "20150830T123600Z"}},
     "host;x-amz-date",
     "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
    {"get-header-value-trim",
     "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
     "service",
     {"GET", "/", "", NULL, 4, "20150830T123600Z", SIGV4_EMPTY_SHA256},
     (const struct sigv4_header[]){{"host", "example.amazonaws.com"},
                                   {"my-header1", " value1"},
                                   {"my-header2", " \"a   b   c\""},
                                   {"x-amz-date", "20150830T123600Z"}},
     "host;my-header1;my-header2;x-amz-date",
     "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
    {"post-vanilla",
     "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
     "service",
     {"POST", "/", "", NULL, 2, "20150830T123600Z", SIGV4_EMPTY_SHA256},
     (const struct sigv4_header[]){{"host", "example.amazonaws.com"},
                                   {"x-amz-date", "20150830T123600Z"}},
     "host;x-amz-date",
     "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"post-vanilla-query",
     "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
     "service",
     {"POST", "/", "Param1=value1", NULL, 2, "20150830T123600Z", SIGV4_EMPTY_SHA256},
     (const struct sigv4_header[]){{"host", "example.amazonaws.com"},
                                   {"x-amz-date", "20150830T123600Z"}},
     "host;x-amz-date",
     "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
    {"post-header-key-sort",
     "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
     "service",
     {"POST", "/", "", NULL, 3, "20150830T123600Z", SIGV4_EMPTY_SHA256},
     (const struct sigv4_header[]){{"host", "example.amazonaws.com"},
                                   {"my-header1", "value1"},
                                   {"x-amz-date", "20150830T123600Z"}},
     "host;my-header1;x-amz-date",
     "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
    {"post-header-value-case",
     "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
     "service",
     {"POST", "/", "", NULL, 3, "20150830T123600Z", SIGV4_EMPTY_SHA256},
     (const struct sigv4_header[]){{"host", "example.amazonaws.com"},
                                   {"my-header1", "VALUE1"},
                                   {"x-amz-date", "20150830T123600Z"}},
     "host;my-header1;x-amz-date",
     "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
    {"post-x-www-form-urlencoded",
     "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
     "service",
     {"POST", "/", "", NULL, 3, "20150830T123600Z", FORM_SHA256},
     (const struct sigv4_header[]){{"content-type", "application/x-www-form-urlencoded"},
                                   {"host", "example.amazonaws.com"},
                                   {"x-amz-date", "20150830T123600Z"}},
     "content-type;host;x-amz-date",
     "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
    {"post-sts-header-before (a session token)",
     "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
     "service",
     {"POST", "/", "", NULL, 3, "20150830T123600Z", SIGV4_EMPTY_SHA256},
     (const struct sigv4_header[]){{"host", "example.amazonaws.com"},
                                   {"x-amz-date", "20150830T123600Z"},
                                   {"x-amz-security-token", TOKEN}},
     "host;x-amz-date;x-amz-security-token",
     "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
};

int main(void)
{
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const struct example *example = &examples[i];
        struct sigv4_request request = example->request;
        struct sigv4_key key = {0};
        struct buffer got = {0}, want = {0};
        request.headers = example->headers;
        buffer_printf(&want,
                      "AWS4-HMAC-SHA256 Credential=AKID/%.8s/us-east-1/%s/aws4_request,"
                      "SignedHeaders=%s,Signature=%s",
                      request.time, example->service, example->signed_names, example->signature);
        if (ok(sigv4_key_derive(&key, example->secret, request.time, "us-east-1",
                                example->service) &&
                   sigv4_sign(&got, &request, "AKID", &key),
               "%s: signed", example->name))
            is_text(got.data, got.size, want.data, example->name);
        sigv4_key_clear(&key);
        buffer_free(&got);
        buffer_free(&want);
    }

    /* White space in a header's value counts as one space. */
    struct sigv4_request request = {.method = "GET",
                                    .path = "/",
                                    .query = "",
                                    .header_count = 1,
                                    .time = "20150830T123600Z",
                                    .payload_hash = SIGV4_EMPTY_SHA256};
    struct sigv4_key key = {0};
    struct buffer first = {0}, second = {0};
    sigv4_key_derive(&key, "secret", request.time, "us-east-1", "s3");
    request.headers = (const struct sigv4_header[]){{"a", "b c"}};
    sigv4_sign(&first, &request, "AKID", &key);
    request.headers = (const struct sigv4_header[]){{"a", "  b   c "}};
    sigv4_sign(&second, &request, "AKID", &key);
    is_text(second.data, second.size, first.data, "white space in a header");
    buffer_free(&first);
    buffer_free(&second);

    char long_region[200];
    memset(long_region, 'a', sizeof long_region);
    long_region[sizeof long_region - 1] = '\0';
    ok(!sigv4_key_derive(&key, "secret", request.time, long_region, "s3"),
       "a region that is too long is refused");
    sigv4_key_clear(&key);
    return done_testing();
}
