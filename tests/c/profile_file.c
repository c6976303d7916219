/* The AWS tools' files: every form of a line, which file has precedence, sections of other kinds, and errors by file
 * and line.  The expected results are those of botocore 1.29, which the AWS command line tools use. */
#include "aws/profile_file.h"

#include <stdlib.h>
#include <unistd.h>

#include "aws/path.h"
#include "aws/profile_parse.h"
#include "memory/allocate.h"
#include "tap.h"

static char folder[] = "/tmp/profile_file.XXXXXX";

static void put(const char *name, const char *text, size_t size)
{
    struct buffer path = {0};
    buffer_printf(&path, "%s/%s", folder, name);
    FILE *out = fopen(path.data, "w");
    if (!out || fwrite(text, 1, size, out) != size || fclose(out))
        abort();
    setenv(strcmp(name, "config") ? "AWS_SHARED_CREDENTIALS_FILE" : "AWS_CONFIG_FILE", path.data,
           1);
    buffer_free(&path);
}

/* Writes all sections of a text as one line. */
static void list(struct buffer *out, const struct sections *sections)
{
    static const char *const kinds[] = {"profile", "session", "services", "defaults", "other"};
    for (size_t i = 0; i < sections->count; i++) {
        const struct section *section = &sections->list[i];
        buffer_printf(out, "%s %s:", kinds[section->kind], section->name);
        for (size_t j = 0; j < section->count; j++) {
            const struct setting *setting = &section->settings[j];
            buffer_printf(out, "%u %s%s%s=%s|", setting->line, setting->below ? setting->below : "",
                          setting->below ? "/" : "", setting->name, setting->value);
        }
    }
}

static void is_parsed_bytes(const char *text, size_t size, bool is_config, const char *want,
                            const char *name)
{
    struct sections sections = {0};
    struct buffer out = {0}, error = {0};
    char *copy = memory_copy_bytes(text, size);
    bool parsed = profile_parse(&sections, copy, size, is_config, "FILE", &error);
    list(&out, &sections);
    if (parsed == (error.size > 0))
        ok(false, "%s: an error without a text", name);
    if (error.size)
        is_text(error.data, error.size, want, name);
    else
        is_text(out.data ? out.data : "", out.size, want, name);
    profile_sections_free(&sections);
    buffer_free(&out);
    buffer_free(&error);
    free(copy);
}

static void is_config(const char *text, const char *want, const char *name)
{
    is_parsed_bytes(text, strlen(text), true, want, name);
}

static void test_lines(void)
{
    is_config("", "", "nothing");
    is_config("\n \t\r\n# c\n ; c\n", "", "blank lines and comments");
    is_config("[default]\nregion=x", "profile default:2 region=x|", "plain, without a last end");
    is_config("\xef\xbb\xbf[default]\r\n region = x y \r\n", "profile default:2 region=x y|",
              "a byte order mark, CR LF, white space");
    is_config("[default]\nA : b = c\n", "profile default:2 A=b = c|", "the first separator");
    is_config("[default]\na=b # c\nd=e;f ; g\nh=#i\nj= #k\n",
              "profile default:2 a=b|3 d=e;f|4 h=#i|5 j=|",
              "comments behind values begin after white space");
    is_config("[default]\ncredential_process = x \"a # b\" ';' # c\n",
              "profile default:2 credential_process=x \"a # b\" ';'|", "quotes in a command");
    is_config(
        "[default] # c\n[profile  a b ] ; c\n[profile \"c d\"]\n[profile 'e]f']\n",
        "profile default:profile a b:profile c d:profile e]f:", "names with spaces and quotes");
    is_config("[logs]\na=b\n[preview]\n[profile]\n[profilex]\n[sso-session s]\n[services t]\n",
              "other logs:2 a=b|other preview:other profile:other profilex:session s:services t:",
              "sections of config that are no profiles");
    is_config("[ default]\n[default ]\n[ profile x]\n[profile x ]\n",
              "other  default:other default :other  profile x:profile x:",
              "white space belongs to the name, except behind a profile's");
    is_parsed_bytes("[ logs]\n[logs ]\n", 16, false,
                    "profile  logs:profile logs :", "white space in credentials");
    is_parsed_bytes("[\"a\"]\n['b']\n", 12, false,
                    "profile \"a\":profile 'b':", "quotes in credentials belong to the name");
    is_config("[\"default\"]\n['a']\n",
              "other \"default\":other 'a':", "quotes in config without a word in front, too");
    is_parsed_bytes("[logs]\na=b\n[profile x]\n", 23, false,
                    "profile logs:2 a=b|profile profile x:", "all of credentials are profiles");
    is_parsed_bytes("[default]\na=b\0c\n", 16, true,
                    "FILE:2: the line has a NUL byte, which no text file has; remove this byte",
                    "a NUL");
}

