/* The words of credential_process: as a shell, and Python's shlex, split them.  The signals that the
 * program gets. */
#include "aws/process.h"

#include <signal.h>
#include <stdlib.h>

#include "scratch.h"
#include "tap.h"
#include "text/buffer.h"
#include "text/time.h"

static void is_split(const char *command, const char *want)
{
    char **words = process_split(command);
    struct buffer got = {0};
    for (size_t i = 0; words && words[i]; i++)
        buffer_printf(&got, "<%s>", words[i]);
    is_text(got.data ? got.data : "(none)", got.data ? got.size : 6, want, command);
    process_free_words(words);
    buffer_free(&got);
}

/* Runs a program that prints which signals are blocked, from a thread that blocks all.  The program is
 * no shell, since dash unblocks signals. */
static void test_signals(void)
{
    char folder[SCRATCH_SIZE], path[SCRATCH_SIZE + 8];
    if (!scratch_make(folder))
        return;
    snprintf(path, sizeof path, "%s/config", folder);
    FILE *config = fopen(path, "w");
    bool is_written =
        config && fputs("[default]\ncredential_process = "
                        "perl -e '@ARGV = q(/proc/self/status); die grep { /SigBlk/ } <>'\n",
                        config) >= 0;
    is_written = config && !fclose(config) && is_written;
    setenv("AWS_CONFIG_FILE", path, 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere", 1);

    struct buffer error = {0};
    struct profile_file *file = profile_file_read(&error);
    struct profile profile;
    struct credentials keys = {0};
    profile_find(&profile, file, "default");
    const struct aws_session session = {
        .profile = &profile, .settings = &profile, .end = time_monotonic_ms() + 60000};
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    enum credentials_result result = process_fetch(&session, &keys, &error);
    sigprocmask(SIG_SETMASK, &before, NULL);
    ok(is_written && result == CREDENTIALS_FAILED && error.data &&
           strstr(error.data, "0000000000000000"),
       "no signal is blocked: %s", error.data ? error.data : "");
    profile_file_free(file);
    buffer_free(&error);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    is_split("a", "<a>");
    is_split("  a\tb\n c ", "<a><b><c>");
    is_split("/opt/a 'b c' \"d e\"", "</opt/a><b c><d e>");
    is_split("a'b'\"c\"d", "<abcd>");
    is_split("a '' \"\"", "<a><><>");
    is_split("a\\ b \\'c \\\\d", "<a b><'c><\\d>");
    is_split("'a\\b' \"a\\b\" \"a\\\"b\" \"a\\\\b\"", "<a\\b><a\\b><a\"b><a\\b>");
    is_split("a;b $HOME `c` | d > e & # f", "<a;b><$HOME><`c`><|><d><>><e><&><#><f>");
    is_split("", "(none)");
    is_split(" \t", "(none)");
    is_split("a 'b", "(none)");
    is_split("a \"b\\\"", "(none)");
    is_split("a\\", "(none)");
    test_signals();
    return done_testing();
}
