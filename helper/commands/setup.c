/* setup: makes everything that a site needs, from its name and the place of its logs; or removes what it made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/check_step.h"
#include "commands/commands.h"
#include "commands/setup_ask.h"
#include "commands/setup_look.h"
#include "commands/setup_make.h"
#include "commands/setup_remove.h"
#include "commands/setup_site.h"
#include "config/site_command.h"
#include "config/site_file.h"
#include "config/sources.h"
#include "setup/policy.h"
#include "setup/shipped.h"
#include "setup/timer.h"
#include "text/message.h"
#include "text/shell_word.h"

/* ---- the next steps of the user ---------------------------------------------------------------- */

static int print_policy(const struct setup_site *setup)
{
    const struct site *site = &setup->site;
    struct buffer text = {0};
    if (!site->source) {
        message_error(
            "there is no section [%s] in %s; give the SOURCE, too: awstats-cloudfront setup "
            "--policy %s s3://BUCKET/PREFIX",
            setup->name, setup->options->config, setup->name);
        return EXIT_USAGE;
    }
    if (!site_has_bucket(site)) {
        char *shown = sources_show(site->source);
        message_error("%s is no bucket, so it needs no IAM policy", shown);
        free(shown);
        return EXIT_USAGE;
    }
    const char *move_error = site_move_error(site), *error = NULL;
    if (move_error) {
        message_error("after = move %s: %s", site->after_to, move_error);
    } else if ((error = policy_add(&text, site))) {
        char *shown = sources_show(site->source);
        message_error("%s: %s", shown, error);
        free(shown);
    } else {
        fputs(text.data, stdout);
        message_note("%s", policy_note(site));
    }
    buffer_free(&text);
    return move_error || error ? EXIT_USAGE : EXIT_DONE;
}

/* Prints the policy, which the user may still have to attach. */
static void show_policy(const struct setup_site *setup)
{
    struct buffer text = {0};
    const char *error = site_has_bucket(&setup->site) ? policy_add(&text, &setup->site) : NULL;
    if (error)
        printf(
            "\nAttach an IAM policy to the IAM user or role whose access key the user %s of this "
            "machine has; setup --policy cannot print it: %s\n",
            setup->place.account.name, error);
    else if (text.size)
        printf("\nThe IAM policy to attach to the IAM user or role whose access key the user %s of "
               "this machine has (%s):\n\n%s",
               setup->place.account.name, policy_note(&setup->site), text.data);
    buffer_free(&text);
}

/* Prints how updates are started, and how to make the report. */
static void show_next(const struct setup_site *setup)
{
    const struct place *place = &setup->place;
    const char *config = place->is_own ? place->config : NULL;
    const struct account *account = &place->account;
    char program[PATH_MAX];
    struct buffer text = {0};
    bool is_root = geteuid() == 0;
    if (!shipped_program(program))
        snprintf(program, sizeof program, "awstats-cloudfront");
    if (setup_has_timer(setup)) {
        timer_add_name(&text, setup->name);
        printf("\n%s counts new logs every hour.\n", text.data);
    } else {
        timer_add_cron_line(&text, program, setup->name, config, is_root ? account : NULL);
        printf("\nTo count new logs every hour, put this line into %s:\n\n    %s\n",
               is_root ? "/etc/cron.d/awstats-cloudfront" : "your crontab (crontab -e)", text.data);
    }
    buffer_clear(&text);
    shell_word_add(&text, program);
    buffer_printf(&text, " update --site %s", setup->name);
    if (config) {
        buffer_add_text(&text, " --config ");
        shell_word_add(&text, config);
    }
    const char *sudo = is_root ? "sudo " : "", *pages = setup->site.report;
    if (pages)
        printf("\nTo count the logs now, and write the report, %s/index.html:\n\n    %s%s\n", pages,
               sudo, text.data);
    else
        printf("\nTo count the logs now, and write the report as pages into a folder:\n\n"
               "    %s%s --report FOLDER\n",
               sudo, text.data);
    buffer_free(&text);
}

/* ---- the site ---------------------------------------------------------------------------------- */

