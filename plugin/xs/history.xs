# The objects that read and write history files.  CloudFront.xs includes this file.

MODULE = AWStats::CloudFront    PACKAGE = AWStats::CloudFront::HistoryFile

AWStats::CloudFront::HistoryFile
new(SV *class, AWStats::CloudFront::Loop loop, SV *error_details)
  CODE:
    PERL_UNUSED_VAR(class);
    RETVAL = history_new(aTHX_ loop, error_details);
  OUTPUT:
    RETVAL

void
begin(AWStats::CloudFront::HistoryFile history, int descriptor)
  CODE:
    history_begin(aTHX_ history, descriptor);

void
end(AWStats::CloudFront::HistoryFile history)
  CODE:
    history_end(history);

bool
save(AWStats::CloudFront::HistoryFile history, const char *section, SV *year, SV *month)
  CODE:
    RETVAL = history_save(aTHX_ history, section, year, month);
  OUTPUT:
    RETVAL

void
DESTROY(AWStats::CloudFront::HistoryFile history)
  CODE:
    history_free(aTHX_ history);

MODULE = AWStats::CloudFront    PACKAGE = AWStats::CloudFront::HistoryHandle

void
READLINE(SV *handle)
  PREINIT:
    struct history *history;
    PerlIO *file;
    SV *line = NULL;
  PPCODE:
    history = object_of(aTHX_ field_of(aTHX_ handle, "history"), "AWStats::CloudFront::HistoryFile");
    file = file_of(aTHX_ handle);
    PUTBACK;
    while (history && file && (line = history_next_line(aTHX_ history, file)) != NULL) {
        SPAGAIN;
        mXPUSHs(line);
        PUTBACK;
        if (GIMME_V != G_LIST)
            break;
    }
    SPAGAIN;
    if (!line && GIMME_V != G_LIST)
        XPUSHs(&PL_sv_undef);
