#include "aws/known_settings.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/environment.h"
#include "aws/profile_parse.h"
#include "text/message.h"

enum { DIGITS_MAX = 12 };

enum effect { OBEYED, PASSED, REFUSED };
enum form { ANY, COUNT, SIZE, RATE, WORDS };

static const struct known {
    const char *below, *name, *variable;
    enum effect effect;
    enum form form;
    const char *text;
} settings[] = {
#define SETTING(below, name, variable, effect, form, text)                                         \
    {below, name, variable, effect, form, text},
#include "aws/known_settings.def"
#undef SETTING
};

enum { SETTING_COUNT = sizeof settings / sizeof *settings };

/* ---- numbers -------------------------------------------------------------------------------- */

/* Reads "8", "8MB" or "8MiB", in any case, of SIZE bytes; returns 0 when the text is none of
 * these. */
static uint64_t read_size(const char *text, size_t size)
{
    static const char units[] = "kmgt";
    size_t digits = strspn(text, "0123456789");
    uint64_t number = strtoull(text, NULL, 10);
    if (digits > size || !digits || digits > DIGITS_MAX)
        return 0;
    text += digits;
    size -= digits;
    if (!size || (size == 1 && (*text == 'b' || *text == 'B')))
        return number;
    bool is_binary = size == 3 && (text[1] == 'i' || text[1] == 'I');
    const char *unit = strchr(units, *text | ('a' ^ 'A'));
    if (!unit || (size != 2 && !is_binary) || (text[size - 1] != 'b' && text[size - 1] != 'B'))
        return 0;
    unsigned shift = 10 * (unsigned)(unit - units + 1);
    return number > UINT64_MAX >> shift ? UINT64_MAX : number << shift;
}

/* Reads bytes a second; returns 0 when the text is no rate. */
static uint64_t read_rate(const char *text)
{
    static const char of_bytes[] = "B/s", of_bits[] = "b/s", per_second[] = "/s";
    size_t size = strlen(text), end = sizeof of_bytes - 1;
    if (size > end && !strcmp(text + size - end, of_bytes))
        return read_size(text, size - strlen(per_second));
    if (size > end && !strcmp(text + size - end, of_bits))
        return read_size(text, size - strlen(per_second)) / 8;
    return strspn(text, "0123456789") == size ? read_size(text, size) : 0;
}

static uint64_t read_number(enum form form, const char *text)
{
    size_t size = strlen(text);
    if (form == RATE)
        return read_rate(text);
    return form == SIZE || strspn(text, "0123456789") == size ? read_size(text, size) : 0;
}

static bool is_one_of(const char *words, const char *text)
{
    size_t size = strlen(text);
    for (const char *word = words; *word;) {
        size_t length = strcspn(word, "|");
        if (length == size && !strncasecmp(word, text, size))
            return true;
        word += length + (word[length] == '|');
    }
    return false;
}

/* ---- the check ------------------------------------------------------------------------------ */

/* Adds the reason why the value is refused, and what to do. */
static void explain(const struct known *setting, struct buffer *error)
{
    static const char *const forms[] = {
        [COUNT] = "a whole number from 1 on",
        [SIZE] = "a size such as 8MB",
        [RATE] = "a rate such as 10MB/s",
    };
    if (setting->form != WORDS && setting->effect == REFUSED) {
        buffer_printf(error, "this program does not support this setting; %s", setting->text);
        return;
    }
    if (setting->effect == REFUSED)
        buffer_add_text(error, "this program does not support this value; it ");
    buffer_add_text(error, "must be ");
    if (setting->form != WORDS) {
        buffer_printf(error, "%s; correct it", forms[setting->form]);
        return;
    }
    for (const char *word = setting->text; *word;) {
        size_t length = strcspn(word, "|");
        buffer_add(error, word, length);
        word += length;
        if (*word)
            buffer_add_text(error, strchr(++word, '|') ? ", " : " or ");
    }
    buffer_add_text(error, setting->effect == REFUSED ? "; correct it, or remove the setting"
                                                      : "; correct it");
}

static bool is_accepted(const struct known *setting, const char *value)
{
    if (setting->form == WORDS)
        return is_one_of(setting->text, value);
    return setting->form == ANY ? setting->effect != REFUSED
                                : read_number(setting->form, value) > 0;
}

static const struct known *find(const char *below, const char *name)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (!settings[i].below == !below && !strcasecmp(settings[i].name, name))
            return &settings[i];
    return NULL;
}

/* Names settings of S3 that no tool of AWS knows, such as misspelt ones, with -v. */
static void note_unknown(const struct profile *profile)
{
    for (enum profile_part part = 0; part < PROFILE_PARTS; part++) {
        const struct section *section = profile->parts[part];
        for (size_t i = 0; section && i < section->count; i++) {
            const struct setting *setting = &section->settings[i];
            if (setting->below && !strcasecmp(setting->below, "s3") && !find("s3", setting->name))
                message_verbose("%s:%u: the tools of AWS have no setting %s of S3, so it has no "
                                "effect",
                                profile_file_path(profile->file, part), setting->line,
                                setting->name);
        }
    }
}

/* Names a section s3 of the config file that the one of the credentials file replaces, with -v. */
static void note_replaced(const struct profile *profile)
{
    const struct setting *in[PROFILE_PARTS];
    for (enum profile_part part = 0; part < PROFILE_PARTS; part++)
        in[part] = profile_section_find(profile->parts[part], NULL, "s3");
    if (in[PROFILE_CREDENTIALS] && in[PROFILE_CONFIG])
        message_verbose("%s:%u: these settings of S3 have no effect, because %s has a section s3 "
                        "for this profile, too",
                        profile_file_path(profile->file, PROFILE_CONFIG), in[PROFILE_CONFIG]->line,
                        profile_file_path(profile->file, PROFILE_CREDENTIALS));
}

/* Returns the value of the variable, else of the setting; NULL when neither is given.  IS_VARIABLE
 * tells which one it is. */
static const char *find_value(const struct profile *profile, const struct known *setting,
                              bool *is_variable)
{
    const char *value = setting->variable ? environment_get(setting->variable) : NULL;
    *is_variable = value != NULL;
    return value ? value : profile_get_nested(profile, setting->below, setting->name);
}

bool known_settings_check(const struct profile *profile, struct buffer *error)
{
    note_unknown(profile);
    note_replaced(profile);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct known *setting = &settings[i];
        bool is_variable;
        const char *value = find_value(profile, setting, &is_variable);
        if (!value || is_accepted(setting, value))
            continue;
        if (is_variable) {
            buffer_printf(error, "%s=%s: ", setting->variable, value);
        } else {
            profile_add_place(error, profile, setting->below, setting->name);
            buffer_printf(error, ": %s = %s: ", setting->name, value);
        }
        explain(setting, error);
        return false;
    }
    return true;
}

uint64_t known_settings_number(const struct profile *profile, const char *below, const char *name)
{
    const struct known *setting = find(below, name);
    bool is_variable;
    const char *value = find_value(profile, setting, &is_variable);
    return value ? read_number(setting->form, value) : 0;
}
