# The objects that count records, and watch how awstats.pl counts the others.  CloudFront.xs includes this file.

MODULE = AWStats::CloudFront    PACKAGE = AWStats::CloudFront::Loop

AWStats::CloudFront::Loop
new(SV *class, HV *setting)
  CODE:
    PERL_UNUSED_VAR(class);
    RETVAL = loop_new(aTHX_ setting);
  OUTPUT:
    RETVAL

void
before_save(AWStats::CloudFront::Loop loop, bool gives_back)
  CODE:
    loop_before_save(aTHX_ loop, gives_back);

unsigned
full_section(AWStats::CloudFront::Loop loop)
  CODE:
    RETVAL = loop_full_section(loop);
  OUTPUT:
    RETVAL

void
after_save(AWStats::CloudFront::Loop loop)
  CODE:
    loop_after_save(loop);

bool
saves_between(AWStats::CloudFront::Loop loop)
  CODE:
    RETVAL = loop_saves_between(aTHX_ loop);
  OUTPUT:
    RETVAL

SV *
visit_range(AWStats::CloudFront::Loop loop, SV *start, SV *end)
  CODE:
    RETVAL = newSVsv(loop_visit_range(aTHX_ loop, start, end));
  OUTPUT:
    RETVAL

unsigned
threads(AWStats::CloudFront::Loop loop)
  CODE:
    RETVAL = loop_threads(loop);
  OUTPUT:
    RETVAL

void
lines(AWStats::CloudFront::Loop loop)
  PREINIT:
    int reason;
  PPCODE:
    for (reason = 0; reason < LOOP_REASONS; reason++) {
        if (loop_lines(loop, reason) > 0) {
            mXPUSHp(loop_words(reason), strlen(loop_words(reason)));
            mXPUSHu((UV)loop_lines(loop, reason));
        }
    }

void
DESTROY(AWStats::CloudFront::Loop loop)
  CODE:
    loop_free(aTHX_ loop);

MODULE = AWStats::CloudFront    PACKAGE = AWStats::CloudFront::Delegated

AWStats::CloudFront::Delegated
new(SV *class, HV *setting)
  CODE:
    PERL_UNUSED_VAR(class);
    RETVAL = delegated_new(aTHX_ setting);
  OUTPUT:
    RETVAL

void
before_save(AWStats::CloudFront::Delegated delegated)
  CODE:
    delegated_before_save(aTHX_ delegated);

void
after_save(AWStats::CloudFront::Delegated delegated)
  CODE:
    delegated_after_save(aTHX_ delegated);

void
DESTROY(AWStats::CloudFront::Delegated delegated)
  CODE:
    delegated_free(aTHX_ delegated);

MODULE = AWStats::CloudFront    PACKAGE = AWStats::CloudFront::Tally

AWStats::CloudFront::Tally
new(SV *class, UV clock, UV seed)
  CODE:
    PERL_UNUSED_VAR(class);
    Newxz(RETVAL, 1, struct tally);
    tally_init(RETVAL, (uint32_t)clock, seed);
  OUTPUT:
    RETVAL

void
numbers(AWStats::CloudFront::Tally tally)
  PREINIT:
    unsigned figure;
  PPCODE:
    /* Returns the figures, name => number. */
    for (figure = 0; figure < FIGURES; figure++) {
        mXPUSHp(figure_name(figure), strlen(figure_name(figure)));
        mXPUSHu((UV)tally->number[figure]);
    }

void
names(AWStats::CloudFront::Tally tally, unsigned kind)
  PREINIT:
    size_t i;
    const struct table *table;
  PPCODE:
    /* Returns the names of left-out hosts (KIND 0) or methods (KIND 1), name => number. */
    if (kind >= FIGURE_NAMES)
        croak("no such names");
    table = &tally->names[kind];
    for (i = 0; i < table->slots; i++) {
        const struct tally_name *name = (const struct tally_name *)table->slot[i];
        if (name) {
            mXPUSHp(name->entry.key, name->entry.size);
            mXPUSHu((UV)name->records);
        }
    }

UV
later(AWStats::CloudFront::Tally tally)
  CODE:
    RETVAL = (UV)tally->later;
  OUTPUT:
    RETVAL

SV *
newest(AWStats::CloudFront::Tally tally)
  CODE:
    /* Returns the time of the latest record that is later than the clock, "YYYY-MM-DD hh:mm:ss". */
    RETVAL = newSVpvn(tally->newest, TALLY_TIME_SIZE);
    if (*tally->newest)
        SvPVX(RETVAL)[CLOCK_DATE_SIZE] = ' ';
  OUTPUT:
    RETVAL

void
DESTROY(AWStats::CloudFront::Tally tally)
  CODE:
    tally_free(tally);
    Safefree(tally);

MODULE = AWStats::CloudFront    PACKAGE = AWStats::CloudFront::Figures

bool
_is_none_counted(const char *text)
  ALIAS:
    _is_clock_behind = 1
    _is_clock_behind_in_part = 2
  PREINIT:
    struct figures figures;
  CODE:
    /* The rules by which an update stops, of the figures of a text: those of normalized/figures.h. */
    if (!figures_read(&figures, text))
        croak("internal error: no figures: %s; report this error", text);
    RETVAL = ix == 0   ? figures_are_none_counted(&figures)
             : ix == 1 ? figures_clock_is_behind(&figures)
                       : figures_clock_is_behind_in_part(&figures);
  OUTPUT:
    RETVAL
