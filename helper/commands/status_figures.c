#include "commands/status_figures.h"

#include <inttypes.h>
#include <stdio.h>

#include "text/by_number.h"
#include "text/plain.h"
#include "text/time.h"
#include "update/figures_text.h"

/* Prints the name of a host or method as JSON has it. */
static void print_json_name(struct field name)
{
    struct buffer text = {0};
    figures_add_name(&text, name);
    plain_print(text.data ? text.data : "", "\"\\");
    buffer_free(&text);
}

static void print_line(const struct figures *figures, enum figure figure)
{
    if (!figures->number[figure])
        return;
    struct buffer names = {0};
    printf("    %" PRIu64 " %s", figures->number[figure], figures_reason(figure));
    figures_add_names(&names, figures, figure);
    plain_print(names.data ? names.data : "", "");
    putchar('\n');
    buffer_free(&names);
}

static void print_lines(const struct figures *figures)
{
    printf("%" PRIu64 " %s, %" PRIu64 " counted, %" PRIu64 " left out",
           figures->number[FIGURE_RECORDS],
           by_number(figures->number[FIGURE_RECORDS], "record", "records"),
           figures->number[FIGURE_COUNTED], figures_left_out(figures));
    if (figures->number[FIGURE_EARLIER])
        printf(", %" PRIu64 " counted or left out by an update that was interrupted",
               figures->number[FIGURE_EARLIER]);
    putchar('\n');
    for (unsigned i = FIGURE_FIRST_LEFT_OUT; i < FIGURES; i++)
        print_line(figures, i);
}

void print_figures_lines(const struct ledger_figures *figures)
{
    struct figures last;
    char text[TIME_TEXT_SIZE];
    if (!figures->since)
        return;
    fputs("  last update with new objects, records: ", stdout);
    if (figures->text && figures_read(&last, figures->text))
        print_lines(&last);
    else
        puts("unknown, because AWStats counted it without the plugin cloudfront, or the command "
             "commit marked it as counted");
    if (!time_format(text, TIME_SECOND, figures->since))
        *text = '\0';
    printf("  all batches since %s, records: ", text);
    print_lines(&figures->sum);
    if (figures->unknown)
        printf("    other batches since then, whose numbers of records are unknown: %" PRIu64 "\n",
               figures->unknown);
}

static void print_json_names(const struct figures *figures, enum figure_names which)
{
    struct field list = figures->names[which], name;
    uint64_t records;
    const char *before = "";
    printf(", \"%s\": [", figure_names_name(which));
    while (figures_next_name(&list, &name, &records)) {
        printf("%s{\"name\": \"", before);
        print_json_name(name);
        printf("\", \"records\": %" PRIu64 "}", records);
        before = ", ";
    }
    putchar(']');
}

/* Prints the members of an object. */
static void print_json_numbers(const struct figures *figures)
{
    printf("\"records\": %" PRIu64 ", \"counted\": %" PRIu64 ", \"earlier\": %" PRIu64
           ", \"left_out\": {",
           figures->number[FIGURE_RECORDS], figures->number[FIGURE_COUNTED],
           figures->number[FIGURE_EARLIER]);
    for (unsigned i = FIGURE_FIRST_LEFT_OUT; i < FIGURES; i++)
        printf("%s\"%s\": %" PRIu64, i > FIGURE_FIRST_LEFT_OUT ? ", " : "", figure_name(i),
               figures->number[i]);
    putchar('}');
}

void print_figures_json(const struct ledger_figures *figures)
{
    struct figures last;
    char text[TIME_TEXT_SIZE];
    fputs(",\n \"last_records\": ", stdout);
    if (figures->text && figures_read(&last, figures->text)) {
        putchar('{');
        print_json_numbers(&last);
        for (unsigned i = 0; i < FIGURE_NAMES; i++)
            print_json_names(&last, i);
        putchar('}');
    } else {
        fputs("null", stdout);
    }
    fputs(",\n \"all_records\": ", stdout);
    if (figures->since && time_format(text, TIME_JSON, figures->since)) {
        printf("{\"since\": %s, ", text);
        print_json_numbers(&figures->sum);
        printf(", \"unknown_batches\": %" PRIu64 "}", figures->unknown);
    } else {
        fputs("null", stdout);
    }
}