static void test_nested(void)
{
    is_config("[default]\ns3 =\n  a = 1 # c\n\n  # c\n\tb=2\nregion = x\n",
              "profile default:2 s3=|3 s3/a=1|6 s3/b=2|7 region=x|", "nested settings");
    is_config("[default]\n  a = 1\n  b = 2\n c = 3\n", "profile default:2 a=1|3 b=2|4 c=3|",
              "a whole section that is indented has none");
    is_config("[default]\n s3=\n a = 1\n", "profile default:2 s3=|3 a=1|",
              "the same indentation is no nesting");
    is_config("[default]\na = 1\n  2 # c\n  3\nb = 4\n", "profile default:2 a=1\n2\n3|5 b=4|",
              "a value of several lines");
    is_config("[default]\na =\n  [x]\n",
              "FILE:3: the indented line is not NAME = VALUE; correct it", "nested, no setting");
    is_config("[default]\na = 1\n [x]\n", "profile default:2 a=1\n[x]|",
              "an indented line is no header");
}

static void test_errors(void)
{
    static const char neither[] =
        "FILE:2: the line is neither [SECTION] nor NAME = VALUE; correct or remove it";
    is_config("[default]\nx\n", neither, "no separator");
    is_config("[default]\n= x\n", neither, "no name");
    is_config("x = y\n", "FILE:1: the setting is before the first [SECTION]; move it into one",
              "no section");
    is_config("[default]\n[x\n", neither, "a header without an end");
    is_config("\n[default] x\n", neither, "something behind a header");
    is_config("[ ]\n", "FILE:1: the section has no name; write one between [ and ]", "no name");
    is_config("[default]\na=1\nb=2\nA=3\n",
              "FILE:4: the setting \"A\" is also in line 2; remove one of these two lines",
              "a setting twice");
    is_config("[default]\ns3=\n a=1\n\n a=2\n",
              "FILE:5: the setting \"a\" is also in line 3; remove one of these two lines",
              "a nested one twice");
    is_config("[default]\ns3=\n a=1\nb=\n a=2\na=3\n",
              "profile default:2 s3=|3 s3/a=1|4 b=|5 b/a=2|6 a=3|", "the same name elsewhere");
    is_config("[profile x]\n[default]\n[profile x]\n",
              "FILE:3: the section [profile x] is also in line 1; move the settings of both into "
              "one section",
              "a section twice");
}

static void test_long(void)
{
    enum { SIZE = 300000 };
    struct buffer text = {0}, want = {0};
    buffer_printf(&text, "[default]\n%0*d = %0*d\n", SIZE, 1, SIZE, 2);
    buffer_printf(&want, "profile default:2 %0*d=%0*d|", SIZE, 1, SIZE, 2);
    is_parsed_bytes(text.data, text.size, true, want.data, "a name and a value of any length");
    buffer_free(&text);
    buffer_free(&want);
}

static void is_value(const char *got, const char *want, const char *name)
{
    is_text(got ? got : "(none)", got ? strlen(got) : 6, want ? want : "(none)", name);
}

static bool is_sound(const struct profile_file *file)
{
    return !profile_file_is_malformed(file) && !profile_file_is_unreadable(file);
}

/* Reads both files, which have no errors. */
static struct profile_file *read_both(const char *credentials, const char *config, const char *what)
{
    struct buffer error = {0};
    put("credentials", credentials, strlen(credentials));
    put("config", config, strlen(config));
    struct profile_file *file = profile_file_read(&error);
    ok(is_sound(file) && !error.size, "%s: %s", what, error.size ? error.data : "fine");
    buffer_free(&error);
    return file;
}