/* Finds the host names and the kind of distribution, and plans what to make.  Returns an exit status. */
static int make_plan(struct setup_plan *plan, struct setup_site *setup, struct look *look)
{
    const struct options *options = setup->options;
    struct names names = {0};
    struct buffer error = {0};
    int status = EXIT_FAILED;
    bool is_complete = setup->has_section && setup->has_report;
    if (!is_complete && !look_at_logs(look, &setup->site, &setup->place.account, &error))
        goto out;
    if (!is_complete && !look->is_download && !look->is_streaming && !options->domain_count) {
        char *shown = sources_show(setup->site.source);
        buffer_printf(&error,
                      "no log of %s could be read, so nothing was made; for a new distribution, "
                      "which has no logs yet, give its main host name with --domain HOST",
                      shown);
        free(shown);
        goto out;
    }
    if (look->is_download && look->is_streaming && setup->site.type == SITE_AUTO) {
        buffer_add_text(
            &error,
            "there are logs of both kinds, download and streaming distributions; make a site "
            "for each, one with --type download, the other with --type streaming");
        goto out;
    }
    status = setup->has_report ? EXIT_DONE : names_find(&names, options, look);
    bool is_streaming =
        setup->site.type == SITE_STREAMING || (setup->site.type == SITE_AUTO && look->is_streaming);
    if (status == EXIT_DONE && !setup_plan_make(plan, setup, &names, is_streaming, &error))
        status = EXIT_FAILED;
out:
    if (error.size)
        message_error("%s", error.data);
    buffer_free(&error);
    names_free(&names);
    return status;
}

/* Prints what to do after a failed check. */
static void explain_check(const struct setup_site *setup)
{
    const struct place *place = &setup->place;
    bool is_self = account_is_self(&place->account);
    struct buffer check = {0};
    site_command_add_named(&check, place->config, setup->name, "check");
    message_error(
        "the site %s is set up, but its check fails; do what the lines with FAIL say, and "
        "run: %s%s%s%s",
        setup->name, is_self ? "" : "sudo -u ", is_self ? "" : place->account.name,
        is_self ? "" : " ", check.data);
    buffer_free(&check);
}

/* Checks the site, as the user who runs its updates.  Returns an exit status. */
static int check_site(const struct setup_site *setup, struct look *look)
{
    struct buffer error = {0};
    int status = look_check(look, setup->options, &setup->place, setup->name, &error);
    if (status < 0)
        message_error("%s", error.data);
    else if (status > 0)
        explain_check(setup);
    buffer_free(&error);
    return status == EXIT_DONE ? EXIT_DONE : EXIT_UNREADY;
}

static void warn_of_environment(const struct setup_site *setup)
{
    if (site_has_bucket(&setup->site) && getenv("AWS_ACCESS_KEY_ID"))
        check_say(
            "warn", "credentials",
            "AWS_ACCESS_KEY_ID is set for this shell alone; the updates of the user %s need a "
            "profile in %s/.aws/credentials%s",
            setup->place.account.name, setup->place.account.home,
            setup_has_timer(setup) ? ", or the keys in /etc/awstats/cloudfront.env" : "");
}

/* Returns whether PATH is below one of the folders, which end with a slash. */
static bool is_below(const char *path, const char *const *folders)
{
    for (; *folders; folders++)
        if (!strncmp(path, *folders, strlen(*folders)))
            return true;
    return false;
}

static bool has_source_below(const char *sources, const char *const *folders)
{
    struct buffer one = {0};
    bool has = false;
    while (!has && (sources = sources_next(sources, &one)))
        has = is_below(one.data, folders);
    buffer_free(&one);
    return has;
}

/* Warns if the site's service needs a drop-in, because the service runs as another user or may not use a folder:
 * the unit has ProtectHome=yes and ProtectSystem=strict. */
