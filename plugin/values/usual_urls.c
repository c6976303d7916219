#include "values/usual_urls.h"

#include <string.h>

#include "awstats/settings.h"
#include "normalized/ascii.h"

enum { TYPE_MAX = 6 };

static SV *string(pTHX_ HV *settings, const char *name)
{
    SV *sv = settings_get(aTHX_ settings, name);
    STRLEN size = 0;
    const char *text = sv ? SvPV_const(sv, size) : "";
    return newSVpvn(text, size);
}

struct usual_urls usual_urls_new(pTHX_ HV *settings)
{
    if (!settings_get(aTHX_ settings, "usual_urls"))
        return (struct usual_urls){0};
    HV *usual = settings_hash(aTHX_ settings, "usual_urls");
    return (struct usual_urls){
        .default_file = string(aTHX_ usual, "default_file"),
        .tracker = string(aTHX_ usual, "tracker"),
        .longest = settings_number(aTHX_ usual, "longest"),
    };
}

void usual_urls_free(pTHX_ const struct usual_urls *usual)
{
    SvREFCNT_dec(usual->default_file);
    SvREFCNT_dec(usual->tracker);
}

/* Whether a byte is a letter, a digit or "_", in ASCII. */
static bool is_word(char c)
{
    return ascii_is_letter_or_digit(c) || c == '_';
}

/* Whether a text ends with END, in upper or lower case.  END has lower-case letters. */
static bool ends_with(struct field text, const char *end)
{
    const size_t size = strlen(end);
    if (text.size < size)
        return false;
    for (size_t i = 0; i < size; i++) {
        const char c = text.text[text.size - size + i];
        if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != end[i])
            return false;
    }
    return true;
}

/* /FOLDER/.../NAME.TYPE
 * TYPE has 1 to TYPE_MAX word characters; each FOLDER and NAME has one or more word characters or "-".  Stores the
 * name and the type; returns false for any other URL. */
static bool split(struct field url, struct field *name, struct field *type)
{
    size_t dot = url.size, start = 0;
    while (dot > 0 && is_word(url.text[dot - 1]))
        dot--;
    *type = (struct field){url.text + dot, url.size - dot};
    if (type->size < 1 || type->size > TYPE_MAX || dot == 0 || url.text[--dot] != '.')
        return false;
    for (size_t i = 0; i < dot; i++) {
        if (url.text[i] == '/') {
            if (i > 0 && i == start)
                return false;
            start = i + 1;
        } else if (i == 0 || !(is_word(url.text[i]) || url.text[i] == '-')) {
            return false;
        }
    }
    *name = (struct field){url.text + start, dot - start};
    return start > 0 && name->size > 0;
}

bool usual_urls_has(const struct usual_urls *usual, struct field url, struct field *type)
{
    struct field name;
    if (!usual->default_file || url.size > usual->longest || !split(url, &name, type))
        return false;
    if (ends_with(name, "robots") || ends_with(name, "favicon"))
        return false;
    size_t size = SvCUR(usual->default_file);
    if (size == name.size + 1 + type->size &&
        memcmp(SvPVX_const(usual->default_file), name.text, size) == 0)
        return false;
    size = SvCUR(usual->tracker);
    return url.size < size || memcmp(SvPVX_const(usual->tracker), url.text, size) != 0;
}