static void test_both(void)
{
    static const char credentials[] = "[default]\nAWS_access_KEY_id = 1\nregion =\n[logs]\nx = y\n";
    static const char config[] =
        "[default]\nregion = r1\n[profile default]\nregion = r2\naws_access_key_id = 2\n"
        "[profile more]\nservices = mine\ns3 =\n  Addressing_Style = path\n"
        "[services mine]\ns3 =\n  endpoint_url = http://x\n[sso-session s]\nsso_region = r3\n";
    struct buffer names = {0}, place = {0};
    struct profile profile;
    struct profile_file *file = read_both(credentials, config, "both files");
    ok(profile_find(&profile, file, "default"), "a profile of both");
    is_value(profile_get(&profile, "aws_access_key_id"), "1", "credentials win; any case");
    is_value(profile_get_from(&profile, PROFILE_CONFIG, "aws_access_key_id"), "2", "of one file");
    is_value(profile_get(&profile, "region"), "r2",
             "a value that is empty does not count, and the last of two sections does");
    is_value(profile_get(&profile, "output"), NULL, "a setting that is missing");
    profile_add_place(&place, &profile, NULL, "region");
    ok(place.size && !strcmp(place.data + strlen(folder), "/config:4"), "where it is: %s",
       place.data);
    ok(profile_find(&profile, file, "more"), "a profile of config");
    is_value(profile_get_nested(&profile, "S3", "addressing_style"), "path", "a nested setting");
    is_value(profile_get(&profile, "addressing_style"), NULL, "it is not there without its parent");
    is_value(profile_file_service(&profile, "s3", "endpoint_url"), "http://x", "of services");
    is_value(profile_file_service(&profile, "s3", "x"), NULL, "not in services");
    is_value(profile_file_session(file, "s", "sso_region"), "r3", "of an sso-session");
    ok(profile_file_has_session(file, "s") && !profile_file_has_session(file, "mine"),
       "the names of all sessions");
    ok(!profile_find(&profile, file, "nobody"), "no such profile");
    is_value(profile_get(&profile, "region"), NULL, "it has no settings");
    profile_file_add_names(file, &names);
    is_text(names.data, names.size, "default, logs, more", "the names, each once");
    profile_file_free(file);
    buffer_free(&names);
    buffer_free(&place);
}

/* A setting with nested ones in credentials replaces that in config as a whole. */
static void test_nested_in_both(void)
{
    static const char credentials[] =
        "[default]\ns3 =\n  x = 1\n[logs]\ns3 =\n[more]\na = 1\n[DEFAULT]\nt =\n  z = 8\n";
    static const char config[] =
        "[default]\nS3 =\n  x = 2\n  y = 3\n[profile logs]\ns3 =\n  x = 4\n"
        "[profile more]\ns3 =\n  x = 5\nt =\n  w = 6\n";
    struct profile profile;
    struct buffer place = {0};
    struct profile_file *file = read_both(credentials, config, "nested settings in both files");
    ok(profile_find(&profile, file, "default"), "a profile of both");
    is_value(profile_get_nested(&profile, "s3", "x"), "1", "in both: of credentials");
    is_value(profile_get_nested(&profile, "s3", "y"), NULL, "only in config: hidden");
    profile_add_place(&place, &profile, "s3", "y");
    is_text(place.data, place.size, "profile default", "only in config: no place");
    ok(profile_find(&profile, file, "logs"), "a profile of both");
    is_value(profile_get_nested(&profile, "s3", "x"), NULL, "without settings in credentials");
    ok(profile_find(&profile, file, "more"), "a profile of both");
    is_value(profile_get_nested(&profile, "s3", "x"), "5", "only config has the section");
    is_value(profile_get_nested(&profile, "t", "w"), NULL, "hidden by an inherited one");
    profile_file_free(file);
    buffer_free(&place);
}

/* The settings of [DEFAULT] hold for all sections of its file. */
static void test_defaults(void)
{
    static const char credentials[] =
        "[DEFAULT]\na = 1\n[logs]\n[more]\na = 2\nb =\n[DEFAULT]\nb = 3\n";
    static const char config[] =
        "[default]\nregion = r1\n[profile other]\ns3 =\n  y = 4\n[DEFAULT]\nregion = r2\na = 5\n"
        "c = 6\nservices = mine\nS3 =\n  x = 7\n[services mine]\n[sso-session s]\n";
    struct buffer error = {0}, names = {0}, place = {0};
    struct profile profile;
    struct profile_file *file = read_both(credentials, config, "[DEFAULT], also twice");
    profile_file_add_names(file, &names);
    is_text(names.data, names.size, "logs, more, default, other", "[DEFAULT] is no profile");
    ok(!profile_find(&profile, file, "DEFAULT"), "no profile can have its name");
    ok(profile_find(&profile, file, "logs"), "a profile without settings of its own");
    is_value(profile_get(&profile, "A"), "1", "inherited");
    is_value(profile_get(&profile, "b"), "3", "from below, too");
    is_value(profile_get(&profile, "c"), NULL, "not from the other file");
    profile_add_place(&place, &profile, NULL, "b");
    ok(place.size && !strcmp(place.data + strlen(folder), "/credentials:8"), "where it is: %s",
       place.data);
    ok(profile_find(&profile, file, "more"), "a profile with settings of its own");
    is_value(profile_get(&profile, "a"), "2", "its own");
    is_value(profile_get(&profile, "b"), NULL, "its own, without a value");
    ok(profile_find(&profile, file, "default"), "default");
    is_value(profile_get(&profile, "region"), "r1", "its own before [DEFAULT]");
    is_value(profile_get(&profile, "c"), "6", "inherited");
    is_value(profile_get_nested(&profile, "s3", "x"), "7", "inherited with its parent");
    is_value(profile_file_service(&profile, "s3", "x"), "7", "inherited by services");
    is_value(profile_file_session(file, "s", "a"), "5", "inherited by an sso-session");
    ok(profile_check(&profile, &error), "no setting lacks its value");
    ok(profile_find(&profile, file, "other"), "other");
    is_value(profile_get_nested(&profile, "s3", "y"), "4", "its own");
    is_value(profile_get_nested(&profile, "s3", "x"), NULL, "the parent is not inherited");
    profile_file_free(file);

    put("config", "[DEFAULT]\ns3 =\n  x =\n[default]\n", 31);
    file = profile_file_read(&error);
    ok(profile_find(&profile, file, "default") && !profile_check(&profile, &error) &&
           strstr(error.data, "/config:3: x has no value"),
       "a setting without its value: %s", error.size ? error.data : "none");
    profile_file_free(file);
    buffer_free(&names);
    buffer_free(&place);
    buffer_free(&error);
    is_config("[DEFAULT]\na = 1\n[x]\n[DEFAULT]\nA = 2\n",
              "FILE:5: the setting \"A\" is also in line 2; remove one of these two lines",
              "a setting in two [DEFAULT]");
}

