/* text/secrets: which texts of a service contain a part of a secret that was sent to the service. */
#include "text/secrets.h"

#include "tap.h"

static const struct secrets both = {{"0123456789abcdefghij", NULL, "short", ""}};

static void holds(const char *text, bool want)
{
    ok(secrets_are_in(&both, text) == want, "%s: %s", text, want ? "left out" : "shown");
}

int main(void)
{
    static const struct secrets none = {{NULL}};
    holds("", false);
    holds("access denied for 0123456789a", false);
    holds("access denied for 0123456789ab", true);
    holds("56789abcdefg is a part from the middle", true);
    holds("...89abcdefghij", true);
    holds("...9abcdefghij", false);
    holds("a short one", true);
    holds("a shor one", false);
    holds("Authorization: Credential=x, signature=1", true);
    holds("the signature does not match", false);
    ok(!secrets_are_in(&none, "a short 0123456789abcdefghij"), "nothing was sent");
    return done_testing();
}