static void warn_of_service(const struct setup_site *setup)
{
    static const char *const homes[] = {"/home/", "/root/", "/run/user/", NULL};
    static const char *const writable[] = {
        "/var/lib/awstats/", (SITE_STATE_FOLDER "/"),          "/var/www/",
        "/srv/www/",         "/var/cache/awstats-cloudfront/", NULL};
    const struct place *place = &setup->place;
    char user[ACCOUNT_NAME_SIZE];
    struct buffer lines = {0}, history = {0}, pages = {0};
    timer_find_user(user);
    buffer_printf(&history, "%s/", place->history);
    if (*user && strcmp(user, place->account.name) != 0)
        buffer_printf(&lines, " User=%s", place->account.name);
    if (has_source_below(setup->site.source, homes))
        buffer_add_text(&lines, " ProtectHome=read-only");
    if (!is_below(history.data, writable))
        buffer_printf(&lines, " ReadWritePaths=%s", place->history);
    if (place->pages) {
        buffer_printf(&pages, "%s/", place->pages);
        if (!is_below(pages.data, writable))
            buffer_printf(&lines, " ReadWritePaths=%s", place->pages);
    }
    if (setup_has_timer(setup) && lines.size)
        check_say(
            "warn", "timer",
            "the systemd service lacks permissions that this site needs; run \"systemctl edit "
            "awstats-cloudfront@%s.service\" and write these words, each on a line of its own: "
            "[Service]%s",
            setup->name, lines.data);
    buffer_free(&lines);
    buffer_free(&history);
    buffer_free(&pages);
}

static int set_up(struct setup_site *setup)
{
    struct setup_plan plan = {0};
    struct look look = {0};
    struct buffer error = {0};
    int status = EXIT_FAILED;
    bool dry_run = setup->options->dry_run;
    if (!dry_run && !place_is_writable(&setup->place, &error)) {
        message_error("%s", error.data);
        goto out;
    }
    status = make_plan(&plan, setup, &look);
    if (status != EXIT_DONE)
        goto out;
    if (setup_plan_is_empty(&plan))
        check_say("ok", "setup", "%s is set up already; nothing is changed", setup->name);
    if (dry_run) {
        setup_plan_print(&plan, setup);
        goto out;
    }
    status = setup_make(&plan, setup, &error);
    if (status != EXIT_DONE) {
        message_error("%s", error.data);
        goto out;
    }
    status = check_site(setup, &look);
    warn_of_environment(setup);
    warn_of_service(setup);
    show_policy(setup);
    show_next(setup);
out:
    setup_plan_free(&plan);
    look_free(&look);
    buffer_free(&error);
    return status;
}

/* Returns EXIT_DONE, or EXIT_USAGE after printing one line. */
static int check_words(const struct options *options)
{
    size_t count = options->source_count;
    bool needs_source = !options->policy && !options->remove;
    const char *error = NULL;
    if (options->site_given)
        error = "give the name of the site without --site: awstats-cloudfront setup NAME SOURCE";
    else if (!count)
        error = needs_source ? "give the name of the site and the place of its logs: "
                               "awstats-cloudfront setup NAME s3://BUCKET/PREFIX"
                             : "give the name of the site";
    else if (count == 1 && needs_source)
        error = "give the place of the logs after the name: awstats-cloudfront setup NAME "
                "s3://BUCKET/PREFIX";
    else if (options->remove && (count > 1 || options->policy))
        error = "setup --remove needs the name of one site, and nothing else: awstats-cloudfront "
                "setup --remove NAME";
    else if (count > 2)
        error = "give one NAME and one SOURCE";
    if (error)
        message_error("%s", error);
    return error ? EXIT_USAGE : EXIT_DONE;
}

int command_setup(const struct options *options)
{
    struct setup_site setup = {0};
    int status = check_words(options);
    if (status == EXIT_DONE)
        status = setup_site_read(&setup, options, options->sources[0],
                                 options->source_count > 1 ? options->sources[1] : NULL);
    if (status == EXIT_DONE && options->policy)
        status = print_policy(&setup);
    else if (status == EXIT_DONE && (status = setup_site_find(&setup)) == EXIT_DONE)
        status = options->remove ? setup_remove(&setup) : set_up(&setup);
    setup_site_free(&setup);
    return status;
}