static void test_broken(void)
{
    struct buffer error = {0}, large = {0};
    struct profile profile;
    put("credentials", "[default]\nx\n", 12);
    put("config", "[default]\nregion = r\n", 21);
    struct profile_file *file = profile_file_read(&error);
    ok(profile_file_is_malformed(file) && strstr(error.data, "/credentials:2: the line is neither"),
       "a broken file: %s", error.data);
    ok(profile_find(&profile, file, "default"), "the other file is there");
    is_value(profile_get(&profile, "region"), "r", "with its settings");
    profile_file_free(file);
    buffer_clear(&error);

    put("config", "[default]\nuse_fips_endpoint = true\nx\n", 37);
    setenv("AWS_SHARED_CREDENTIALS_FILE", folder, 1);
    file = profile_file_read(&error);
    ok(profile_file_is_unreadable(file) && profile_file_is_malformed(file) &&
           strstr(error.data, "/config:3: the line is neither"),
       "of a file that is unreadable and one that is malformed, the latter is told: %s",
       error.data);
    ok(!profile_find(&profile, file, "default"), "a malformed file gives no settings");
    profile_file_free(file);
    buffer_clear(&error);

    buffer_printf(&large, "[default]\n#%0*d\n", 1024 * 1024, 1);
    put("credentials", large.data, large.size);
    file = profile_file_read(&error);
    ok(profile_file_is_malformed(file) && strstr(error.data, "/credentials: larger than 1 MiB"),
       "a large file: %s", error.data);
    profile_file_free(file);
    buffer_free(&large);
    buffer_clear(&error);

    setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/credentials", 1);
    setenv("AWS_CONFIG_FILE", "/dev/null/config", 1);
    file = profile_file_read(&error);
    ok(is_sound(file) && !error.size, "files that are missing");
    profile_file_free(file);
    buffer_free(&error);
}

static void is_path(const char *given, const char *want)
{
    char *path = aws_path(given, "config");
    is_text(path, strlen(path), want, given ? given : "no path");
    free(path);
}

static void test_paths(void)
{
    setenv("HOME", "/home/me", 1);
    setenv("PLACE", "p", 1);
    unsetenv("NOWHERE");
    is_path(NULL, "/home/me/.aws/config");
    is_path("/x", "/x");
    is_path("~", "/home/me");
    is_path("~/x", "/home/me/x");
    is_path("~x", "~x");
    is_path("$HOME/$PLACE/${PLACE}y", "/home/me/p/py");
    is_path("a$NOWHERE$$b${PLACE$", "a$NOWHERE$$b${PLACE$");
}

int main(void)
{
    if (!mkdtemp(folder))
        return 1;
    test_lines();
    test_nested();
    test_errors();
    test_long();
    test_both();
    test_nested_in_both();
    test_defaults();
    test_broken();
    test_paths();
    struct buffer path = {0};
    buffer_printf(&path, "%s/credentials", folder);
    unlink(path.data);
    buffer_clear(&path);
    buffer_printf(&path, "%s/config", folder);
    unlink(path.data);
    buffer_free(&path);
    rmdir(folder);
    return done_testing();
}
