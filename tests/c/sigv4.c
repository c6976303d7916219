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
        struct sigv4_key key;
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
    struct sigv4_key key;
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
    return done_testing();
}
