#include "batch/messages.h"

#include "config/options.h"
#include "config/site_command.h"
#include "text/buffer.h"
#include "text/by_number.h"
#include "text/message.h"

enum { NAMED_MAX = 10 }; /* left-out objects that messages name */

void add_batch_advice(const struct site *site, struct batch_error *error)
{
    struct buffer *line = &error->text;
    switch (error->reason) {
    case BATCH_HELD:
        buffer_add_text(line, "; try again when it has ended, or let this command wait as long as "
                              "that takes, with --wait");
        break;
    case BATCH_OF_OTHER_SITE:
        buffer_printf(
            line,
            "; give [%s] a ledger file of its own with the setting \"state\", or, if [%s] is "
            "only its former name, run: ",
            site->name, error->site);
        site_command_add(line, site, "adopt", "--former=", error->site);
        break;
    case BATCH_OF_OTHER_KIND:
        buffer_add_text(line, "; give the new source a section of its own, or, if none of its "
                              "objects was counted before (else they would count twice), run: ");
        site_command_add(line, site, "commit", "--previous=", error->id);
        break;
    case BATCH_OF_PLUGIN:
        buffer_add_text(line, "; or, if the AWStats reports have its records already (if not, they "
                              "would be lost), run: ");
        site_command_add(line, site, "commit", "--batch=", error->id);
        break;
    case BATCH_ALL_GONE:
        buffer_add_text(
            line, "; check the setting \"source\", or, if the objects are gone for good, go on "
                  "without them (records that AWStats has not counted are lost) by: ");
        site_command_add(line, site, "commit", "--batch=", error->id);
        break;
    case BATCH_OF_OTHER_HOSTS:
        buffer_add_text(line, "; earlier logs were marked as counted without a record, so then "
                              "count their records, too: ");
        site_command_add(line, site, "recount", NULL, NULL);
        break;
    case BATCH_IS_OTHER:
    case BATCH_ERROR:
        break;
    }
}

int print_batch_error(const struct site *site, struct batch_error *error)
{
    int status = error->reason == BATCH_HELD ? EXIT_RUNNING : EXIT_FAILED;
    if (error->text.size) {
        add_batch_advice(site, error);
        message_error("%s", error->text.data);
    }
    batch_error_free(error);
    return status;
}

/* Warns that the batch has a new revision without an object that AWStats may have counted. */
static void print_revision(const struct batch *batch, const struct batch_left_out *first,
                           size_t count)
{
    struct buffer others = {0};
    if (count > 1)
        buffer_printf(&others, " and %zu more", count - 1);
    message_warning("%s%s: %s; batch %s, without %s, replaces batch %s; no action is needed, "
                    "unless AWStats has counted batch %s already: then the update stops, and its "
                    "error message has the command to run",
                    first->name, others.size ? others.data : "", first->error, batch_get(batch)->id,
                    by_number(count, "it", "them"), batch_replaced(batch), batch_replaced(batch));
    buffer_free(&others);
}

/* Names the first objects that hold no requests, and counts the others. */
static void print_passed_over(const struct batch_left_out *left_out, size_t count)
{
    size_t named = 0, more = 0;
    for (const struct batch_left_out *object = left_out; object < left_out + count; object++) {
        if (object->outcome != BATCH_FOREIGN)
            continue;
        if (named < NAMED_MAX)
            message_warning(
                "%s: passed over, because it is no log to count, and not read again: %s",
                object->name, object->error);
        else
            more++;
        named++;
    }
    if (more)
        message_warning(
            "%zu more %s passed over, too, and not read again; keep other files out of the source, "
            "or leave them out by the settings \"include\" and \"exclude\"",
            more, by_number(more, "object is", "objects are"));
}

void print_left_out(const struct site *site, const struct batch *batch)
{
    size_t count, named = 0, more = 0, still = 0;
    const struct batch_left_out *left_out = batch_get_left_out(batch, &count);
    struct buffer status = {0};
    if (count && *batch_replaced(batch)) {
        print_revision(batch, left_out, count);
        return;
    }
    for (const struct batch_left_out *object = left_out; object < left_out + count; object++) {
        if (batch_is_passed_over(object->outcome))
            continue;
        if (batch_was_quarantined(batch, object->object) && object->outcome != BATCH_GONE)
            still++;
        else if (named++ >= NAMED_MAX)
            more++;
        else if (object->outcome == BATCH_GONE)
            message_warning(
                "%s: left out: %s; its records are not counted, unless this object comes back",
                object->name, object->error);
        else if (object->outcome == BATCH_CHANGED)
            message_warning("%s: %s; the next run reads it", object->name, object->error);
        else
            message_error("%s: left out until it can be read: %s; its records are not counted yet, "
                          "and each run tries it again",
                          object->name, object->error);
    }
    print_passed_over(left_out, count);
    site_command_add(&status, site, "status", NULL, NULL);
    if (more)
        message_error(
            "%zu more %s left out; for the names of those that cannot be read yet, run: %s", more,
            by_number(more, "object was", "objects were"), status.data);
    if (still)
        message_note(
            "%zu %s before, still cannot be read and %s left out; for the names, run: %s", still,
            by_number(still, "object, which could not be read", "objects, which could not be read"),
            by_number(still, "stays", "stay"), status.data);
    buffer_free(&status);
}

void print_unknown_request_ids(const struct site *site)
{
    struct buffer verify = {0}, recount = {0};
    site_command_add(&verify, site, "verify", NULL, NULL);
    site_command_add(&recount, site, "recount", NULL, NULL);
    message_note("[%s]: the setting \"unique\" is new, and the requests that were counted before "
                 "are not known, so one of them that comes in another log counts twice; after this "
                 "run, to see whether one did, run: %s; and to count the months again, run: %s",
                 site->name, verify.data, recount.data);
    buffer_free(&verify);
    buffer_free(&recount);
}
